"""The table of a benchmark: every figure beside its reference, measured in turns in one run."""

import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.clock import Clock
from benchmarks.peers import Figure
from ledger.core.refusals import Malformed

RATE = "transactions/s"
WARMING_SECONDS = 1.0
WIDTH_MIN = 120
HEADINGS = (
    "name, unit, reference", "ours", "theirs", "ratio", "min", "max", "must", "aim", "met",
    "Python", "PG",
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """What a row must reach and aims at; of a ratio that is ``less_is_better``, at most."""

    name: str
    must: float | None = None
    aim: float | None = None
    less_is_better: bool = False

    def met(self, ratio: float) -> bool | None:
        """Say whether the ratio is what it must be."""
        if self.must is None:
            return None
        return ratio <= self.must if self.less_is_better else ratio >= self.must


@dataclass(frozen=True)
class Pair:
    """What is measured in turns for some seconds: ours by the clock, then the reference."""

    ours: Callable[[float], float]
    reference: str
    theirs: Callable[[float], Figure]
    clock: Clock
    unit: str = RATE
    warmed: bool = True


@dataclass(frozen=True)
class Row:
    """Medians of ours and of the reference, and of the ratios of each pair of rounds."""

    name: str
    value: float
    unit: str
    reference: str
    reference_value: float | None
    ratio: float | None
    ratio_min: float | None
    ratio_max: float | None
    runs: int
    must: float | None
    aim: float | None
    met: bool | None
    python_cpus: float | None
    postgresql_cpus: float | None
    note: str = ""


def chosen(names: Sequence[str], only: Sequence[str]) -> Sequence[str]:
    """Return the rows that are asked for, all unless some are named; refuse a name that is none."""
    for name in only:
        if name not in names:
            raise Malformed("only", f"{name!r} is none of {', '.join(names)}")
    return only or names


def machine() -> str:
    """Say on what it was measured."""
    return f"{platform.platform()}, Python {platform.python_version()}"


def measured(target: Target, pair: Pair, rounds: int, seconds: float) -> Row:
    """Measure ours and the reference in turns; a reference that cannot be run says why, once."""
    if pair.warmed:
        pair.ours(min(seconds, WARMING_SECONDS))
        pair.clock.reset()
    ours, theirs, note = [], [], ""
    for _ in range(rounds):
        ours.append(pair.ours(seconds))
        if not note:
            figure = pair.theirs(seconds)
            note = figure.reason
            theirs.append(figure.value or 0)
    found = [] if note else [one / other for one, other in zip(ours, theirs, strict=True)]
    ratio = median(found) if found else None
    return Row(
        target.name, median(ours), pair.unit, pair.reference, median(theirs) if found else None,
        ratio, min(found, default=None), max(found, default=None), rounds, target.must, target.aim,
        None if ratio is None else target.met(ratio), *pair.clock.shares, note,
    )  # fmt: skip


def show(table: dict[str, Any]) -> None:
    """Print a benchmark for people."""
    console = Console()
    console.width = max(console.width, WIDTH_MIN)
    for name in ("machine", "server", "durable", "semantics"):
        if name in table:
            console.print(f"{name}: {_words(table[name])}", highlight=False)
    console.print(_ratios(table["rows"]))
    for row in table["rows"]:
        if row["note"]:
            console.print(f"{row['name']}: {row['note']}", highlight=False)
    for each in table["left_out"]:
        console.print(f"{each['name']}: left out, {each['reason']}", highlight=False)
    if table["profile"]:
        console.print(_stages(table["profile"]))


def as_json(rows: list[Row]) -> list[dict[str, Any]]:
    """Return rows as they are printed to programs."""
    return [asdict(row) for row in rows]


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)


def _ratios(rows: list[dict[str, Any]]) -> Table:
    shown = Table(
        caption="Python, PG: processors that ours kept busy, on average",
        box=SIMPLE_HEAD, collapse_padding=True, pad_edge=False,
    )  # fmt: skip
    for number, heading in enumerate(HEADINGS):
        shown.add_column(heading, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        met = {True: "yes", False: "no", None: "-"}[row["met"]]
        shown.add_row(
            f"{row['name']}\n  [dim]{row['unit']}, {row['reference']}[/dim]",
            _number(row["value"]), _number(row["reference_value"]), _number(row["ratio"]),
            _number(row["ratio_min"]), _number(row["ratio_max"]), _number(row["must"]),
            _number(row["aim"]), met, _number(row["python_cpus"]),
            _number(row["postgresql_cpus"]),
        )  # fmt: skip
    return shown


def _stages(profile: list[dict[str, Any]]) -> Table:
    shown = Table(title="microseconds a transaction, one stage after the other", box=SIMPLE_HEAD)
    for name in profile[0]:
        shown.add_column(name, justify="right")
    for each in profile:
        shown.add_row(*(f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
                        for value in each.values()))  # fmt: skip
    return shown


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits do
