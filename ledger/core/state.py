"""What the rules see of a book, and what they decide: plain values, no database."""

import datetime as dt
from collections import ChainMap
from collections.abc import MutableMapping
from dataclasses import dataclass, field, fields
from typing import NamedTuple, TypeVar
from uuid import UUID

from ledger.core.account import Account
from ledger.core.amount import Commodity
from ledger.core.book import Book
from ledger.core.command import Evidence, Party
from ledger.core.errors import DomainError
from ledger.core.record import Record, Transaction

K = TypeVar("K")
V = TypeVar("V")
PENDING, APPROVED, REJECTED = "pending", "approved", "rejected"
POSTED, REPLAYED, HELD, DONE, REFUSED = "posted", "replayed", "held", "done", "refused"


class Balance(NamedTuple):
    """Debits and credits of one account in one commodity, posted and held, in quanta."""

    dr_posted: int = 0
    cr_posted: int = 0
    dr_held: int = 0
    cr_held: int = 0
    last_effective_on: dt.date = dt.date.min

    @property
    def signed(self) -> int:
        """The debit-positive balance."""
        return self.dr_posted - self.cr_posted


class Seen(NamedTuple):
    """A transaction that is in the log."""

    digest: bytes
    seq: int


class Refusal(NamedTuple):
    """A refusal that stays with its id."""

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


class Entry(NamedTuple):
    """A record with its place in the log; ``after`` holds the signed balance after each line."""

    seq: int
    booked_at_us: int
    record: Record
    after: tuple[int, ...] = ()


class Outcome(NamedTuple):
    """What became of one item: posted, replayed, held for approval, done, or refused and why."""

    status: str
    id: UUID | None = None
    seq: int | None = None
    error: DomainError | None = None


BalanceKey = tuple[int, str]
TurnoverKey = tuple[int, str, dt.date, dt.date]
Turnover = tuple[int, int]


@dataclass(slots=True)
class State:
    """What a batch needs of the book, loaded under its lock; a fork can be dropped."""

    book: Book
    seq: int
    booked_at_us: int
    accounts_opened: int
    accounts: MutableMapping[str, Account] = field(default_factory=dict)
    commodities: MutableMapping[str, Commodity] = field(default_factory=dict)
    used: MutableMapping[str, bool] = field(default_factory=dict)
    parties: MutableMapping[UUID, Party] = field(default_factory=dict)
    balances: MutableMapping[BalanceKey, Balance] = field(default_factory=dict)
    turnovers: MutableMapping[TurnoverKey, Turnover] = field(default_factory=dict)
    seen: MutableMapping[UUID, Seen] = field(default_factory=dict)
    refused: MutableMapping[UUID, Refusal] = field(default_factory=dict)
    proposals: MutableMapping[UUID, Proposal] = field(default_factory=dict)
    originals: MutableMapping[UUID, Transaction] = field(default_factory=dict)
    reversals: MutableMapping[UUID, UUID] = field(default_factory=dict)
    evidence: MutableMapping[UUID, Evidence] = field(default_factory=dict)
    evidence_digests: MutableMapping[UUID, bytes] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    def fork(self) -> "State":
        """Return an overlay of this state: writing to it changes nothing here."""
        overlay = {name: ChainMap({}, getattr(self, name)) for name in MAPPINGS}
        return State(
            self.book, self.seq, self.booked_at_us, self.accounts_opened,
            **overlay, entries=[],
        )  # fmt: skip

    def join(self, fork: "State") -> None:
        """Take over what a fork of this state has decided."""
        self.seq, self.booked_at_us = fork.seq, fork.booked_at_us
        self.accounts_opened = fork.accounts_opened
        for name in MAPPINGS:
            getattr(self, name).update(changed(getattr(fork, name)))
        self.entries.extend(fork.entries)


MAPPINGS = tuple(
    each.name
    for each in fields(State)
    if each.name
    not in ("book", "seq", "booked_at_us", "accounts_opened", "entries")
)  # fmt: skip


def changed(mapping: MutableMapping[K, V]) -> MutableMapping[K, V]:
    """Return what was written to a forked mapping."""
    return mapping.maps[0] if isinstance(mapping, ChainMap) else mapping


@dataclass(frozen=True, slots=True)
class Decision:
    """What the store writes, all of it or none, and what the callers are told."""

    after: State
    outcomes: tuple[tuple[Outcome, ...], ...]
