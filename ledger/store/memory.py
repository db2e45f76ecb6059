"""The store in memory: the same sessions without a database, for tests and for simulation.

A crash, a lost answer or a slow disk is injected through ``step``, which is told of every statement
that a database would have been sent.
"""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from ledger.core import body as bodies
from ledger.core.account import Account
from ledger.core.amount import Commodity
from ledger.core.book import Book
from ledger.core.command import Party
from ledger.core.entered import Entered, MarketEffect, MarketEvent
from ledger.core.footprint import Footprint, names
from ledger.core.hold import PENDING, Held
from ledger.core.position import Position, Totals
from ledger.core.record import Consume, ForeignDigest, Transaction
from ledger.core.refusals import UnknownBook
from ledger.core.rules import opening
from ledger.core.state import (
    Cited,
    Entry,
    Marks,
    PeriodKey,
    Proposal,
    Refusal,
    Seen,
    State,
    VoucherKey,
)
from ledger.proof.merkle import Tree, leaf_of
from ledger.store.bulk import Head
from ledger.store.prepared import Prepared

Step = Callable[[str], None]
ANSWER = "answer of commit"
Pair = tuple[str, str]


def nothing_happens(statement: str) -> None:
    """Let every statement through."""


@dataclass
class Shelf:
    """Everything of one book that a database would hold."""

    book: Book
    log: list[tuple[Entry, bytes]] = field(default_factory=list)
    frontier: bytes = b""
    accounts_opened: int = 0
    transactions: dict[UUID, Seen] = field(default_factory=dict)
    refusals: dict[UUID, Refusal] = field(default_factory=dict)
    proposals: dict[UUID, Proposal] = field(default_factory=dict)
    holds: dict[UUID, Held] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    commodities: dict[str, Commodity] = field(default_factory=dict)
    used: dict[str, bool] = field(default_factory=dict)
    parties: dict[UUID, Party] = field(default_factory=dict)
    balances: dict[Pair, Totals] = field(default_factory=dict)
    evidence: dict[UUID, bytes] = field(default_factory=dict)
    periods: dict[PeriodKey, str] = field(default_factory=dict)
    vouchers: dict[VoucherKey, int] = field(default_factory=dict)
    consumptions: dict[UUID, Seen] = field(default_factory=dict)
    cited: dict[Pair, Cited] = field(default_factory=dict)
    entered: dict[UUID, Entered] = field(default_factory=dict)
    market_events: list[MarketEvent] = field(default_factory=list)
    market_effects: list[MarketEffect] = field(default_factory=list)


@dataclass
class MemoryStore:
    """Books in memory, and the clock that dates their records."""

    clock: Callable[[], int]
    step: Step = nothing_happens
    shelves: dict[str, Shelf] = field(default_factory=dict)
    mutex: threading.Lock = field(default_factory=threading.Lock)
    desks: dict[str, object] = field(default_factory=dict)

    def session(self, *, writing: bool) -> "MemorySession":
        """Open a session; one that only reads sees what is committed."""
        return MemorySession(self, writing=writing)

    def add_book(self, book: Book) -> None:
        """Put up a new book with its first record."""
        state, tree = State(book, 0, 0, 0), Tree(0, [])
        opening(state, None, self.clock())
        self.shelves[book.code] = Shelf(book)
        session = self.session(writing=True)
        session.write(session.prepare(state, tree))
        session.connection.keep()


