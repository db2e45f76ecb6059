"""Eight ways to get a ledger wrong; the simulation must find each of them."""

from collections.abc import Callable, Sequence

import pytest
from msgspec import structs

from ledger.core import holding, posting, replay, rules
from ledger.core.body import Body, HoldBody
from ledger.core.book import Book
from ledger.core.command import Command
from ledger.core.position import Position
from ledger.core.state import REPLAYED, Outcome, State
from ledger.proof.merkle import Tree
from ledger.queueing import Lead
from ledger.store import memory
from ledger.store.bulk import Head
from ledger.store.memory import MemoryConnection, MemorySession
from ledger.store.prepared import Prepared
from ledger.writer import Desk

Patch = pytest.MonkeyPatch
Mutant = Callable[[Patch], None]


def hold_left_out_of_the_floor(patch: Patch) -> None:
    """What is held to go out counts as if it were still there."""
    patch.setattr(Position, "available", property(lambda it: it.sign * (it.dr - it.cr)))
    patch.setattr(Position, "was_available", lambda it, was: it.sign * (was[0] - was[1]))


def expiry_off_by_one(patch: Patch) -> None:
    """A hold lives on in the microsecond of its deadline."""
    right = holding.expire

    def wrong(state: State) -> None:
        now_us = state.booked_at_us
        state.booked_at_us -= 1
        right(state)
        state.booked_at_us = now_us
        written = state.written.entries
        written[:] = [structs.replace(each, booked_at_us=now_us) for each in written]

    patch.setattr(rules, "expire", wrong)


def failed_chain_leaves_a_balance(patch: Patch) -> None:
    """What a chain moved before it failed stays moved."""
    right = State.touch

    def wrong(state: State, position: Position) -> object:
        undo, state.undo = state.undo, None
        totals = right(state, position)
        state.undo = undo
        return totals

    patch.setattr(State, "touch", wrong)


def replay_compares_the_id_only(patch: Patch) -> None:
    """Another body under a known id is taken for the first one."""
    right = replay.answered

    def wrong(state: State, body: Body | HoldBody, digest: bytes) -> Outcome | None:
        seen = state.seen.get(body.id)
        return Outcome(REPLAYED, body.id, seen.seq) if seen else right(state, body, digest)

    patch.setattr(posting, "answered", wrong)
    patch.setattr(holding, "answered", wrong)


def acknowledge_before_commit(patch: Patch) -> None:
    """The caller hears of it first; the commit follows with the next batch."""
    right = MemorySession.lock

    def commit(connection: MemoryConnection) -> None:
        connection.store.step("commit")
        connection.store.step(memory.ANSWER)

    def lock(session: MemorySession, book: object) -> Head:
        session.connection.keep()
        return right(session, book)  # type: ignore[arg-type]

    patch.setattr(MemoryConnection, "commit", commit)
    patch.setattr(MemorySession, "lock", lock)


def retry_without_looking_the_id_up(patch: Patch) -> None:
    """What is sent again is decided as if it were new."""
    right = MemorySession.fill

    def wrong(session: MemorySession, state: State, needs: object, now_us: int) -> None:
        right(session, state, needs, now_us)  # type: ignore[arg-type]
        state.seen.clear()

    patch.setattr(MemorySession, "fill", wrong)


def two_records_swapped(patch: Patch) -> None:
    """The last two records of a batch change places in the log."""
    right = MemorySession.prepare

    def wrong(session: MemorySession, state: State, tree: Tree) -> Prepared:
        prepared = right(session, state, tree)
        log = prepared.hot.log
        log[-2:] = log[-2:][::-1]
        return prepared

    patch.setattr(MemorySession, "prepare", wrong)


def cached_balance_kept_after_another_writer(patch: Patch) -> None:
    """The desk goes on with the balances it remembers, whoever wrote meanwhile."""
    right = Desk._once

    def wrong(desk: Desk, commands: Sequence[Command], lead: Lead) -> object:
        remembered = {} if desk.state is None else desk.state.positions
        fresh = MemorySession.fresh

        def keeping(
            session: MemorySession, book: Book, head: Head, earlier: State | None = None
        ) -> tuple[State, Tree]:
            state, tree = fresh(session, book, head)
            state.positions.update(remembered)
            return state, tree

        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(MemorySession, "fresh", keeping)
            return right(desk, commands, lead)

    patch.setattr(Desk, "_once", wrong)
    patch.setattr(Desk, "_ahead", lambda desk, commands: None)


MUTANTS: Sequence[Mutant] = (
    hold_left_out_of_the_floor,
    expiry_off_by_one,
    failed_chain_leaves_a_balance,
    replay_compares_the_id_only,
    acknowledge_before_commit,
    retry_without_looking_the_id_up,
    two_records_swapped,
    cached_balance_kept_after_another_writer,
)
