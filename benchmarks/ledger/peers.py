"""Batches of a thousand beside other ledgers for Python, each with packages of its own."""

from benchmarks import books
from benchmarks.ledger.place import Place
from benchmarks.ledger.traffic import THOUSAND
from benchmarks.peers import hordak, python_accounting
from benchmarks.table import Pair


def vs_hordak(place: Place) -> Pair:
    """Beside django-hordak, without what its triggers check."""
    clock, made = place.clock(), books.loads(THOUSAND)
    return Pair(
        lambda seconds: books.rate(place.store, made, seconds, clock),
        "django-hordak, bulk of 100, no check",
        lambda seconds: hordak.rate(
            place.server.fresh("hordak"), place.packages / "hordak", seconds=seconds
        ),
        clock,
    )


def vs_python_accounting(place: Place) -> Pair:
    """Beside python-accounting, one entry at a time."""
    clock, made = place.clock(), books.loads(THOUSAND)
    return Pair(
        lambda seconds: books.rate(place.store, made, seconds, clock),
        "python-accounting, one at a time",
        lambda seconds: python_accounting.rate(
            place.server.fresh("accounting"), place.packages / "accounting", seconds=seconds
        ),
        clock,
    )
