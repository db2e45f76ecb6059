"""The one commit of journal state: lock, load, decide, write, commit, then answer."""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from ledger.core.body import canonical_json
from ledger.core.book import TIME_ZONE, Book
from ledger.core.command import Command
from ledger.core.footprint import footprint
from ledger.core.refusals import BookConflict, UnknownBook
from ledger.core.rules import decide, opening
from ledger.core.state import Outcome, State
from ledger.store import tables
from ledger.store.load import fill, find_book, fresh_state, lock_head
from ledger.proof.merkle import Tree
from ledger.store.store import Store
from ledger.store.write import write

SERIALISATION, DEADLOCK, DECLARED_MEANWHILE = "40001", "40P01", "23505"
RETRIED_STATES = (SERIALISATION, DEADLOCK, DECLARED_MEANWHILE)
TRIES = 6


def submit(store: Store, book: str, command: Command) -> tuple[Outcome, ...]:
    """Post one command, wholly and durably, or refuse it; answer only after the commit."""
    return submit_batch(store, book, (command,))[0]


def submit_batch(
    store: Store, book: str, commands: Sequence[Command]
) -> tuple[tuple[Outcome, ...], ...]:
    """Decide several commands in one commit; each stands or falls alone.

    A lost connection or a serialisation failure repeats the whole batch: ids make that safe.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return _once(store, book, commands)
        except DBAPIError as error:
            if attempt == TRIES or not _worth_repeating(error):
                raise
    raise AssertionError("unreachable")


def _once(store: Store, book: str, commands: Sequence[Command]) -> tuple[tuple[Outcome, ...], ...]:
    with store.writing() as connection:
        found = find_book(connection, book)
        state, tree = fresh_state(connection, found, lock_head(connection, found.id))
        now_us = store.clock()
        fill(connection, state, footprint(commands), now_us)
        decision = decide(state, commands, now_us)
        write(connection, decision.after, tree)
        connection.commit()
    return decision.outcomes


def _worth_repeating(error: DBAPIError) -> bool:
    return error.connection_invalidated or getattr(error.orig, "sqlstate", "") in RETRIED_STATES


def open_book(
    store: Store,
    code: str,
    *,
    time_zone: str = TIME_ZONE,
    policy: Mapping[str, str] | None = None,
    actor: UUID | None = None,
) -> Book:
    """Open a book; the same again changes nothing, another form is refused."""
    stated = Book(0, code, uuid4(), time_zone, dict(policy or {}))
    for last_try in (False, True):
        try:
            with store.writing() as connection:
                return _same_book(connection, stated) or _new_book(store, connection, stated, actor)
        except IntegrityError:
            if last_try:
                raise
    raise AssertionError("unreachable")


def _same_book(connection: Connection, stated: Book) -> Book | None:
    try:
        known = find_book(connection, stated.code)
    except UnknownBook:
        return None
    if (known.time_zone, known.policy) != (stated.time_zone, stated.policy):
        raise BookConflict(stated.code)
    return known


def _new_book(store: Store, connection: Connection, stated: Book, actor: UUID | None) -> Book:
    highest = connection.execute(select(func.max(tables.books.c.id))).scalar_one()
    book = Book((highest or 0) + 1, stated.code, stated.uuid, stated.time_zone, stated.policy)
    connection.execute(insert(tables.books), {"id": book.id, "code": book.code, "uuid": book.uuid})
    head = {"book_id": book.id, "seq": 0, "frontier": b"", "booked_at_us": 0}
    policy = canonical_json(dict(book.policy))
    named = {"accounts_opened": 0, "time_zone": book.time_zone, "policy": policy, "turned_seq": 0}
    connection.execute(insert(tables.heads), {**head, **named})
    decision = opening(State(book, 0, 0, 0), actor, store.clock())
    write(connection, decision.after, Tree(0, []))
    connection.commit()
    return book
