"""The check of anybody's published table: quantity × price against the printed value.

With h half a unit of the last digit as typed and the factor f exact: `reproduced` when
|q·p·f - v| ≤ h_v; `rounding` when v lies within what the half-units of q, p and v allow;
`deviates` otherwise; `not checkable`, with the reason, when the row does not print enough.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Literal

from accounting import figures, sheet, sums, units
from accounting.figures import Figure, NotANumber
from accounting.sheet import Record
from accounting.sums import Sum
from accounting.units import DifferentDimension, Unit, UnknownUnit
from ledger.core.errors import Finding, RuleBroken

Status = Literal["reproduced", "rounding", "deviates", "not checkable"]
STATUSES: tuple[Status, ...] = ("reproduced", "rounding", "deviates", "not checkable")

CHECKED = ("quantity", "unit", "unit_price", "price_unit", "value", "value_unit")
NUMBERS = (("quantity", "unit"), ("unit_price", "price_unit"), ("value", "value_unit"))
OTHERS = ("service", "indicator", "year", "factor", "factor_unit", "line", "source_url", "note")
HEADINGS: Mapping[str, str] = {
    "服务": "service", "服务类型": "service", "核算科目": "service", "指标": "indicator",
    "核算指标": "indicator", "年份": "year", "年": "year", "功能量": "quantity",
    "实物量": "quantity", "数量": "quantity", "单位": "unit", "功能量单位": "unit",
    "单价": "unit_price", "价格": "unit_price", "单价单位": "price_unit", "价格单位": "price_unit",
    "系数": "factor", "系数单位": "factor_unit", "价值量": "value", "价值": "value",
    "价值量单位": "value_unit", "价值单位": "value_unit", "来源": "source_url", "备注": "note",
    "price": "unit_price", "quantity_unit": "unit",
}  # fmt: skip
ABSENT = frozenset(
    {"", "-", "--", "—", "——", "–", "/", "…", "n/a", "na", "nan", "none", "null", "无"}
)


@dataclass(frozen=True, slots=True)
class Row:
    """The verdict on one row; numbers are strings in ``value_unit``."""

    row: int
    service: str
    indicator: str
    year: str
    status: Status
    published: str
    value_unit: str
    recomputed: str | None = None
    difference: str | None = None
    low: str | None = None
    high: str | None = None
    reason: str | None = None
    notes: tuple[str, ...] = ()
    line: str = ""
    sum: Sum | None = None


@dataclass(frozen=True, slots=True)
class PublishedCheck:
    """All verdicts on one table, and everything found wrong with it."""

    file: str
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    digest: str = field(repr=False)

    def count(self, status: Status) -> int:
        """Return how many rows have this status."""
        return Counter(row.status for row in self.rows)[status]

    @property
    def checkable(self) -> int:
        """How many rows print a quantity, a price and a value that can be compared."""
        return len(self.rows) - self.count("not checkable")


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure with its unit."""

    figure: Figure
    unit: Unit


@dataclass(frozen=True, slots=True)
class NotCheckable:
    """Why a row cannot be recomputed; a fault of the table is a finding as well."""

    reason: str
    finding: Finding | None = None


def in_cny(typed: str, unit: str) -> Figure | None:
    """Return a printed value in CNY; None where it is no such value."""
    try:
        scale = units.conversion(units.parse(unit), units.parse("CNY"))
        return figures.read(typed).times(scale.factor)
    except (NotANumber, UnknownUnit, DifferentDimension):
        return None


def check(path: Path | str) -> PublishedCheck:
    """Check every row of a published table; refuse only a file that is no such table."""
    table = sheet.read(Path(path), CHECKED, OTHERS, HEADINGS)
    added = dict(sums.sums(table.records))
    crowded = {finding.row for finding in table.findings if finding.code == "row.too-many-cells"}
    rows, findings = [], list(table.findings)
    for record in table.records:
        if record.row in crowded:
            outcome: _Product | NotCheckable = NotCheckable("more cells than columns")
        else:
            outcome = _verdict(record, table.file)
        row = _row(record, outcome, added.get(record.row))
        rows.append(row)
        findings += _findings(table.file, row, outcome)
    return PublishedCheck(table.file, tuple(rows), tuple(findings), table.digest)


