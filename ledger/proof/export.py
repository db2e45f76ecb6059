"""The export that verifies alone: a book's records, balances and evidence as lines of JSON."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from ledger.core.account import Account
from ledger.core.amount import Commodity, canonical
from ledger.core.hold import Consumption
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
    PeriodEvent,
    Record,
    Transaction,
    UpTo,
    Void,
)
from ledger.core.state import Entry

FORMAT = "gep-ledger-export"
VERSION = 1
SIDES = ("debit", "credit")
Fields = dict[str, Any]
Scales = Mapping[str, Commodity]


def opening_line(book: UUID, code: str) -> Fields:
    """Return the first line: what this is, and of which book."""
    return {"format": FORMAT, "version": VERSION, "book": code, "uuid": str(book)}


def record_line(entry: Entry, leaf: bytes, scales: Scales) -> Fields:
    """Return one record as JSON: its place in the log, its fields, and the leaf as stored."""
    head = head_fields(entry.seq, entry.record.NAME, entry.booked_at_us, leaf)
    return {**head, **FIELDS[type(entry.record)](entry.record, entry, scales)}


def head_fields(seq: int, record: str, booked_at_us: int, leaf: bytes) -> Fields:
    """Return what the line of every record begins with."""
    return {"seq": seq, "record": record, "booked_at": instant(booked_at_us), "leaf": leaf.hex()}


def closing_line(seq: int, root: bytes) -> Fields:
    """Return the last line: how many records there are, and the root of their tree."""
    return {"head": {"seq": seq, "root": root.hex()}}


@lru_cache(maxsize=1 << 10)
def instant(microseconds: int) -> str:
    """Write an instant as ISO 8601 UTC with microseconds."""
    seconds, micros = divmod(microseconds, 1_000_000)
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC).replace(microsecond=micros)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def amount(quanta: int, commodity: Commodity) -> str:
    """Write quanta with all the decimals of their commodity."""
    scale = commodity.scale
    if not scale:
        return str(quanta)
    digits = str(abs(quanta)).rjust(scale + 1, "0")
    return f"{'-' if quanta < 0 else ''}{digits[:-scale]}.{digits[-scale:]}"


def balance_line(
    account: str, commodity: Commodity, posted: tuple[int, int], held: tuple[int, int]
) -> Fields:
    """Return one balance: quanta posted and held in each column, and the amount for reading."""
    return {
        "balance": {
            "account": account,
            "commodity": commodity.code,
            "debits": str(posted[0]),
            "credits": str(posted[1]),
            "held_debits": str(held[0]),
            "held_credits": str(held[1]),
            "balance": amount(posted[0] - posted[1], commodity),
        }
    }


def postings(record: Transaction, after: Iterable[int], scales: Scales) -> Iterator[Fields]:
    """Yield a transaction's lines as the contract has them, with side and balance after."""
    for line, balance in zip(record.postings, after, strict=True):
        yield posting_fields(
            line.account, scales[line.commodity], line.signed, SIDES[line.side], balance
        )


def posting_fields(
    account: str, commodity: Commodity, signed: int, side: str, after: int
) -> Fields:
    """Return a line: quanta moved (debit positive) and standing after it, written as amounts."""
    return {
        "account": account,
        "commodity": commodity.code,
        "amount": amount(signed, commodity),
        "side": side,
        "balance_after": amount(after, commodity),
    }


class TransactionFields(NamedTuple):
    """A transaction as the export writes it, in this order."""

    id: str
    digest: str
    kind: str
    effective_on: str
    periods: list[Fields]
    narrative: str
    reference: str
    preparer: str | None
    approver: str | None
    metadata: Mapping[str, str]
    attachments: Sequence[str]
    reverses: str | None
    late_for: str | None
    chain: str | None
    up_to: list[Fields]
    consumes: list[Fields]
    postings: list[Fields]


def period_fields(periods: Iterable[EntityPeriod]) -> list[Fields]:
    """Return the period of each entity of a transaction, and its voucher if it has one."""
    return [
        {
            "entity": each.entity,
            "period": each.period,
            "voucher": each.voucher and each.voucher._asdict(),
        }
        for each in periods
    ]


def up_to_fields(lines: Iterable[UpTo]) -> list[Fields]:
    """Return what lines asked for at most."""
    return [{"line": each.line, "quanta": str(each.quanta)} for each in lines]


def consumes_fields(consumes: Iterable[Consumption]) -> list[Fields]:
    """Return what is taken of holds."""
    return [
        {**each._asdict(), "hold": str(each.hold), "quanta": str(each.quanta)} for each in consumes
    ]


