"""Batches and single transactions on PostgreSQL: hot accounts, refusals, several processes."""

from benchmarks import books
from benchmarks.ledger.place import Place
from benchmarks.peers import Figure, insert
from benchmarks.table import Pair

MOST, THOUSAND, MIXED, PROCESSES = 8_000, 1_000, 3, 4
USED = 50_000
PGBENCH = "pgbench, 8 clients"


def thousand_vs_pgbench(place: Place) -> Pair:
    """Batches of a thousand beside PostgreSQL's own benchmark."""
    return _vs_pgbench(place, THOUSAND)


def most_vs_pgbench(place: Place) -> Pair:
    """Batches as long as may be beside PostgreSQL's own benchmark."""
    return _vs_pgbench(place, MOST)


def hot_vs_uniform(place: Place) -> Pair:
    """Half of all postings on one account, beside accounts picked evenly."""
    clock = place.clock()
    one, other = books.loads(THOUSAND, books.hot), books.loads(THOUSAND)
    return Pair(
        lambda seconds: books.rate(place.store, one, seconds, clock), "accounts picked evenly",
        lambda seconds: Figure(books.rate(place.store, other, seconds)), clock,
    )  # fmt: skip


def mixed_refusals(place: Place) -> Pair:
    """Three in a hundred refused and three replayed, beside none."""
    clock = place.clock()
    one, other = books.loads(THOUSAND, mixed=MIXED), books.loads(THOUSAND)
    return Pair(
        lambda seconds: books.rate(place.store, one, seconds, clock), "all posted",
        lambda seconds: Figure(books.rate(place.store, other, seconds)), clock,
    )  # fmt: skip


def four_processes(place: Place) -> Pair:
    """Four processes that write one book, beside one: batches of a thousand, two in flight."""
    clock = place.clock()
    place.store.close()
    return Pair(
        lambda seconds: place.processes(PROCESSES, seconds, clock), "one process",
        lambda seconds: Figure(place.processes(1, seconds)), clock, warmed=False,
    )  # fmt: skip


def single_vs_insert(place: Place) -> Pair:
    """One transaction by one caller, nobody else; the median, in a book that is in use."""
    clock = place.clock()
    books.fill(place.store, USED, THOUSAND)
    return Pair(
        lambda seconds: books.latency(place.store, seconds, clock), "bare INSERT and COMMIT, p50",
        lambda seconds: Figure(insert.latency(place.server.fresh("bare"), seconds=seconds)),
        clock, unit="µs, p50",
    )  # fmt: skip


def _vs_pgbench(place: Place, batch: int) -> Pair:
    clock, made = place.clock(), books.loads(batch)
    return Pair(
        lambda seconds: books.rate(place.store, made, seconds, clock), PGBENCH, place.pgbench, clock
    )