@dataclass(frozen=True, slots=True)
class _Product:
    """Quantity × price × factor in the unit of the value, and how far half-units let it go."""

    recomputed: Fraction
    low: Fraction
    high: Fraction
    printed: Cell
    notes: tuple[str, ...]

    @property
    def status(self) -> Status:
        """Compare with the printed value."""
        value = self.printed.figure
        if abs(self.recomputed - value.value) <= value.half:
            return "reproduced"
        return "rounding" if self.low <= value.value <= self.high else "deviates"


def _verdict(record: Record, file: str) -> _Product | NotCheckable:
    absent = [column for column, _ in NUMBERS if record[column].casefold() in ABSENT]
    if absent:
        return NotCheckable("not published: " + ", ".join(absent))
    cells: list[Cell] = []
    for column, unit_column in (*NUMBERS, ("factor", "factor_unit")):
        try:
            cells.append(cell(record, column, unit_column))
        except (NotANumber, UnknownUnit) as refusal:
            place = column if isinstance(refusal, NotANumber) else unit_column
            reason = f"{place}: {record[place]} ({refusal.title.lower()})"
            return NotCheckable(reason, _finding(refusal, file, record, place))
    try:
        return _multiplied(*cells)
    except DifferentDimension as refusal:
        reason = f"{refusal.given} is not {refusal.wanted}"
        return NotCheckable(reason, _finding(refusal, file, record, "value_unit"))


def _finding(refusal: RuleBroken, file: str, record: Record, place: str) -> Finding:
    return Finding(refusal.code, refusal.title, file, record.row, place, refusal.facts())


def cell(record: Record, column: str, unit_column: str) -> Cell:
    """Read a number and its unit; a scale or unit typed beside the number belongs to the unit."""
    cell, unit = record[column], record[unit_column]
    if column == "factor" and cell.casefold() in ABSENT:
        return Cell(Figure("1", Fraction(1), Fraction(0)), units.ONE)
    figure, rest = figures.read_with_rest(cell)
    if rest and unit and rest != unit:
        if rest not in units.vocabulary().scales:
            raise NotANumber(cell)
        unit = rest + unit
    if column == "factor" and not (unit or rest):
        return Cell(figure, units.ONE)
    return Cell(figure, units.parse(unit or rest))


def _multiplied(quantity: Cell, price: Cell, value: Cell, factor: Cell) -> _Product:
    """Multiply in the unit of the value; refuse when the units do not come out as that."""
    whole = quantity.unit * price.unit
    whole = whole if factor.unit is units.ONE else whole * factor.unit
    conversion = units.conversion(whole, value.unit)
    scale = conversion.factor * factor.figure.value
    q, p, half = quantity.figure, price.figure, value.figure.half
    corners = [
        (q.value + up * q.half) * (p.value + over * p.half) * scale
        for up, over in product((-1, 1), repeat=2)
    ]
    recomputed = q.value * p.value * scale
    return _Product(recomputed, min(corners) - half, max(corners) + half, value, conversion.notes)


def _row(record: Record, outcome: _Product | NotCheckable, added: Sum | None) -> Row:
    names = (record["service"], record["indicator"], record["year"])
    if isinstance(outcome, NotCheckable):
        return Row(
            record.row, *names, "not checkable", record["value"], record["value_unit"],
            reason=outcome.reason, line=record["line"], sum=added,
        )  # fmt: skip
    printed = outcome.printed
    return Row(
        record.row, *names, outcome.status, printed.figure.typed, printed.unit.text,
        recomputed=figures.plain(outcome.recomputed),
        difference=figures.plain(outcome.recomputed - printed.figure.value),
        low=figures.plain(outcome.low), high=figures.plain(outcome.high),
        notes=outcome.notes, line=record["line"], sum=added,
    )  # fmt: skip


def _findings(file: str, row: Row, outcome: _Product | NotCheckable) -> list[Finding]:
    if isinstance(outcome, NotCheckable):
        return [outcome.finding] if outcome.finding else []
    if row.status != "deviates":
        return []
    facts = {"recomputed": row.recomputed, "published": row.published, "by": row.difference}
    title = "Quantity × price does not give the printed value"
    return [Finding("published.deviates", title, file, row.row, "value", facts)]
