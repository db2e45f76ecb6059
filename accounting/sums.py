"""What the total rows of a published table stand for, and what those rows add up to."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile

from accounting import cells, figures, units
from accounting.figures import Figure, NotANumber
from accounting.sheet import Record
from accounting.units import UnknownUnit

MANY, NEAREST = 2_000_000, 1_000  # rows × totals that are compared every way; rows, if not
NOISE = 1e-9
SAYS_TOTAL = r"合\s*计|总\s*计|小\s*计|总和|共计|\b(?:sub|grand)[-\s]?totals?\b|^\s*totals?\s*$"
TOTAL = re.compile(rf"{SAYS_TOTAL}|总价?值|\btotals?\b|\bsum\b", re.IGNORECASE)
EXPLICIT = re.compile(SAYS_TOTAL, re.IGNORECASE)
SUBTOTAL = re.compile(r"小\s*计|\bsub[-\s]?totals?\b", re.IGNORECASE)
NO_TOTAL = re.compile(
    r"人均|单位面积|增长|增速|增幅|变化|占比|比重|比例|占.*[率%]|指数"
    r"|\b(?:per|growth|shares?|changes?|ratio)\b"
    r"|\btotal (?:nitrogen|phosphorus|suspended|dissolved|organic|[np]\b)",
    re.IGNORECASE,
)
GEP = re.compile(r"\s*(?:GEP|gross ecosystem product)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sum:
    """What the rows a total stands for add up to, in its unit; told, never judged.

    ``cut`` says that a total beyond the half-units misses them by one of its last digits at most.
    """

    of_rows: tuple[int, ...]
    recomputed: str
    difference: str
    within_half_units: bool
    cut: bool = False


def is_total(record: Record) -> bool:
    """Say whether a row names itself a total, and not a growth, a share or a mean of one.

    What prints a quantity and a price is a product, unless it says 合计, 小计 or subtotal.
    """
    names = [record[column] for column in ("service", "indicator")]
    product = not (cells.is_nothing(record["quantity"]) or cells.is_nothing(record["unit_price"]))
    if product and not any(EXPLICIT.search(name) for name in names):
        return False
    return any(_names_total(name) for name in names)


def _names_total(name: str) -> bool:
    return bool(TOTAL.search(name) or GEP.fullmatch(name)) and not NO_TOTAL.search(name)


def _compares(record: Record) -> bool:
    """Say whether a row compares a total with something, as growth, share or mean."""
    name = f"{record['service']} {record['indicator']}"
    return bool(NO_TOTAL.search(name)) and bool(TOTAL.search(name) or "GEP" in name)


def sums(records: Sequence[Record]) -> Iterator[tuple[int, Sum]]:
    """Yield, for each total row with a value, the sum of the rows that it stands for.

    Tables say in many ways what a total is of. The first reading that holds is taken; where none
    does, the first of those above it that has rows.
    """
    entries = [entry for each in records if (entry := _entry(each))]
    totals = [each for each in entries if each.is_total]
    few = len(entries) * len(totals) <= MANY
    last_total = 0
    for total in totals:
        added = _best(total, _readings(total, entries, last_total) if few else
                      _nearest(total, entries, last_total))  # fmt: skip
        last_total = total.record.row
        if added:
            yield total.record.row, added


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A row with a value in base units; ``measures`` is what it may be added to."""

    record: Record
    is_total: bool
    compares: bool
    figure: Figure
    scale: Fraction
    measures: object
    near: float


def _entry(record: Record) -> _Entry | None:
    """Read a row once; None where it has no value. A unit nobody knows only meets itself."""
    measures: object
    try:
        typed = cells.read(record, "value", "value_unit")
        figure, scale = typed.figure, typed.unit.factor
        measures = tuple(each for each in typed.unit.dimension if each[0] != units.PERIOD)
    except UnknownUnit:
        try:
            figure = figures.read(figures.unmarked(record["value"]))
        except NotANumber:
            return None
        scale, measures = Fraction(1), record["value_unit"]
    except NotANumber:
        return None
    figure = figure.times(scale)
    near = float(figure.value)
    return _Entry(record, is_total(record), _compares(record), figure, scale, measures, near)


