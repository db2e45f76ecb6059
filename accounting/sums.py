"""What the total rows of a published table stand for, and what those rows add up to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from accounting import cells, figures, units
from accounting.figures import Figure, NotANumber
from accounting.sheet import Record
from accounting.units import DifferentDimension, UnknownUnit

TOTAL = re.compile(
    r"合\s*计|总\s*计|小\s*计|总和|共计|累计|总(?:价|产)?值|\b(?:(?:sub|grand)[-\s]?)?totals?\b|\bsum\b",
    re.IGNORECASE,
)
SUBTOTAL = re.compile(r"小\s*计|\bsub[-\s]?totals?\b", re.IGNORECASE)
NO_TOTAL = re.compile(
    r"人均|单位面积|增长|增速|增幅|变化|占比|比重|比例|占.*[率%]|指数|\b(?:per|growth|shares?|changes?|ratio)\b",
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
    """Say whether a row names itself a total, and not a growth, a share or a mean of one."""
    return any(_names_total(record[column]) for column in ("service", "indicator"))


def _names_total(name: str) -> bool:
    return bool(TOTAL.search(name) or GEP.fullmatch(name)) and not NO_TOTAL.search(name)


def sums(records: Sequence[Record]) -> Iterator[tuple[int, Sum]]:
    """Yield, for each total row with a value, the sum of the rows that it stands for.

    Tables say in many ways what a total is of. The first reading that holds is taken; where none
    does, the first of those above it that has rows.
    """
    last_total = 0
    for record in records:
        if not is_total(record):
            continue
        found = [added for those in _readings(record, records, last_total)
                 if (added := _added(record, those))]  # fmt: skip
        last_total = record.row
        above = [each for each in found if each.of_rows[0] < record.row]
        held = [each for each in found if each.within_half_units]
        if held or above:
            yield record.row, (held or above)[0]


def _readings(total: Record, records: Sequence[Record], last_total: int) -> Iterator[list[Record]]:
    """Yield the rows that a total may stand for, the likeliest first."""
    others = [
        each for each in records if each.row != total.row and not NO_TOTAL.search(_name(each))
    ]
    of_year = [each for each in others if each["year"] == total["year"]]
    above = [each for each in of_year if each.row < total.row]
    plain = [each for each in above if not is_total(each)]
    yield _likeliest(total, plain, last_total)
    yield [each for each in plain if each.row > last_total]
    yield plain
    yield [each for each in above if is_total(each)]
    yield [each for each in above if not each["indicator"]]
    yield _outermost(above)
    below = [each for each in of_year if each.row > total.row]
    yield [each for each in below if not is_total(each)]
    yield [each for each in below if is_total(each)]
    yield [each for each in below if each["service"] == total["service"]]
    following = next((each.row for each in below if is_total(each)), None)
    yield [each for each in below if following is None or each.row < following]
    yield [each for each in others if each.row < total.row and not is_total(each)]


def _name(record: Record) -> str:
    return record["service"] + " " + record["indicator"]


def _likeliest(total: Record, plain: Sequence[Record], last_total: int) -> list[Record]:
    """Return the rows above that a total stands for by its name.

    A total of a service, or of an indicator over services, takes the rows that share its name; a
    subtotal without a name takes the rows since the last total; any other takes all of its year.
    """
    if total["service"] and not _names_total(total["service"]):
        return [each for each in plain if each["service"] == total["service"]]
    same = [each for each in plain if each["indicator"] == total["indicator"]]
    if same and total["indicator"]:
        return same
    if SUBTOTAL.search(_name(total)):
        return [each for each in plain if each.row > last_total]
    return list(plain)


def _outermost(above: Sequence[Record]) -> list[Record]:
    """Return the subtotals above, and the rows that no subtotal stands for."""
    kept: list[Record] = []
    for each in above:
        if is_total(each):
            kept = [one for one in kept if is_total(one) or one["service"] != each["service"]]
        kept.append(each)
    return kept


def _added(total: Record, those: Sequence[Record]) -> Sum | None:
    unit = total["value_unit"]
    printed = _value_in(unit, total)
    found = [(each.row, figure) for each in those if (figure := _value_in(unit, each))]
    if printed is None or not found:
        return None
    value = sum((figure.value for _, figure in found), Fraction(0))
    slack = sum((figure.half for _, figure in found), printed.half)
    difference = value - printed.value
    rows = tuple(row for row, _ in found)
    held = abs(difference) <= slack
    cut = not held and abs(difference) <= 2 * printed.half
    return Sum(rows, figures.plain(value), figures.plain(difference), held, cut)


def _value_in(unit: str, record: Record) -> Figure | None:
    """Return a row's value in another row's unit; a row that has none is left out."""
    try:
        typed = cells.read(record, "value", "value_unit")
        return typed.figure.times(units.conversion(typed.unit, units.parse(unit)).factor)
    except UnknownUnit:
        return _alike(unit, record)
    except (NotANumber, DifferentDimension):
        return None


def _alike(unit: str, record: Record) -> Figure | None:
    """Return a value in a unit that nobody knows, where both rows print the same one."""
    try:
        return (
            figures.read(figures.unmarked(record["value"]))
            if record["value_unit"] == unit
            else None
        )
    except NotANumber:
        return None