def _transaction(record: Transaction, entry: Entry, scales: Scales) -> Fields:
    return TransactionFields(
        id=str(record.id),
        digest=record.digest.hex(),
        kind=record.kind,
        effective_on=record.effective_on.isoformat(),
        periods=period_fields(record.periods),
        narrative=record.narrative,
        reference=record.reference,
        preparer=_id(record.preparer),
        approver=_id(record.approver),
        metadata=dict(record.metadata),
        attachments=list(record.attachments),
        reverses=_id(record.reverses),
        late_for=record.late_for,
        chain=_id(record.chain),
        up_to=up_to_fields(record.up_to),
        consumes=consumes_fields(record.consumes),
        postings=list(postings(record, entry.after, scales)),
    )._asdict()


def _hold(record: Hold, entry: Entry, scales: Scales) -> Fields:
    return {
        "id": str(record.id),
        "digest": record.digest.hex(),
        "kind": record.kind,
        "reference": record.reference,
        "group": _id(record.group),
        "deadline": None if record.deadline_us is None else instant(record.deadline_us),
        "preparer": _id(record.preparer),
        "lines": [
            {**each._asdict(), "quanta": str(each.quanta), "side": SIDES[each.side]}
            for each in record.lines
        ],
    }


def _consume(record: Consume, entry: Entry, scales: Scales) -> Fields:
    consumes = consumes_fields(record.consumes)
    return {"id": str(record.id), "user": _id(record.user), "consumes": consumes}


def _void(record: Void, entry: Entry, scales: Scales) -> Fields:
    return {"hold": str(record.hold), "reason": record.reason, "user": _id(record.user)}


def _expiry(record: Expiry, entry: Entry, scales: Scales) -> Fields:
    return {"hold": str(record.hold), "deadline": instant(record.deadline_us)}


def _period(record: PeriodEvent, entry: Entry, scales: Scales) -> Fields:
    return {
        "entity": record.entity,
        "basis": record.basis,
        "period": record.period,
        "state": record.state,
        "reason": record.reason,
        "seal": record.seal.hex() if record.seal is not None else None,
        "user": _id(record.user),
    }


def _annotation(record: Annotation, entry: Entry, scales: Scales) -> Fields:
    return {
        "transaction": str(record.transaction),
        "metadata": dict(record.metadata),
        "user": _id(record.user),
    }


def _foreign_digest(record: ForeignDigest, entry: Entry, scales: Scales) -> Fields:
    return {
        "what": record.what,
        "reference": record.reference,
        "digest": record.digest.hex(),
        "metadata": dict(record.metadata),
        "user": _id(record.user),
    }


def _account_event(record: AccountOpened, entry: Entry, scales: Scales) -> Fields:
    return {**account_fields(record.account), "user": _id(record.user)}


def account_fields(account: Account) -> Fields:
    """Return an account as JSON."""
    return {
        "no": account.no,
        "code": account.code,
        "class": account.class_,
        "normal": SIDES[account.normal],
        "entity": account.entity,
        "basis": account.basis,
        "party": _id(account.party),
        "kinds": list(account.kinds),
        "bounds": [
            {
                "commodity": bound.commodity,
                "floor": None if bound.floor is None else canonical(bound.floor),
                "ceiling": None if bound.ceiling is None else canonical(bound.ceiling),
            }
            for bound in account.bounds
        ],
        "always_zero_days": account.always_zero_days,
        "state": account.state,
    }


def _commodity(record: CommodityUsed, entry: Entry, scales: Scales) -> Fields:
    used = record.commodity
    names = ("code", "unit", "scale", "kind", "instrument")
    return {name: getattr(used, name) for name in names}


def _book(record: BookOpened, entry: Entry, scales: Scales) -> Fields:
    return {
        "code": record.code,
        "time_zone": record.time_zone,
        "policy": dict(record.policy),
        "user": _id(record.user),
    }


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)


FIELDS: Mapping[type[Record], Callable[[Any, Entry, Scales], Fields]] = {
    Transaction: _transaction,
    Hold: _hold,
    Consume: _consume,
    Void: _void,
    Expiry: _expiry,
    PeriodEvent: _period,
    Annotation: _annotation,
    ForeignDigest: _foreign_digest,
    AccountOpened: _account_event,
    AccountChanged: _account_event,
    CommodityUsed: _commodity,
    BookOpened: _book,
}
