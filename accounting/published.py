"""The check of anybody's published table: quantity × price against the printed value.

With h half a unit of the last digit as typed and the factor f exact: `reproduced` when
|q·p·f - v| ≤ h_v; `rounding` when v lies within what the half-units of q, p and v allow;
`deviates` otherwise; `not checkable`, with the reason, when the row does not print enough.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Literal

from accounting import cells, figures, sheet, sums, units
from accounting.cells import Cell
from accounting.figures import Figure, NotANumber
from accounting.sheet import Record, Sheet
from accounting.sums import Sum
from accounting.units import DifferentDimension, UnknownUnit
from ledger.core.errors import Finding, RuleBroken

Status = Literal["reproduced", "rounding", "deviates", "not checkable"]
STATUSES: tuple[Status, ...] = ("reproduced", "rounding", "deviates", "not checkable")

CHECKED = ("quantity", "unit", "unit_price", "price_unit", "value", "value_unit")
NUMBERS = (("quantity", "unit"), ("unit_price", "price_unit"), ("value", "value_unit"))
OTHERS = ("service", "indicator", "year", "factor", "factor_unit", "line", "source_url", "note")
UNITS = {**dict(NUMBERS), "factor": "factor_unit"}
HEADINGS: Mapping[str, str] = {
    other: column
    for column, others in {
        "service": "服务 服务类型 服务类别 服务名称 生态系统服务 生态产品 核算科目 "
        "核算项目 项目 科目 功能类别 一级指标 一级科目 ecosystem_service services",
        "indicator": "指标 核算指标 指标名称 功能指标 功能量指标 二级指标 二级科目 内容 "
        "item indicators",
        "year": "年份 年 年度 核算年份 核算年度 核算期",
        "quantity": "功能量 实物量 物质量 数量 功能量数值 physical_quantity physical_value amount",
        "unit": "单位 计量单位 功能量单位 实物量单位 物质量单位 quantity_unit physical_unit",
        "unit_price": "单价 价格 单位价值 单位价格 定价 参考价格 price unit_value",
        "price_unit": "单价单位 价格单位 unit_price_unit",
        "factor": "系数 换算系数 转换系数",
        "factor_unit": "系数单位 换算系数单位",
        "value": "价值量 价值 总价值 核算价值 价值量数值 金额 monetary_value",
        "value_unit": "价值量单位 价值单位 金额单位 currency",
        "source_url": "来源 数据来源 资料来源 source",
        "note": "备注 注 说明 notes remarks",
    }.items()
    for other in others.split()
}
NOT_PRINTED = frozenset({"quantity", "unit", "unit_price", "price_unit"})


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
class NotCheckable:
    """Why a row cannot be recomputed; a fault of the table is a finding as well.

    ``recomputed`` is what a row comes to that prints no value, in the unit of its value.
    """

    reason: str
    finding: Finding | None = None
    recomputed: str | None = None


def in_cny(typed: str, unit: str) -> Figure | None:
    """Return a printed value in CNY; None where it is no such value."""
    try:
        scale = units.conversion(units.parse(unit), units.parse("CNY"))
        return figures.read(typed).times(scale.factor)
    except (NotANumber, UnknownUnit, DifferentDimension):
        return None


def read(path: Path | str) -> Sheet:
    """Read a published table: merged cells filled, a table of values alone taken as it is."""
    table = sheet.read(Path(path), CHECKED, OTHERS, HEADINGS, UNITS)
    findings = table.findings
    if not NOT_PRINTED & set(table.columns):
        findings = tuple(each for each in findings if each.field not in NOT_PRINTED)
    return replace(table, findings=findings, records=tuple(_filled(table.records)))


def _filled(records: Iterable[Record]) -> Iterator[Record]:
    """Fill the service and the year down where a merged cell left them to its first row."""
    above = {"service": "", "year": ""}
    for record in records:
        missing = {name: text for name, text in above.items() if text and not record[name]}
        if not record["indicator"]:
            missing.pop("service", None)
        above = {name: record[name] or text for name, text in above.items()}
        yield replace(record, cells={**record.cells, **missing}) if missing else record


def check(path: Path | str) -> PublishedCheck:
    """Check every row of a published table; refuse only a file that is no such table."""
    table = read(path)
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
    """Recompute a row, or say why that cannot be done."""
    absent = [column for column, _ in NUMBERS if cells.is_nothing(record[column])]
    if absent and absent != ["value"]:
        return NotCheckable("not published: " + ", ".join(absent))
    loose = [column for column in UNITS if cells.is_loose(record[column])]
    if loose:
        said = ", ".join(f"{column}: {record[column]}" for column in loose)
        return NotCheckable(f"{said} (a range, a bound or an approximate figure)")
    read_: list[Cell] = []
    for column, unit_column in UNITS.items():
        if column in absent:
            return _without_value(record, read_)
        try:
            read_.append(cells.read(record, column, unit_column))
        except (NotANumber, UnknownUnit) as refusal:
            place = column if isinstance(refusal, NotANumber) else unit_column
            reason = f"{place}: {record[place]} ({refusal.title.lower()})"
            return NotCheckable(reason, _finding(refusal, file, record, place))
    try:
        return _multiplied(*read_)
    except DifferentDimension as refusal:
        reason = f"{refusal.given} is not {refusal.wanted}"
        return NotCheckable(reason, _finding(refusal, file, record, "value_unit"))


def _without_value(record: Record, quantity_and_price: Sequence[Cell]) -> NotCheckable:
    """Say what a row without a value comes to, where that can be said in the unit of its value."""
    reason = "not published: value"
    try:
        factor = cells.read(record, "factor", "factor_unit")
        zero = Cell(figures.read("0"), units.parse(record["value_unit"]))
        quantity, price = quantity_and_price
        product = _multiplied(quantity, price, zero, factor)
    except (NotANumber, UnknownUnit, DifferentDimension):
        return NotCheckable(reason)
    return NotCheckable(reason, recomputed=figures.plain(product.recomputed))


def _finding(refusal: RuleBroken, file: str, record: Record, place: str) -> Finding:
    return Finding(refusal.code, refusal.title, file, record.row, place, refusal.facts())


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
            recomputed=outcome.recomputed, reason=outcome.reason, line=record["line"], sum=added,
        )  # fmt: skip
    printed = outcome.printed
    return Row(
        record.row, *names, outcome.status, printed.figure.typed, printed.unit.text,
        recomputed=figures.plain(outcome.recomputed),
        difference=figures.plain(outcome.recomputed - printed.figure.value),
        low=figures.plain(outcome.low), high=figures.plain(outcome.high), reason=_why(outcome),
        notes=outcome.notes, line=record["line"], sum=added,
    )  # fmt: skip


def _why(outcome: _Product) -> str | None:
    """Say by how much a row deviates, and how far the digits as printed would let it."""
    if outcome.status != "deviates":
        return None
    by = figures.plain(outcome.recomputed - outcome.printed.figure.value)
    low, high = figures.plain(outcome.low), figures.plain(outcome.high)
    return f"by {by} {outcome.printed.unit.text}; the printed digits allow {low} to {high}"


def _findings(file: str, row: Row, outcome: _Product | NotCheckable) -> list[Finding]:
    if isinstance(outcome, NotCheckable):
        return [outcome.finding] if outcome.finding else []
    if row.status != "deviates":
        return []
    facts = {"recomputed": row.recomputed, "published": row.published, "by": row.difference}
    title = "Quantity × price does not give the printed value"
    return [Finding("published.deviates", title, file, row.row, "value", facts)]
