"""The ledger beside its references, in turns, in one run: what its promises cost."""

import platform
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import books
from benchmarks.peers import cluster, hordak, insert, pgbench
from benchmarks.peers.cluster import Cluster
from ledger.core.command import Post
from ledger.core.footprint import footprint
from ledger.core.rules import decide
from ledger.store import Store, migrate, open_store
from ledger.store.bulk_postgresql import Packed
from ledger.writer import desk

ROUNDS, SECONDS = 3, 6.0
QUICK_SECONDS = 0.5
PROCESSES = 4
SWITCH_SECONDS = "0.0001"
SEMANTICS = (
    "digest, replay and refusal, holds, floors and ceilings, leaf and tree, balance after each "
    "posting, durable commit, checked outcomes"
)
BARE_TABLES = """
CREATE TABLE IF NOT EXISTS bare_transactions (id TEXT PRIMARY KEY, day TEXT, narrative TEXT) STRICT;
CREATE TABLE IF NOT EXISTS bare_postings (id TEXT, account TEXT, commodity TEXT, quanta INTEGER)
STRICT;
"""


@dataclass(frozen=True)
class Row:
    """One figure of ours and its reference's, and the ratio of each pair of rounds."""

    name: str
    value: float
    unit: str
    reference: str
    reference_value: float
    ratio: float
    ratio_min: float
    ratio_max: float
    runs: int
    must: float | None
    aim: float | None


@dataclass(frozen=True)
class Pair:
    """What is measured in turns: ours, then the reference."""

    name: str
    unit: str
    reference: str
    must: float | None
    aim: float | None
    ours: Callable[[float], float]
    theirs: Callable[[float], float]


def run(*, quick: bool = False, only: tuple[str, ...] = ()) -> dict[str, object]:
    """Measure with durable commits; ``quick`` is a smoke run of one short round."""
    sys.setswitchinterval(float(SWITCH_SECONDS))
    rounds, seconds = (1, QUICK_SECONDS) if quick else (ROUNDS, SECONDS)
    with TemporaryDirectory() as folder, cluster.running() as server:
        rows = [
            asdict(_measured(pair, rounds, seconds))
            for pair in chain(_postgresql(server, Path(folder), quick), _sqlite(Path(folder)))
            if not only or pair.name in only
        ]
    return {
        "machine": platform.platform(),
        "server": server.version,
        "durable": dict(server.durable),
        "semantics": SEMANTICS,
        "rows": rows,
    }


def _measured(pair: Pair, rounds: int, seconds: float) -> Row:
    figures = [(pair.ours(seconds), pair.theirs(seconds)) for _ in range(rounds)]
    ratios = [one / other for one, other in figures]
    return Row(
        pair.name, median(one for one, _ in figures), pair.unit, pair.reference,
        median(other for _, other in figures), median(ratios), min(ratios), max(ratios), rounds,
        pair.must, pair.aim,
    )  # fmt: skip


def _postgresql(server: Cluster, folder: Path, quick: bool) -> Iterator[Pair]:
    store = books.opened(server.fresh("ours"))
    url = server.url("ours")

    def ours(batch: int, pick: books.Pick = books.uniform, mixed: int = 0) -> Callable[..., float]:
        made = books.commands(batch, pick, mixed)
        return lambda seconds: books.rate(store, made, seconds)

    def bench(seconds: float) -> float:
        return pgbench.rate(server.fresh("pgbench"), server.binaries, seconds=seconds).value or 1

    rate = "transactions/s"
    with store:
        for batch, must, aim in ((1_000, 10, 20), (8_000, 15, 30)):
            name = f"batch_{batch}_vs_pgbench"
            yield Pair(name, rate, "pgbench, 8 clients", must, aim, ours(batch), bench)
        yield Pair(
            "batch_8000_vs_copy", rate, "COPY of the same rows, same keys", 0.25, 0.5, ours(8_000),
            lambda seconds: _copied(store, server.fresh("copied"), seconds),
        )  # fmt: skip
        if not quick:
            yield Pair(
                "batch_1000_vs_hordak", rate, "django-hordak, bulk of 100, no check", 12, 20,
                ours(1_000),
                lambda seconds: hordak.rate(
                    server.fresh("hordak"), folder / "hordak", seconds=seconds
                ).value or float("nan"),
            )  # fmt: skip
        yield Pair("hot_vs_uniform", rate, "uniform", 0.8, 1.0, ours(8_000, books.hot), ours(8_000))
        yield Pair(
            "mixed_refusals", rate, "none refused, none replayed", 0.7, 0.9,
            ours(8_000, mixed=3), ours(8_000),
        )  # fmt: skip
        yield Pair(
            "four_processes", rate, "one process", 0.7, 1.0,
            lambda seconds: _processes(url, PROCESSES, seconds),
            lambda seconds: _processes(url, 1, seconds),
        )  # fmt: skip
        yield Pair(
            "single_vs_insert", "µs, p50 (less is better)", "bare INSERT and COMMIT", 2, 1.3,
            lambda seconds: books.latency(store, seconds),
            lambda seconds: insert.latency(server.fresh("bare"), seconds=seconds),
        )  # fmt: skip


def _copied(store: Store, url: str, seconds: float) -> float:
    """COPY the rows that the ledger packs for its own transactions, into tables with its keys."""
    migrate(url)
    found = desk(store, books.BOOK).state
    assert found is not None
    session, made = store.session(writing=False), books.commands(8_000)
    state, tree = session.fresh(found.book, session.lock(found.book))
    session.connection.rollback()
    done, taken = 0, 0.0
    with open_store(url) as copied, copied.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        while taken < seconds:
            command = next(made)
            session.fill(state, footprint((command,)), store.clock())
            decide(state, (command,), store.clock())
            packed = session.prepare(state, tree).hot
            assert isinstance(packed, Packed)
            start = time.perf_counter()
            with driver.cursor() as cursor:
                for statement, run in packed.copies:
                    with cursor.copy(statement) as copy:
                        copy.write(run)
            driver.commit()
            taken += time.perf_counter() - start
            done += len(command.items)
    session.connection.close()
    return done / taken


def _processes(url: str, number: int, seconds: float) -> float:
    command = [sys.executable, "-m", "benchmarks.books", url, "1000", str(seconds)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
        for _ in range(number)
    ]
    return sum(float(each.communicate()[0].split()[0]) for each in running)


def _sqlite(folder: Path) -> Iterator[Pair]:
    rate, reference = "transactions/s", "bare rows, same file settings"
    for name, batch, must, aim in (
        ("sqlite_1000_vs_executemany", 1_000, 0.25, 0.4),
        ("sqlite_single_vs_insert", 1, None, None),
    ):
        database = folder / f"{name}.db"
        made = books.commands(batch)
        with books.opened(f"sqlite:///{database}") as store, closing(_bare(database)) as bare:
            yield Pair(
                name, rate, reference, must, aim,
                lambda seconds, store=store, made=made: books.rate(store, made, seconds),  # type: ignore[misc]
                lambda seconds, bare=bare, batch=batch: _executed(bare, batch, seconds),  # type: ignore[misc]
            )  # fmt: skip


def _bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path.with_suffix(".bare"))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(BARE_TABLES)
    return connection


def _executed(bare: sqlite3.Connection, batch: int, seconds: float) -> float:
    done, taken, made = 0, 0.0, books.commands(batch)
    while taken < seconds:
        bodies = [item.body for item in next(made).items if isinstance(item, Post)]
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
        done += batch
    return done / taken
