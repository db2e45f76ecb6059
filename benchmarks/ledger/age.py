"""A book that has grown old beside one that is new."""

from benchmarks import books
from benchmarks.ledger.place import Place
from benchmarks.ledger.traffic import MOST, THOUSAND
from benchmarks.peers import Figure
from benchmarks.table import Pair

MILLION = 1_000_000
WARMING_SECONDS = 0.5


def after_1m(place: Place) -> Pair:
    """After a million transactions: a scale at which every run can measure."""
    return _after(place, MILLION)


def after_20m(place: Place) -> Pair:
    """After twenty million transactions."""
    return _after(place, 20 * MILLION)


def _after(place: Place, number: int) -> Pair:
    aged = place.book("aged")
    books.fill(aged, number, MOST)
    clock, made = place.clock(), books.loads(THOUSAND)
    return Pair(
        lambda seconds: books.rate(aged, made, seconds, clock), "a new book",
        lambda seconds: _new(place, seconds), clock,
    )  # fmt: skip


def _new(place: Place, seconds: float) -> Figure:
    made = books.loads(THOUSAND)
    with books.opened(place.server.fresh("new")) as store:
        books.rate(store, made, WARMING_SECONDS)
        return Figure(books.rate(store, made, seconds))
