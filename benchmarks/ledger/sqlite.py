"""Batches and single transactions on SQLite, beside bare rows in a file of the same settings."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks import books
from benchmarks.clock import Clock
from benchmarks.ledger.place import Place
from benchmarks.ledger.traffic import THOUSAND
from benchmarks.peers import Figure
from benchmarks.table import Pair
from ledger.core.command import Post
from ledger.store import Store

REFERENCE = "bare rows, WAL, FULL"
TABLES = """
CREATE TABLE IF NOT EXISTS bare_transactions (id TEXT PRIMARY KEY, day TEXT, narrative TEXT) STRICT;
CREATE TABLE IF NOT EXISTS bare_postings (id TEXT, account TEXT, commodity TEXT, quanta INTEGER)
STRICT;
"""


def thousand_vs_executemany(place: Place) -> Pair:
    """Batches of a thousand."""
    return _pair(place, THOUSAND)


def single_vs_insert(place: Place) -> Pair:
    """One transaction a commit, one caller."""
    return _pair(place, 1)


def _pair(place: Place, batch: int) -> Pair:
    database = place.folder / f"{batch}.db"
    store = place.closing.enter_context(books.opened(f"sqlite:///{database}"))
    place.settings |= _settings(store)
    bare = place.closing.enter_context(closing(_bare(database.with_suffix(".bare"))))
    clock, one, other = Clock(), books.loads(batch), books.loads(batch)
    callers = 1 if batch == 1 else books.IN_FLIGHT
    return Pair(
        lambda seconds: books.rate(store, one, seconds, clock, callers), REFERENCE,
        lambda seconds: Figure(_executed(bare, other, seconds)), clock,
    )  # fmt: skip


def _settings(store: Store) -> dict[str, str]:
    """Read back how durable the store's own connections commit."""
    with store.writing() as connection:
        return {
            f"SQLite {name}": str(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("journal_mode", "synchronous")
        }


def _bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(TABLES)
    return connection


def _executed(bare: sqlite3.Connection, made: Iterator[books.Load], seconds: float) -> float:
    done, taken = 0, 0.0
    while taken < seconds:
        bodies = [item.body for item in next(made).command.items if isinstance(item, Post)]
        rows = [(str(body.id), str(body.effective_on), body.narrative) for body in bodies]
        lines = [
            (str(body.id), line.account, line.commodity, int(line.amount) * 100)
            for body in bodies
            for line in body.postings
        ]
        start = time.perf_counter()
        with bare:
            bare.executemany("INSERT INTO bare_transactions VALUES (?, ?, ?)", rows)
            bare.executemany("INSERT INTO bare_postings VALUES (?, ?, ?, ?)", lines)
        taken += time.perf_counter() - start
        done += len(bodies)
    return done / taken
