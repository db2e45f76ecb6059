"""Matching beside the fastest of three order books of others, in turns, on the same random flow."""

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import table
from benchmarks.clock import Clock
from benchmarks.market import engines, flow
from benchmarks.market.flow import Flow
from benchmarks.peers import Figure, not_available, order_books
from benchmarks.table import Pair, Target

ROUNDS, SECONDS = 5, 2.0
QUICK_SECONDS = 0.2
EVENTS, QUICK_EVENTS = 50_000, 2_000
FASTEST = "fastest of three order books"
SEMANTICS = (
    "70 % new orders, 30 % withdrawn", "the same flow for all, by its seed",
    "every engine trades the same quantity, or ends in an error",
)  # fmt: skip


class Place:
    """Flows in files, packages of the peers in a folder, and what each peer reached."""

    def __init__(self, folder: Path, *, quick: bool) -> None:
        self.folder, self.quick = folder, quick
        self.clock = Clock()
        self.stands: dict[str, str] = {}
        self.reached: dict[str, dict[str, float]] = {}

    def flow(self, name: str) -> Flow:
        """Draw a flow, and write it where the peers read it."""
        drawn = flow.flow(QUICK_EVENTS if self.quick else EVENTS, flow.PRICES[name])
        self.stands[name] = f"{drawn.orders:,} orders on {drawn.levels:,} levels at the end"
        self._file(name).write_text(json.dumps(drawn.told), encoding="utf-8")
        return drawn

    def fastest(self, name: str, traded: int, seconds: float) -> Figure:
        """Run every peer over a flow; return the highest rate, or why one could not be run."""
        if self.quick:
            return not_available("packages are not installed in a smoke run")
        best = 0.0
        for peer in order_books.NAMES:
            figure = order_books.rate(peer, self.folder, self._file(name), traded, seconds=seconds)
            if figure.value is None:
                return figure
            told = self.reached.setdefault(name, {})
            told[peer] = max(told.get(peer, 0.0), figure.value)
            best = max(best, figure.value)
        return Figure(best)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.json"


class Measured(NamedTuple):
    """A row: what it must reach, over which flow, and which of our engines."""

    target: Target
    flow: str
    ours: Callable[[Flow, Clock, float], float]


ROWS = (
    Measured(Target("matching_vs_fastest_peer", 3, 5), "deep", engines.matching),
    Measured(Target("matching_shallow_vs_fastest_peer"), "shallow", engines.matching),
    Measured(Target("market_vs_fastest_peer"), "deep", engines.market),
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
    """Measure ours and all peers in turns; ``quick`` is one short round of ours alone."""
    names = table.chosen(NAMES, only)
    rounds, seconds = (1, QUICK_SECONDS) if quick else (ROUNDS, SECONDS)
    rows, told = [], list(SEMANTICS)
    with tempfile.TemporaryDirectory(prefix="gep-bench-") as folder:
        place = Place(Path(folder), quick=quick)
        for each in ROWS:
            if each.target.name in names:
                tell(each.target.name)
                rows.append(table.measured(each.target, _pair(place, each), rounds, seconds))
        for name, stands in place.stands.items():
            reached = place.reached.get(name, {}).items()
            said = "".join(f"; {peer} {rate:,.0f}/s at best" for peer, rate in reached)
            told.append(f"{name} flow: {stands}{said}")
    return {
        "machine": table.machine(),
        "semantics": told,
        "rows": table.as_json(rows),
        "left_out": [],
        "profile": [],
    }


def _pair(place: Place, row: Measured) -> Pair:
    drawn = place.flow(row.flow)
    place.clock.reset()
    return Pair(
        lambda seconds: row.ours(drawn, place.clock, seconds),
        FASTEST,
        lambda seconds: place.fastest(row.flow, drawn.traded, seconds / len(order_books.NAMES)),
        place.clock, "orders/s",
    )  # fmt: skip
