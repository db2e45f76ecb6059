"""What a published figure turns out to be, and the identities by which that is known.

`computed`: quantity × price is the amount; `booked`: the amount is taken as printed; `checked`: an
identity between printed figures holds; `inferred`: a figure was solved back from others; `not
bookable`: what is missing is named; `deviates`: printed figures contradict one another.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from accounting import figures
from accounting.figures import Figure, NotANumber
from accounting.sheet import Record
from ledger.core.errors import Finding

Status = Literal["computed", "booked", "checked", "inferred", "not bookable", "deviates"]
STATUSES: tuple[Status, ...] = (
    "computed", "booked", "checked", "inferred", "not bookable", "deviates"
)  # fmt: skip

DEVIATES = "market.figures-differ"
DOUBTS = frozenset(
    {
        "market.composite-outside",
        "market.no-trading-day",
        "market.unit-no-mass",
        "market.amount-rounded",
        "market.not-summed",
        "market.not-a-figure",
    }
)
"""Findings that need somebody's judgement; the others are faults beyond doubt."""

NOTE = "note: "
SCALES = {"": 1, "万": 10**4, "亿": 10**8}
INVENTED = ("synthetic", "虚拟", "虚构", "figures mine", "concentrations mine", "base mine")
ABSENT = frozenset(
    {"", "-", "--", "—", "——", "–", "/", "…", "n/a", "na", "nan", "none", "null", "无"}
)


@dataclass(frozen=True, slots=True)
class Check:
    """One identity between printed figures: what it says, what comes out, what is printed."""

    what: str
    status: Status
    recomputed: str = ""
    published: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one row of a published table is."""

    file: str
    row: int
    what: str
    status: Status
    published: str = ""
    unit: str = ""
    missing: tuple[str, ...] = ()
    reason: str = ""
    synthetic: bool = False
    checks: tuple[Check, ...] = ()


def number(record: Record, column: str) -> Figure | None:
    """Return a cell that holds one number and nothing else but a scale or a plain unit."""
    try:
        found, rest = figures.read_with_rest(record[column])
    except NotANumber:
        return None
    factor = SCALES.get(rest.rstrip("元吨t"))
    return None if factor is None else scaled(found, factor)


def scaled(figure: Figure, factor: int) -> Figure:
    """Return a figure printed in 万 or 亿, written out."""
    if factor == 1:
        return figure
    whole = figure.times(Fraction(factor))
    return Figure(figures.plain(whole.value), whole.value, whole.half)


def against_itself(check: Check) -> bool:
    """Say whether a row's own figures contradict one another; a note may contradict itself."""
    return check.status == "deviates" and not check.what.startswith(NOTE)


def invented(record: Record) -> bool:
    """Say whether a row calls itself invented: then it counts for no published figure."""
    text = " ".join(record.cells.values()).casefold()
    return any(word in text for word in INVENTED)


def equal(what: str, recomputed: Fraction, printed: Figure, slack: Fraction = Fraction(0)) -> Check:
    """Compare with a printed figure, within half a unit of its last digit and some slack."""
    holds = abs(recomputed - printed.value) <= printed.half + slack
    status: Status = "checked" if holds else "deviates"
    return Check(what, status, figures.plain(recomputed), printed.typed)


def loose(figure: Figure) -> Figure:
    """Return a figure of which the zeros at the end are rounding too, as in 2.1亿 written out."""
    whole = figure.value
    if not whole or whole.denominator != 1:
        return figure
    power = 0
    while whole % 10 ** (power + 1) == 0:
        power += 1
    return Figure(figure.typed, whole, max(figure.half, Fraction(10**power, 2)))


def contradictions(verdict: Verdict) -> Iterable[Finding]:
    """Write every identity of a row that does not hold as a finding."""
    for each in verdict.checks:
        if each.status == "deviates":
            facts = {"recomputed": each.recomputed, "published": each.published}
            title = "Printed figures contradict one another"
            yield Finding(DEVIATES, title, verdict.file, verdict.row, each.what, facts)
