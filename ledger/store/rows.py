"""The two visible conversions: what is meant, and the rows in which it is stored."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.core.account import Account, Bound, Side
from ledger.core.amount import Commodity, canonical
from ledger.core.body import canonical_json
from ledger.core.hold import Consumption
from ledger.core.record import (
    AccountChanged,
    AccountOpened,
    BookOpened,
    CommodityUsed,
    EntityPeriod,
    Hold,
    Line,
    Record,
    Transaction,
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


def transaction_row(record: Transaction) -> dict[str, Any]:
    """Write a transaction's own columns; its postings and periods stand in their own tables."""
    consumes = [[str(each.hold), each.line, each.quanta, each.final] for each in record.consumes]
    return {
        "id": record.id,
        "digest": record.digest,
        "kind": record.kind,
        "effective_on": record.effective_on,
        "narrative": record.narrative,
        "reference": record.reference,
        "preparer": record.preparer,
        "approver": record.approver,
        "metadata": canonical_json(record.metadata),
        "attachments": canonical_json(list(record.attachments)),
        "reverses": record.reverses,
        "late_for": record.late_for,
        "chain": record.chain,
        "consumes": json.dumps(consumes),
    }


def transaction_of(
    row: Row, periods: tuple[EntityPeriod, ...], lines: tuple[Line, ...]
) -> Transaction:
    """Read a transaction back."""
    consumes = (Consumption(UUID(hold), *rest) for hold, *rest in _json(row["consumes"]))
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
        up_to=(),
        consumes=tuple(consumes),
        postings=lines,
    )


def period_of(row: Row) -> EntityPeriod:
    """Read the period of one entity back."""
    numbered = row["voucher_type"] is not None
    voucher = Voucher(row["voucher_type"], row["voucher_number"]) if numbered else None
    return EntityPeriod(row["entity"], row["period"], voucher)


def event_row(record: Record) -> tuple[str, dict[str, Any]]:
    """Name the log table of a record that has one row, and write that row."""
    match record:
        case Transaction():
            return "transactions", transaction_row(record)
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
        case BookOpened():
            return "book_events", {
                "code": record.code, "time_zone": record.time_zone,
                "policy": canonical_json(record.policy), "user_id": record.user,
            }  # fmt: skip
        case _:
            raise NotImplementedError(record.NAME)


def event_of(table: str, row: Row, kind: int) -> Record:
    """Read a record of one row back."""
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
                row["deadline_us"], row["preparer"],
            )  # fmt: skip
        case "voids":
            return Void(row["hold"], row["reason"], row["user_id"])
        case _:
            return BookOpened(row["code"], row["time_zone"], _json(row["policy"]), row["user_id"])


def _json(text: str) -> Any:
    return json.loads(text)


def _limit(limit: Decimal | None) -> str | None:
    return None if limit is None else canonical(limit)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
