"""The two visible conversions: what is meant, and the rows in which it is stored."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.core.account import Account, Bound, Side
from ledger.core.amount import Commodity, canonical
from ledger.core.body import canonical_json
from ledger.core.command import Entrust
from ledger.core.hold import Consumption, Held, HoldLine
from ledger.core.record import (
    AccountChanged,
    AccountOpened,
    Annotation,
    BookOpened,
    CommodityUsed,
    Consume,
    EntityPeriod,
    Expiry,
    ForeignDigest,
    Hold,
    Line,
    PeriodEvent,
    Record,
    Transaction,
    UpTo,
    Void,
    Voucher,
)

Row = Mapping[str, Any]


def account_row(account: Account) -> dict[str, Any]:
    """Write an account's own columns."""
    bounds = [
        [bound.commodity, _limit(bound.floor), _limit(bound.ceiling)] for bound in account.bounds
    ]
    return {
        "code": account.code,
        "class": account.class_,
        "normal": int(account.normal),
        "basis": account.basis,
        "party": account.party,
        "kinds": canonical_json(list(account.kinds)),
        "bounds": canonical_json(bounds),
        "always_zero_days": account.always_zero_days,
        "state": account.state,
    }


def account_of(row: Row, no: int) -> Account:
    """Read an account back."""
    bounds = (
        Bound(code, _decimal(low), _decimal(high)) for code, low, high in _json(row["bounds"])
    )
    return Account(
        code=row["code"],
        class_=row["class"],
        basis=row["basis"],
        normal=Side(row["normal"]),
        party=row["party"],
        kinds=tuple(_json(row["kinds"])),
        bounds=tuple(bounds),
        always_zero_days=row["always_zero_days"],
        state=row["state"],
        no=no,
    )


def commodity_row(commodity: Commodity) -> dict[str, Any]:
    """Write a commodity."""
    names = ("code", "unit", "scale", "kind", "instrument")
    return {name: getattr(commodity, name) for name in names}


def commodity_of(row: Row) -> Commodity:
    """Read a commodity back."""
    return Commodity(row["code"], row["unit"], row["scale"], row["kind"], row["instrument"])


def person_row(book_id: int, entrusted: Entrust) -> dict[str, Any]:
    """Write what is personal, for the erasable table."""
    bound = {"book_id": book_id, "account": entrusted.account, "id": entrusted.id}
    return {**bound, "salt": entrusted.salt, **entrusted.person._asdict()}


def transaction_tail(record: Transaction) -> dict[str, Any]:
    """Write the columns of a transaction that most leave empty."""
    return {
        "metadata": canonical_json(record.metadata),
        "attachments": canonical_json(list(record.attachments)),
        "reverses": record.reverses,
        "late_for": record.late_for,
        "chain": record.chain,
        "consumes": consumes_text(record.consumes),
        "up_to": json.dumps([list(each) for each in record.up_to]) if record.up_to else None,
    }


def consumes_text(consumes: Iterable[Consumption]) -> str:
    """Write what is taken of holds as JSON."""
    return json.dumps([[str(each.hold), each.line, each.quanta, each.final] for each in consumes])


def transaction_of(
    row: Row, periods: tuple[EntityPeriod, ...], lines: tuple[Line, ...]
) -> Transaction:
    """Read a transaction back."""
    return Transaction(
        id=row["id"],
        digest=row["digest"],
        kind=row["kind"],
        effective_on=row["effective_on"],
        periods=periods,
        narrative=row["narrative"],
        reference=row["reference"],
        preparer=row["preparer"],
        approver=row["approver"],
        metadata=_json(row["metadata"]),
        attachments=tuple(_json(row["attachments"])),
        reverses=row["reverses"],
        late_for=row["late_for"],
        chain=row["chain"],
        up_to=tuple(UpTo(*each) for each in _json(row["up_to"] or "[]")),
        consumes=_consumes(row["consumes"]),
        postings=lines,
    )


def period_of(row: Row) -> EntityPeriod:
    """Read the period of one entity back."""
    numbered = row["voucher_type"] is not None
    voucher = Voucher(row["voucher_type"], row["voucher_number"]) if numbered else None
    return EntityPeriod(row["entity"], row["period"], voucher)


