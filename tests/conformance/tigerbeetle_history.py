"""What happened, read from nothing but the ledger's log, and told as TigerBeetle tells it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from ledger.core.account import Side
from ledger.core.hold import HoldLine
from ledger.core.record import (
    AccountChanged,
    AccountOpened,
    Expiry,
    Hold,
    Record,
    Transaction,
    Void,
)
from ledger.core.state import Entry
from tests.conformance.books import Totals
from tests.conformance.tigerbeetle_events import (
    FLAGS,
    ID_MAX,
    NS_MAX,
    PENDING,
    POST,
    USER_DATA,
    VOID,
    AccountEvent,
)

KIND, ACCOUNT = "transfer-", "TB:A"
SINGLE = "single_phase"


@dataclass
class Change:
    """One event: a transfer, or the expiry of a pending one, with both accounts after it."""

    seq: int
    type: str
    id: int
    amount: int
    debit: int
    credit: int
    ledger: int
    code: int
    flags: frozenset[str]
    user_data: dict[str, int]
    pending_id: int = 0
    after: dict[int, Totals] = field(default_factory=dict)
    closed: dict[int, bool] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """Return the event as the peer tells it."""
        expired = self.type == "two_phase_expired"
        return {
            "type": self.type,
            "transfer_id": None if expired else self.id,
            "amount": self.amount,
            "pending_id": self.id if expired else self.pending_id or None,
            "debit_account": self._account(self.debit),
            "credit_account": self._account(self.credit),
        }

    def _account(self, id: int) -> dict[str, Any]:
        return {"id": id, **self.after[id]._asdict(), "closed": self.closed.get(id, False)}


class History:
    """The transfers of a book, rebuilt from its records."""

    def __init__(self, log: Iterable[Entry]) -> None:
        self.totals: dict[str, list[int]] = {}
        self.closed: dict[str, bool] = {}
        self.opened: dict[int, int] = {}
        self.holds: dict[UUID, tuple[Hold, list[int]]] = {}
        self.named: dict[UUID, Change] = {}
        self.events: list[Change] = []
        self.unfinished: Change | None = None
        for entry in log:
            self._take(entry)
        self._finish()

    def _take(self, entry: Entry) -> None:
        record: Record = entry.record
        if not isinstance(record, Void | AccountOpened | AccountChanged | Hold):
            self._finish()
        match record:
            case AccountOpened(account=account) | AccountChanged(account=account):
                self.closed[account.code] = account.state == "closed"
                if isinstance(record, AccountOpened) and account.code.startswith(ACCOUNT):
                    self.opened[_number(account.code)] = entry.seq
            case Transaction():
                self._posted(entry.seq, record)
            case Hold():
                if record.kind != "marker":
                    self._finish()
                self._held(entry.seq, record)
            case Void(hold=id):
                self._let_go(id)
            case Expiry(hold=id):
                self._expired(entry.seq, id)

    def _columns(self, account: str) -> list[int]:
        return self.totals.setdefault(account, [0, 0, 0, 0])

    def _posted(self, seq: int, record: Transaction) -> None:
        for line in record.postings:
            self._columns(line.account)[1 if line.side is Side.DEBIT else 3] += line.quanta
        consumed = None
        for each in record.consumes:
            hold, left = self.holds[each.hold]
            taken = left[each.line - 1] if each.final else each.quanta
            self._reserve(hold.lines[each.line - 1], -taken)
            left[each.line - 1] -= taken
            consumed = each.hold
        if not record.kind.startswith(KIND):
            return
        flags, user_data = _reference(record.reference)
        pending = self.named.get(consumed) if consumed is not None else None
        lines = record.postings
        change = Change(
            seq, SINGLE, record.id.int, lines[0].quanta, _number(lines[0].account),
            _number(lines[1].account), _ledger(lines[0].commodity), _code(record.kind),
            flags, user_data,
        )  # fmt: skip
        if PENDING in flags:
            change.type = "two_phase_pending"
            self.named[uuid5(record.id, PENDING)] = change
        elif flags & {POST, VOID} and pending is not None:
            change.type = "two_phase_posted" if POST in flags else "two_phase_voided"
            change.pending_id, change.ledger = pending.id, pending.ledger
            change.debit, change.credit = pending.debit, pending.credit
            if VOID in flags:
                change.amount = pending.amount
        self.unfinished = change

    def _held(self, seq: int, record: Hold) -> None:
        self.holds[record.id] = (record, [line.quanta for line in record.lines])
        for line in record.lines:
            self._reserve(line, line.quanta)
        if record.kind.startswith(KIND):
            flags, user_data = _reference(record.reference)
            debit, credit = record.lines
            change = Change(
                seq, "two_phase_pending", record.id.int, debit.quanta, _number(debit.account),
                _number(credit.account), _ledger(debit.commodity), _code(record.kind),
                flags, user_data,
            )  # fmt: skip
            self.named[record.id] = self.unfinished = change

    def _let_go(self, id: UUID) -> None:
        hold, left = self.holds[id]
        for line, quanta in zip(hold.lines, left, strict=True):
            self._reserve(line, -quanta)
        left[:] = [0] * len(left)

    def _expired(self, seq: int, id: UUID) -> None:
        self._let_go(id)
        pending = self.named.get(id)
        if pending is not None:
            change = Change(
                seq, "two_phase_expired", pending.id, pending.amount, pending.debit,
                pending.credit, pending.ledger, pending.code, pending.flags, pending.user_data,
            )  # fmt: skip
            self.unfinished = change
            self._finish()
            for flag, account in (
                ("closing_debit", change.debit), ("closing_credit", change.credit),
            ):  # fmt: skip
                if flag in pending.flags:
                    change.closed[account] = False

    def _reserve(self, line: HoldLine, quanta: int) -> None:
        self._columns(line.account)[0 if line.side is Side.DEBIT else 2] += quanta

    def _finish(self) -> None:
        """Take down both accounts once all records of an event are read."""
        change, self.unfinished = self.unfinished, None
        if change is not None:
            for id in (change.debit, change.credit):
                code = f"{ACCOUNT}{id}"
                change.after[id] = Totals(*self._columns(code))
                change.closed[id] = self.closed.get(code, False)
            self.events.append(change)

    def of(self, id: int) -> Change:
        """Return a transfer by its id."""
        return next(each for each in self._transfers() if each.id == id)

    def _transfers(self) -> Iterator[Change]:
        return (each for each in self.events if each.type != "two_phase_expired")

    def of_account(self, asked: Mapping[str, int]) -> list[Change]:
        """Return the transfers of an account that a filter lets through."""
        id = asked["account_id"]
        sides = [side for side in ("debit", "credit") if asked.get(f"{side}s")]
        if id in (0, ID_MAX) or not sides:
            return []
        own = (each for each in self._transfers() if any(getattr(each, s) == id for s in sides))
        return self._filtered(own, asked)

    def transfers(self, asked: Mapping[str, int]) -> list[Change]:
        """Return the transfers that a filter lets through."""
        return self._filtered(self._transfers(), asked)

    def changes(self, asked: Mapping[str, int]) -> list[Change]:
        """Return the events that a filter lets through, expiries too."""
        return self._filtered(self.events, asked)

    def _filtered(self, events: Iterable[Change], asked: Mapping[str, int]) -> list[Change]:
        window = _window(asked, {each.id: each.seq for each in self._transfers()})
        found = [
            each
            for each in events
            if each.seq in window
            and all(asked.get(name, 0) in (0, each.user_data[name]) for name in USER_DATA)
            and asked.get("ledger", 0) in (0, each.ledger)
            and asked.get("code", 0) in (0, each.code)
        ]
        return _ordered(found, asked)

    def accounts_like(
        self, asked: Mapping[str, int], sent: Mapping[int, AccountEvent]
    ) -> list[int]:
        """Return the accounts that a filter lets through, by the order of their opening."""
        window = _window(asked, self.opened)
        names = (*USER_DATA, "ledger", "code")
        found = [
            id
            for id, seq in self.opened.items()
            if seq in window
            and all(asked.get(name, 0) in (0, getattr(sent[id], name)) for name in names)
        ]
        return _ordered(found, asked)


def _ordered(found: list[Any], asked: Mapping[str, int]) -> list[Any]:
    if asked.get("reserved") or asked.get("reserved_flags"):
        return []
    ordered = found[::-1] if asked.get("reversed") else found
    return ordered[: asked.get("limit", len(ordered))]


def _window(asked: Mapping[str, int], places: Mapping[int, int]) -> range:
    """Return the places in the log that a filter on time stamps lets through."""
    first, last = 0, NS_MAX
    for name, value in asked.items():
        if name.startswith("timestamp_") and not name[len("timestamp_min") :]:
            if value >= NS_MAX:
                return range(0)
        elif name.startswith("timestamp_min_of"):
            first = places[value]
        elif name.startswith("timestamp_max_of"):
            last = places[value]
    return range(first, last + 1)


def _reference(text: str) -> tuple[frozenset[str], dict[str, int]]:
    bits, *user_data = (int(part, 16) for part in text.split("/"))
    flags = frozenset(name for place, name in enumerate(FLAGS) if bits >> place & 1)
    return flags, dict(zip(USER_DATA, user_data, strict=True))


def _number(account: str) -> int:
    return int(account.removeprefix(ACCOUNT)) if account.startswith(ACCOUNT) else 0


def _ledger(commodity: str) -> int:
    return int(commodity[1:]) if commodity[1:].isdecimal() else 0


def _code(kind: str) -> int:
    return int(kind.removeprefix(KIND))