def _best(total: _Entry, readings: Iterable[list[_Entry]]) -> Sum | None:
    """Return the first reading that holds, else the first above the total, exactly added."""
    above: list[_Entry] = []
    for those in readings:
        if not those:
            continue
        if _nearly(total, those) and (found := _added(total, those)).within_half_units:
            return found
        if not above and those[0].record.row < total.record.row:
            above = those
    return _added(total, above) if above else None


def _nearly(total: _Entry, those: Sequence[_Entry]) -> bool:
    """Say whether rows may add up to a total, to what float64 can tell."""
    value = sum(each.near for each in those)
    slack = float(total.figure.half) + sum(float(each.figure.half) for each in those)
    return abs(value - total.near) <= slack * (1 + NOISE) + NOISE * (abs(value) + abs(total.near))


def _readings(total: _Entry, entries: Sequence[_Entry], last_total: int) -> Iterator[list[_Entry]]:
    """Yield the rows that a total may stand for, the likeliest first."""
    row = total.record.row
    others = [
        each for each in entries
        if each is not total and not each.compares and each.measures == total.measures
    ]  # fmt: skip
    of_year = [each for each in others if each.record["year"] == total.record["year"]]
    above = [each for each in of_year if each.record.row < row]
    plain = [each for each in above if not each.is_total]
    yield _likeliest(total.record, plain, last_total)
    yield [each for each in plain if each.record.row > last_total]
    yield plain
    yield [each for each in above if each.is_total]
    yield [each for each in above if not each.record["indicator"]]
    yield _outermost(above)
    below = [each for each in of_year if each.record.row > row]
    yield [each for each in below if not each.is_total]
    yield [each for each in below if each.is_total]
    yield [each for each in below if each.record["service"] == total.record["service"]]
    yield list(takewhile(lambda each: not each.is_total, below))
    yield [each for each in others if each.record.row < row and not each.is_total]


def _nearest(total: _Entry, entries: Sequence[_Entry], last_total: int) -> Iterator[list[_Entry]]:
    """Yield the rows since the last total: all that is tried where a table has very many."""
    first = bisect_right(entries, last_total, key=lambda each: each.record.row)
    since = takewhile(lambda each: each is not total, entries[first : first + NEAREST])
    yield [each for each in since if each.measures == total.measures]


def _likeliest(total: Record, plain: Sequence[_Entry], last_total: int) -> list[_Entry]:
    """Return the rows above that a total stands for by its name.

    A total of a service, or of an indicator over services, takes the rows that share its name; a
    subtotal without a name takes the rows since the last total; any other takes all of its year.
    """
    if total["service"] and not _names_total(total["service"]):
        return [each for each in plain if each.record["service"] == total["service"]]
    same = [each for each in plain if each.record["indicator"] == total["indicator"]]
    if same and total["indicator"]:
        return same
    if SUBTOTAL.search(f"{total['service']} {total['indicator']}"):
        return [each for each in plain if each.record.row > last_total]
    return list(plain)


def _outermost(above: Sequence[_Entry]) -> list[_Entry]:
    """Return the subtotals above, and the rows of services that have none."""
    summed = {each.record["service"] for each in above if each.is_total}
    return [each for each in above if each.is_total or each.record["service"] not in summed]


def _added(total: _Entry, those: Sequence[_Entry]) -> Sum:
    value = sum((each.figure.value for each in those), Fraction(0))
    half = sum((each.figure.half for each in those), Fraction(0))
    difference = value - total.figure.value
    held = abs(difference) <= half + total.figure.half
    cut = not held and abs(difference) <= 2 * total.figure.half
    rows = tuple(each.record.row for each in those)
    added, off = (figures.plain(each / total.scale) for each in (value, difference))
    return Sum(rows, added, off, held, cut)
