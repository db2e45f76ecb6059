"""What the total rows of a published table stand for, and what those rows add up to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from accounting import figures, units
from accounting.figures import Figure, NotANumber
from accounting.sheet import Record
from accounting.units import DifferentDimension, UnknownUnit

TOTAL = re.compile(r"合计|总计|小计|总和|\b(sub-?\s?)?totals?\b", re.IGNORECASE)
SUBTOTAL = re.compile(r"小计|\bsub-?\s?totals?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sum:
    """What the rows a total stands for add up to, in its unit; told, never judged."""

    of_rows: tuple[int, ...]
    recomputed: str
    difference: str
    within_half_units: bool


def is_total(record: Record) -> bool:
    """Say whether a row names itself a total."""
    return bool(TOTAL.search(record["service"]) or TOTAL.search(record["indicator"]))


def sums(records: Sequence[Record]) -> Iterator[tuple[int, Sum]]:
    """Yield, for each total row with a value, the sum of the rows above that it stands for."""
    plain: list[Record] = []
    last_total = 0
    for record in records:
        if not is_total(record):
            plain.append(record)
            continue
        added = _added(record, parts(record, plain, last_total))
        last_total = record.row
        if added:
            yield record.row, added


def parts(total: Record, above: Sequence[Record], last_total: int) -> list[Record]:
    """Return the rows above that a total stands for.

    A total of a service, or of an indicator over services, takes the rows that share its name; a
    subtotal without a name takes the rows since the last total; any other takes all of its year.
    """
    plain = [each for each in above if each["year"] == total["year"]]
    if total["service"] and not TOTAL.search(total["service"]):
        return [each for each in plain if each["service"] == total["service"]]
    same = [each for each in plain if each["indicator"] == total["indicator"]]
    if same and total["indicator"]:
        return same
    if SUBTOTAL.search(total["service"] + " " + total["indicator"]):
        return [each for each in plain if each.row > last_total]
    return plain


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
    return Sum(rows, figures.plain(value), figures.plain(difference), abs(difference) <= slack)


def _value_in(unit: str, record: Record) -> Figure | None:
    """Return a row's value in another row's unit; a row that has none is left out."""
    try:
        figure = figures.read(record["value"])
        if record["value_unit"] == unit:
            return figure
        factor = units.conversion(units.parse(record["value_unit"]), units.parse(unit)).factor
    except (NotANumber, UnknownUnit, DifferentDimension):
        return None
    return figure.times(factor)
