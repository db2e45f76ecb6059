"""GEP accounting beside its references, in turns: a made-up county, run and drawn."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

from benchmarks import table
from benchmarks.clock import Clock
from benchmarks.gep import drawn, filed
from benchmarks.gep.drawn import CASE, Drawn
from benchmarks.peers import Figure
from benchmarks.table import Pair, Target

ROUNDS = 3
RUN_SECONDS_ALLOWED = 10.0
SECONDS_ALLOWED, MEGABYTES_ALLOWED = 30.0, 1000.0
OURS, DENSE_WAY = "blocked", "dense"
DENSE = "numpy, one dense array a service"
COUNTY = (
    "20 townships × 12 types × 18 services × 10 years",
    "the run: case folder read, accounts, series, growth, net, supply and use, audit, CSV and XLSX",
    "10,000 draws of that case, its models and prices too, with bands and contributions",
    "beside numpy: quantity × price, 10,000 draws, bands and contributions",
)  # fmt: skip


class Measured(NamedTuple):
    """A row: what it must reach, how it is measured."""

    target: Target
    pair: Callable[["Turns"], Pair]


class Turns:
    """Runs of one way after the other; seconds and memory of a run are told by different rows."""

    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self.clock = Clock()
        self.runs: dict[str, list[Drawn]] = {}

    def run(self, way: str) -> Drawn:
        """Run once more; the clock reads ours only."""
        with nullcontext() if way == DENSE_WAY else self.clock:
            found = drawn.measured(way, quick=self.quick)
        self.runs.setdefault(way, []).append(found)
        return found

    def filed(self) -> float:
        """Read, run and file the county once more; return the seconds it took."""
        with self.clock:
            return filed.measured(quick=self.quick)

    def peak(self, way: str) -> float:
        """Return the most memory of the runs so far, in MB."""
        return max(each.megabytes for each in self.runs.get(way) or [self.run(way)])


def _pair(turns: Turns, ours: Callable[[], float], reference: str,
          theirs: Callable[[], float], unit: str) -> Pair:  # fmt: skip
    turns.clock.reset()
    return Pair(
        lambda _: ours(), reference, lambda _: Figure(theirs()), turns.clock, unit, warmed=False
    )


def county_run(turns: Turns) -> Pair:
    """The whole county with all outputs but the PDF against the time it may take."""
    return _pair(turns, turns.filed, "allowed", lambda: RUN_SECONDS_ALLOWED, "s")


def draws_10000(turns: Turns) -> Pair:
    """The county as a case, every line with its models, against the time it may take."""
    return _pair(turns, lambda: turns.run(CASE).seconds, "allowed", lambda: SECONDS_ALLOWED, "s")


def draws_10000_memory(turns: Turns) -> Pair:
    """The county as a case against the memory it may take."""
    return _pair(turns, lambda: turns.peak(CASE), "allowed", lambda: MEGABYTES_ALLOWED, "MB")


def draws_vs_numpy_dense(turns: Turns) -> Pair:
    """Counties a second, against plain numpy."""
    return _pair(
        turns, lambda: 1 / turns.run(OURS).seconds, DENSE,
        lambda: 1 / turns.run(DENSE_WAY).seconds, "counties/s",
    )  # fmt: skip


def draws_vs_numpy_dense_memory(turns: Turns) -> Pair:
    """Memory, against plain numpy."""
    return _pair(turns, lambda: turns.peak(OURS), DENSE, lambda: turns.peak(DENSE_WAY), "MB")


ROWS = (
    Measured(Target("county_run", 1, less_is_better=True), county_run),
    Measured(Target("draws_10000", 1, less_is_better=True), draws_10000),
    Measured(Target("draws_10000_memory", 1, less_is_better=True), draws_10000_memory),
    Measured(Target("draws_vs_numpy_dense", 1), draws_vs_numpy_dense),
    Measured(
        Target("draws_vs_numpy_dense_memory", 1 / 3, less_is_better=True),
        draws_vs_numpy_dense_memory,
    ),
)
NAMES = tuple(each.target.name for each in ROWS)


def run(
    *,
    quick: bool = False,
    only: Sequence[str] = (),
    long: bool = False,
    profiled: bool = False,
    tell: Callable[[str], None] = lambda name: None,
) -> dict[str, Any]:
    """Measure each way in fresh processes, in turns; ``quick`` draws a very small county once."""
    names = table.chosen(NAMES, only)
    turns, rows = Turns(quick=quick), []
    for each in ROWS:
        if each.target.name in names:
            tell(each.target.name)
            rows.append(table.measured(each.target, each.pair(turns), 1 if quick else ROUNDS, 0))
    return {
        "machine": table.machine(),
        "semantics": COUNTY,
        "rows": table.as_json(rows),
        "left_out": [],
        "profile": [],
    }