class MemoryConnection:
    """What is written and not yet kept."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.written: list[Prepared] = []

    def begin(self) -> None:
        """Begin with nothing."""
        self.written = []

    def commit(self) -> None:
        """Keep all of it, or (the machine stops before) nothing; the answer may be lost."""
        self.store.step("commit")
        self.keep()
        self.store.step(ANSWER)

    def keep(self) -> None:
        """Put what was written on the shelf."""
        for prepared in self.written:
            _keep(self.store.shelves[prepared.book.code], prepared)
        self.written = []

    def rollback(self) -> None:
        """Forget what was written."""
        self.written = []

    def close(self) -> None:
        """Forget what was written."""
        self.written = []


class MemorySession:
    """A session on the shelves."""

    def __init__(self, store: MemoryStore, *, writing: bool) -> None:
        self.store, self.writing = store, writing
        self.connection = MemoryConnection(store)

    def find(self, code: str) -> Book:
        """Return the book of this code, or refuse."""
        if code not in self.store.shelves:
            raise UnknownBook(code)
        return self.store.shelves[code].book

    def take_turn(self, book: Book) -> bool:
        """There are no turns here."""
        del book
        return False

    def give_turn(self, book: Book) -> None:
        """There are no turns here."""

    def lock(self, book: Book) -> Head:
        """Return the head: in one thread nobody else can be before it."""
        self.store.step("lock")
        seq = len(self.store.shelves[book.code].log)
        return Head(seq, seq, seq, len(self.store.shelves[book.code].refusals))

    def catch_up(self, book: Book, head: Head) -> None:
        """Nothing lags here."""

    def fresh(self, book: Book, head: Head, earlier: State | None = None) -> tuple[State, Tree]:
        """Return the state and the tree at the head; nothing of an earlier one is trusted."""
        shelf = self.store.shelves[book.code]
        booked_at_us = shelf.log[-1][0].booked_at_us if shelf.log else 0
        state = State(book, head.seq, booked_at_us, shelf.accounts_opened, marks=head.marks)
        state.periods, state.vouchers = dict(shelf.periods), dict(shelf.vouchers)
        if earlier is not None:
            state.floors = earlier.floors
        return state, Tree.read(head.seq, shelf.frontier)

    def fill(self, state: State, needs: Footprint, now_us: int) -> None:
        """Load what a batch needs and the state does not have yet."""
        self.store.step("read")
        shelf = self.store.shelves[state.book.code]
        _fill_floors(state, shelf, needs)
        state.due = _due(shelf, max(now_us, state.booked_at_us))
        for known, kept in (
            (state.seen, shelf.transactions), (state.refused, shelf.refusals),
            (state.proposals, shelf.proposals), (state.holds, shelf.holds),
            (state.consumptions, shelf.consumptions), (state.entered, shelf.entered),
        ):  # fmt: skip
            _copy_missing(known, kept, needs.ids)
        for id in needs.approved:
            if id in state.proposals:
                needs.add(bodies.read(json.loads(state.proposals[id].body)))
        _fill_holds(state, shelf, needs)
        accounts, commodities = names(needs.pairs)
        _copy_missing(state.accounts, shelf.accounts, accounts | needs.accounts)
        _copy_missing(state.commodities, shelf.commodities, commodities | needs.commodities)
        _copy_missing(state.used, shelf.used, commodities)
        _copy_missing(state.evidence_digests, shelf.evidence, needs.evidence)
        _copy_missing(state.parties, shelf.parties, needs.parties)
        _copy_missing(state.cited, shelf.cited, needs.cited)
        _fill_positions(state, shelf, needs)
        _fill_originals(state, shelf, needs.reverses)
        state.awaited = frozenset(needs.reverses).difference(state.originals)

    def prepare(self, state: State, tree: Tree) -> Prepared:
        """Take down all that a decided batch writes."""
        entries = list(state.written.entries)
        leaves = [leaf_of(entry, state.book.uuid) for entry in entries]
        for leaf in leaves:
            tree.add(leaf)
        moved = {each.key: each.totals for each in state.written.positions}
        standing = Shelf(
            state.book, list(zip(entries, leaves, strict=True)), tree.packed,
            state.accounts_opened,
            {id: state.seen[id] for id in _posted(entries)},
            {each.id: each for each in state.written.refusals},
            {id: state.proposals[id] for id in state.written.proposals},
            {id: state.holds[id] for id in state.written.holds},
            {each.code: each for each in state.written.accounts},
            {each.code: each for each in state.written.commodities},
            dict(state.used), {each.id: each for each in state.written.parties}, moved,
            {each.id: each.digest for each in state.written.evidence},
            dict(state.periods), dict(state.vouchers),
            {id: state.consumptions[id] for id in _taken(entries)},
            {key: state.cited[key] for key in _cited(entries)},
            {each.id: state.entered[each.id] for each in state.written.market_events},
            state.written.market_events, state.written.market_effects,
        )  # fmt: skip
        tree.grown.clear()
        state.turnovers.clear()
        before, state.marks = (
            state.marks,
            Marks(
                state.seq, state.seq, state.seq, state.marks.refusals + len(state.written.refusals)
            ),
        )
        return Prepared(state.book, state.seq, standing, (), before=before)

    def one_trip(self) -> AbstractContextManager[None]:
        """There are no trips here."""
        return nullcontext()

    def write(self, prepared: Prepared) -> None:
        """Write a prepared batch behind the head, not yet for good."""
        for statement in ("records", "balances", "head"):
            self.store.step(f"write {statement}")
        self.connection.written.append(prepared)


def _keep(shelf: Shelf, prepared: Prepared) -> None:
    added: Shelf = prepared.hot
    shelf.log.extend(added.log)
    shelf.market_events.extend(added.market_events)
    shelf.market_effects.extend(added.market_effects)
    shelf.frontier, shelf.accounts_opened = added.frontier, added.accounts_opened
    for name in (
        "transactions", "refusals", "proposals", "holds", "accounts", "commodities", "used",
        "parties", "balances", "evidence", "periods", "vouchers",
        "consumptions", "cited", "entered",
    ):  # fmt: skip
        getattr(shelf, name).update(getattr(added, name))


def _posted(entries: list[Entry]) -> Iterator[UUID]:
    for entry in entries:
        if isinstance(entry.record, Transaction):
            yield entry.record.id


def _taken(entries: list[Entry]) -> Iterator[UUID]:
    for entry in entries:
        if isinstance(entry.record, Consume):
            yield entry.record.id


def _cited(entries: list[Entry]) -> Iterator[Pair]:
    for entry in entries:
        if isinstance(entry.record, ForeignDigest):
            yield entry.record.what, entry.record.reference


def _due(shelf: Shelf, now_us: int) -> list[UUID]:
    return [
        held.id
        for held in shelf.holds.values()
        if held.state == PENDING and held.deadline_us is not None and held.deadline_us <= now_us
    ]


def _copy_missing(known: dict[Any, Any], kept: dict[Any, Any], keys: Iterable[Any]) -> None:
    for key in keys:
        if key in kept and key not in known:
            known[key] = kept[key]


def _fill_floors(state: State, shelf: Shelf, needs: Footprint) -> None:
    for code, told in needs.entered.items():
        if code not in state.floors:
            state.floors[code] = told[0].floor()
        floor = state.floors[code]
        stored = (each for each in shelf.market_events if each.market == code)
        floor.replay([each for each in stored if each.number > floor.number])
        floor.needs(needs, told)


def _fill_holds(state: State, shelf: Shelf, needs: Footprint) -> None:
    for group in needs.groups:
        of_group = [held.id for held in shelf.holds.values() if held.group == group]
        members = state.groups.setdefault(group, [])
        members.extend(id for id in of_group if id not in members)
        needs.holds.extend(members)
    _copy_missing(state.holds, shelf.holds, (*needs.holds, *state.due))
    for held in state.holds.values():
        needs.pairs.update((line.account, line.commodity) for line in held.lines)


def _fill_positions(state: State, shelf: Shelf, needs: Footprint) -> None:
    for pair in needs.pairs - state.positions.keys():
        account, commodity = state.accounts.get(pair[0]), state.commodities.get(pair[1])
        if account is not None and commodity is not None:
            state.positions[pair] = Position(account, commodity, shelf.balances.get(pair))
    for (code, symbol), totals in shelf.balances.items():
        account = shelf.accounts[code]
        closing = (account.entity, account.basis) in needs.closing
        if closing and (code, symbol) not in state.positions:
            state.accounts.setdefault(code, account)
            state.positions[code, symbol] = Position(account, shelf.commodities[symbol], totals)


def _fill_originals(state: State, shelf: Shelf, ids: Iterable[UUID]) -> None:
    wanted = set(ids)
    for entry, _ in shelf.log if wanted else ():
        record = entry.record
        if isinstance(record, Transaction):
            if record.id in wanted:
                state.originals[record.id] = record
            if record.reverses in wanted:
                state.reversals[record.reverses] = record.id
