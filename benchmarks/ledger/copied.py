"""COPY of the very rows that the ledger writes, into the same tables, with nothing decided."""

import time
from collections.abc import Iterator

import psycopg

from benchmarks import books
from benchmarks.ledger.place import Place
from benchmarks.ledger.traffic import MOST
from benchmarks.peers import Figure
from benchmarks.peers.address import libpq
from benchmarks.table import Pair
from ledger.core.footprint import footprint
from ledger.core.rules import decide
from ledger.store import Store
from ledger.store.bulk_postgresql import Packed
from ledger.store.migration import migrate

Copies = tuple[tuple[str, bytes], ...]


def vs_copy(place: Place) -> Pair:
    """Batches as long as may be: records, transactions and postings, the same keys and indexes."""
    clock, made = place.clock(), books.loads(MOST)
    target = place.server.fresh("copied")
    migrate(target)
    packed = ready(place.book("packed"), books.loads(MOST))
    return Pair(
        lambda seconds: books.rate(place.store, made, seconds, clock), "COPY of the same rows",
        lambda seconds: Figure(_copied(target, packed, seconds)), clock,
    )  # fmt: skip


def ready(store: Store, made: Iterator[books.Load]) -> Iterator[tuple[int, Copies]]:
    """Decide batches without end and write none; yield how many, and the rows for COPY."""
    session = store.session(writing=True)
    book = session.find(books.BOOK)
    state, tree = session.fresh(book, session.lock(book))
    session.connection.rollback()
    for load in made:
        now_us, commands = store.clock(), (load.command,)
        session.fill(state, footprint(commands), now_us)
        session.connection.rollback()
        decide(state, commands, now_us)
        packed = session.prepare(state, tree).hot
        assert isinstance(packed, Packed)
        yield len(load.command.items), packed.copies


def _copied(url: str, packed: Iterator[tuple[int, Copies]], seconds: float) -> float:
    done, taken = 0, 0.0
    with psycopg.connect(libpq(url)) as connection:
        while taken < seconds:
            size, copies = next(packed)
            start = time.perf_counter()
            for statement, rows in copies:
                with connection.cursor().copy(statement.encode()) as copy:
                    copy.write(rows)
            connection.commit()
            taken += time.perf_counter() - start
            done += size
    return done / taken
