"""What the rules see of a book, and what they decide: plain values, no database."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct

from ledger.core.account import Account, Side
from ledger.core.amount import Commodity
from ledger.core.book import Book
from ledger.core.command import Entrust, Evidence, Party
from ledger.core.entered import Entered, MarketEffect, MarketEvent
from ledger.core.errors import DomainError
from ledger.core.hold import Held
from ledger.core.position import NEVER, Position, Totals
from ledger.core.record import Record, Transaction

PENDING, APPROVED, REJECTED = "pending", "approved", "rejected"
POSTED, REPLAYED, HELD, DONE, REFUSED = "posted", "replayed", "held", "done", "refused"
MISSING: Any = object()
REMEMBERED_MAX, POSITIONS_MAX = 200_000, 500_000


class Seen(Struct, frozen=True, gc=False):
    """A transaction that is in the log."""

    digest: bytes
    seq: int


class Cited(NamedTuple):
    """A foreign digest that is in the log."""

    digest: bytes
    metadata: Mapping[str, str]
    seq: int


class Refusal(NamedTuple):
    """A refusal that stays with its id."""

    id: UUID
    digest: bytes
    code: str
    facts: str


class Proposal(NamedTuple):
    """A body waiting for its approver; its approval hold is record ``seq``."""

    id: UUID
    seq: int
    digest: bytes
    body: str
    preparer: UUID | None
    state: str


class Entry(Struct, frozen=True, gc=False):
    """A record with its place in the log; ``after`` holds the signed balance after each line.

    ``moves`` are the balances that a new transaction moves, line by line.
    """

    seq: int
    booked_at_us: int
    record: Record
    after: tuple[int, ...] = ()
    moves: Sequence[tuple[Position, int, Side]] = ()


class Marks(NamedTuple):
    """How far a book is written: the last record, the last that turnovers and balances tell.

    ``refusals``: how many stay with their ids.
    """

    seq: int
    turned_seq: int
    balanced_seq: int
    refusals: int


NOTHING_YET = Marks(0, 0, 0, 0)


class Turnover(NamedTuple):
    """What moved on a balance: on which day, booked on which day, debits and credits."""

    position: Position
    effective_on: dt.date
    booked_on: dt.date
    dr: int
    cr: int


class Outcome(Struct, frozen=True):
    """What became of one item: posted, replayed, held for approval, done, or refused and why."""

    status: str
    id: UUID | None = None
    seq: int | None = None
    error: DomainError | None = None


class PeriodKey(NamedTuple):
    """A period of one entity and basis."""

    entity: str
    basis: str
    period: str


class VoucherKey(NamedTuple):
    """What a series of voucher numbers runs in: entity, period and type."""

    entity: str
    period: str
    type: str


@dataclass(slots=True)
class Written:
    """What one batch adds to the log and changes beside it, in order."""

    entries: list[Entry] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    commodities: list[Commodity] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    persons: list[Entrust] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    proposals: list[UUID] = field(default_factory=list)
    holds: list[UUID] = field(default_factory=list)
    periods: list[PeriodKey] = field(default_factory=list)
    vouchers: list[VoucherKey] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    market_events: list[MarketEvent] = field(default_factory=list)
    market_effects: list[MarketEffect] = field(default_factory=list)

    @property
    def plain(self) -> bool:
        """Whether all of it are records and the balances they move."""
        return not any(getattr(self, name) for name in BESIDE)

    def mark(self) -> tuple[int, ...]:
        """Note how far each list has grown."""
        return tuple(len(getattr(self, name)) for name in WRITTEN)

    def back_to(self, mark: tuple[int, ...]) -> None:
        """Drop what was added after a mark; positions stay, they only ask to be looked at."""
        for name, length in zip(WRITTEN, mark, strict=True):
            if name != "positions":
                del getattr(self, name)[length:]


WRITTEN = tuple(Written.__dataclass_fields__)
BESIDE = tuple(name for name in WRITTEN if name not in ("entries", "positions"))


@dataclass(slots=True)
class State:
    """What a batch needs of the book: loaded under its lock, moved on by each decision.

    ``marks`` are those of the head on which the batch is decided; ``due`` are holds whose deadline
    has come, ``deadlines`` those placed since then that have one; ``unwritten`` are positions that
    moved since record ``balanced_seq`` and whose balances are not written yet; ``unturned`` those
    that moved since record ``turned_seq``, with the ``turnovers`` of days other than their last
    (``turned_whole``: all that moved since then); ``awaited`` are transactions that the batch
    reverses and may itself post; ``written`` is what it adds; ``matching`` says that a
    market is deciding, whose own the holds of orders are; ``undo`` is kept while a trial is on,
    so that a chain which fails leaves nothing. A state whose writing failed is thrown away whole.
    """

    book: Book
    seq: int
    booked_at_us: int
    accounts_opened: int
    balanced_seq: int = 0
    turned_seq: int = 0
    turned_whole: bool = True
    marks: Marks = NOTHING_YET
    batch: int = 0
    accounts: dict[str, Account] = field(default_factory=dict)
    commodities: dict[str, Commodity] = field(default_factory=dict)
    used: dict[str, bool] = field(default_factory=dict)
    parties: dict[UUID, Party] = field(default_factory=dict)
    positions: dict[tuple[str, str], Position] = field(default_factory=dict)
    stale: dict[tuple[str, str], Position] = field(default_factory=dict)
    unwritten: dict[Position, None] = field(default_factory=dict)
    unturned: dict[Position, None] = field(default_factory=dict)
    turnovers: list[Turnover] = field(default_factory=list)
    booked_on: dt.date = NEVER
    holds: dict[UUID, Held] = field(default_factory=dict)
    due: list[UUID] = field(default_factory=list)
    deadlines: list[UUID] = field(default_factory=list)
    groups: dict[UUID, list[UUID]] = field(default_factory=dict)
    seen: dict[UUID, Seen] = field(default_factory=dict)
    consumptions: dict[UUID, Seen] = field(default_factory=dict)
    refused: dict[UUID, Refusal] = field(default_factory=dict)
    entered: dict[UUID, Entered] = field(default_factory=dict)
    floors: dict[str, Any] = field(default_factory=dict)
    matching: bool = False
    proposals: dict[UUID, Proposal] = field(default_factory=dict)
    originals: dict[UUID, Transaction] = field(default_factory=dict)
    awaited: frozenset[UUID] = frozenset()
    reversals: dict[UUID, UUID] = field(default_factory=dict)
    evidence_digests: dict[UUID, bytes] = field(default_factory=dict)
    cited: dict[tuple[str, str], Cited] = field(default_factory=dict)
    periods: dict[PeriodKey, str] = field(default_factory=dict)
    vouchers: dict[VoucherKey, int] = field(default_factory=dict)
    written: Written = field(default_factory=Written)
    undo: list[Callable[[], None]] | None = None
    days: dict[int, dt.date] = field(default_factory=dict)

    @property
    def today(self) -> dt.date:
        """The day of the book in which the batch is booked."""
        day = self.days.get(self.booked_at_us)
        if day is None:
            self.days = {self.booked_at_us: (day := self.book.day_of(self.booked_at_us))}
        return day

    def open_batch(self, now_us: int) -> None:
        """Begin a batch: its records are booked now, or with the last record if that is later."""
        self.batch += 1
        self.booked_at_us = max(now_us, self.booked_at_us)
        self.written = Written()
        if self.today != self.booked_on:
            self.set_aside()
            self.booked_on = self.today

    def set_aside(self) -> None:
        """Take down the turnovers of all days until now."""
        for position in self.unturned:
            self.begin_day(position, NEVER)
        self.unturned.clear()

    def begin_day(self, position: Position, on: dt.date) -> None:
        """Note that a position is about to move on another day than before."""
        day = position.day
        dr, cr = position.begin_day(on)
        if dr or cr:
            self.turnovers.append(Turnover(position, day, self.booked_on, dr, cr))

    def inherit(self, earlier: "State") -> None:
        """Take over from an earlier, committed state what another writer does not change.

        The accounts must not have changed since. Positions are stale until they are loaded again.
        """
        self.accounts, self.commodities = earlier.accounts, earlier.commodities
        self.used = earlier.used
        self.stale = earlier.stale
        self.stale.update(earlier.positions)

    def is_at(self, seq: int, marks: Marks) -> bool:
        """Whether this is the state after a record, with the book written so far."""
        return (self.seq, self.marks) == (seq, marks)

    def forget(self) -> None:
        """Drop what can be loaded again one by one; nothing may be on its way to the database."""
        for known in (
            self.seen, self.refused, self.proposals, self.holds, self.groups, self.originals,
            self.reversals, self.evidence_digests, self.parties, self.deadlines,
            self.consumptions, self.cited, self.entered,
        ):  # fmt: skip
            known.clear()

    @property
    def full(self) -> bool:
        """Whether so many ids or balances are remembered that some had better be dropped."""
        taken = len(self.consumptions) + len(self.cited) + len(self.entered)
        known = len(self.seen) + len(self.refused) + len(self.holds) + len(self.proposals)
        return known + taken >= REMEMBERED_MAX or self.large

    @property
    def large(self) -> bool:
        """Whether so many balances are remembered that all had better be read anew."""
        return len(self.positions) >= POSITIONS_MAX

    def append(
        self,
        record: Record,
        after: tuple[int, ...] = (),
        moves: Sequence[tuple[Position, int, Side]] = (),
    ) -> int:
        """Give a record the next place in the log."""
        self.seq += 1
        self.written.entries.append(Entry(self.seq, self.booked_at_us, record, after, moves))
        return self.seq

    def put(self, mapping: dict[Any, Any], key: Any, value: Any) -> None:
        """Set a key, so that a trial can take it back."""
        if self.undo is not None:
            self.undo.append(_putting_back(mapping, key, mapping.get(key, MISSING)))
        mapping[key] = value

    def touch(self, position: Position) -> Totals:
        """Note that a position is about to move; return where it stands."""
        totals = position.totals
        if self.undo is not None:
            self.undo.append(self._restoring(position, totals))
        if position.moved_in != self.batch:
            position.moved_in = self.batch
            self.written.positions.append(position)
        return totals

    def _restoring(self, position: Position, totals: Totals) -> Callable[[], None]:
        day, aside = (position.day, position.day_dr, position.day_cr), len(self.turnovers)

        def restore() -> None:
            position.restore(totals)
            position.day, position.day_dr, position.day_cr = day
            del self.turnovers[aside:]

        return restore

    def tried(self, steps: Callable[[], Sequence[Outcome]]) -> Sequence[Outcome]:
        """Take steps of which all stand, or (one is refused) none leaves anything."""
        scalars, mark = (self.seq, self.accounts_opened), self.written.mark()
        self.undo = []
        outcomes = steps()
        undo, self.undo = self.undo, None
        if any(each.error is not None for each in outcomes):
            for step in reversed(undo):
                step()
            self.seq, self.accounts_opened = scalars
            self.written.back_to(mark)
        return outcomes


def _putting_back(mapping: dict[Any, Any], key: Any, value: Any) -> Callable[[], None]:
    if value is MISSING:
        return lambda: mapping.pop(key, None)
    return lambda: mapping.__setitem__(key, value)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the store writes, all of it or none, and what the callers are told."""

    after: State
    outcomes: tuple[tuple[Outcome, ...], ...]