def held_row(held: Held) -> dict[str, Any]:
    """Write how a hold stands."""
    return {
        "id": held.id, "seq": held.seq, "digest": held.digest, "kind": held.kind,
        "group_id": held.group, "deadline_us": held.deadline_us,
        "remaining": json.dumps(held.remaining), "state": held.state,
        "settled_seq": held.settled_seq,
    }  # fmt: skip


def held_of(row: Row, lines: tuple[HoldLine, ...]) -> Held:
    """Read how a hold stands back."""
    return Held(
        row["id"], row["seq"], row["digest"], row["kind"], row["group_id"], row["deadline_us"],
        lines, tuple(_json(row["remaining"])), row["state"], row["settled_seq"],
    )  # fmt: skip


def event_row(  # noqa: C901, PLR0911 - one for each kind
    record: Record,
) -> tuple[str, dict[str, Any]]:
    """Name the log table of a record that has one row, and write that row."""
    match record:
        case AccountOpened() | AccountChanged():
            account = {"account_no": record.account.no, **account_row(record.account)}
            return "account_events", {**account, "user_id": record.user}
        case CommodityUsed():
            return "commodity_uses", commodity_row(record.commodity)
        case Hold():
            return "holds", {
                "id": record.id, "digest": record.digest, "kind": record.kind,
                "reference": record.reference, "group_id": record.group,
                "deadline_us": record.deadline_us, "preparer": record.preparer,
            }  # fmt: skip
        case Void():
            return "voids", {"hold": record.hold, "reason": record.reason, "user_id": record.user}
        case Consume():
            return "consumptions", {
                "id": record.id, "consumes": consumes_text(record.consumes), "user_id": record.user,
            }  # fmt: skip
        case ForeignDigest():
            return "foreign_digests", {
                "what": record.what, "reference": record.reference, "digest": record.digest,
                "metadata": canonical_json(record.metadata), "user_id": record.user,
            }  # fmt: skip
        case Expiry():
            return "expiries", {"hold": record.hold, "deadline_us": record.deadline_us}
        case PeriodEvent():
            return "period_events", {
                "entity": record.entity, "basis": record.basis, "period": record.period,
                "state": record.state, "reason": record.reason, "seal": record.seal,
                "user_id": record.user,
            }  # fmt: skip
        case Annotation():
            return "annotations", {
                "transaction_id": record.transaction, "metadata": canonical_json(record.metadata),
                "user_id": record.user,
            }  # fmt: skip
        case BookOpened():
            return "book_events", {
                "code": record.code, "time_zone": record.time_zone,
                "policy": canonical_json(record.policy), "user_id": record.user,
            }  # fmt: skip
        case _:
            raise NotImplementedError(record.NAME)


def event_of(  # noqa: PLR0911 - one for each kind
    table: str, row: Row, kind: int, lines: tuple[HoldLine, ...] = ()
) -> Record:
    """Read a record of one row back; a hold also has lines."""
    match table:
        case "account_events":
            account = account_of(row, row["account_no"])
            opened = kind == AccountOpened.KIND
            return (AccountOpened if opened else AccountChanged)(account, row["user_id"])
        case "commodity_uses":
            return CommodityUsed(commodity_of(row))
        case "holds":
            return Hold(
                row["id"], row["digest"], row["kind"], row["reference"], row["group_id"],
                row["deadline_us"], row["preparer"], lines,
            )  # fmt: skip
        case "expiries":
            return Expiry(row["hold"], row["deadline_us"])
        case "period_events":
            return PeriodEvent(
                row["entity"], row["basis"], row["period"], row["state"], row["reason"],
                row["seal"], row["user_id"],
            )  # fmt: skip
        case "annotations":
            return Annotation(row["transaction_id"], _json(row["metadata"]), row["user_id"])
        case "consumptions":
            return Consume(row["id"], row["user_id"], _consumes(row["consumes"]))
        case "foreign_digests":
            return ForeignDigest(
                row["what"], row["reference"], row["digest"], _json(row["metadata"]),
                row["user_id"],
            )  # fmt: skip
        case "voids":
            return Void(row["hold"], row["reason"], row["user_id"])
        case _:
            return BookOpened(row["code"], row["time_zone"], _json(row["policy"]), row["user_id"])


def _consumes(text: str) -> tuple[Consumption, ...]:
    return tuple(Consumption(UUID(hold), *rest) for hold, *rest in _json(text))


def _json(text: str) -> Any:
    return json.loads(text)


def _limit(limit: Decimal | None) -> str | None:
    return None if limit is None else canonical(limit)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
