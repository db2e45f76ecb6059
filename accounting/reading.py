"""Readings: what a bureau measured, as typed, by region, ecosystem type and year."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from accounting import figures, sheet, units
from accounting.ecosystem import EcosystemList
from accounting.figures import Figure, NotANumber
from accounting.quantity import Quantity, quantities
from accounting.region import RegionTree
from accounting.sheet import Record
from accounting.units import Conversion, DifferentDimension, UnknownUnit
from ledger.core.errors import Finding

Status = Literal["measured", "modelled", "carried forward", "not estimated", "not occurring"]
STATUSES: tuple[Status, ...] = get_args(Status)
WITHOUT_VALUE = ("not estimated", "not occurring")

ALL_TYPES = "all"
ALL_NAMES = (ALL_TYPES, "全部")
STATUS_NAMES: Mapping[Status, str] = {
    "measured": "实测", "modelled": "模型估算", "carried forward": "沿用",
    "not estimated": "未估算", "not occurring": "不存在",
}  # fmt: skip
STATUS_NAMED: Mapping[str, Status] = {
    text: each for each, zh in STATUS_NAMES.items() for text in (each, zh)
}  # fmt: skip
COLUMNS = ("region", "ecosystem_type", "year", "quantity", "value", "unit", "status", "source")
HEADER = 1
FILLED_IN = ("value", "status", "source")
OPTIONAL = ("department", "note", "object", "item")
HEADINGS: Mapping[str, str] = {
    "地区": "region", "生态系统类型": "ecosystem_type", "年份": "year", "指标": "quantity",
    "数值": "value", "单位": "unit", "状态": "status", "来源": "source", "部门": "department",
    "备注": "note", "对象": "object", "序列项": "item",
}  # fmt: skip


class Cell(NamedTuple):
    """Where and when: a region, an ecosystem type (or all of them), a year.

    A reading may be of one ``object`` in it (a lake, a road), and of one ``item`` of a series (a
    day, a class of wind); neither has a name where a reading is of the whole.
    """

    region: str
    ecosystem_type: str
    year: int
    object: str = ""
    item: str = ""

    def __str__(self) -> str:
        return "/".join(str(each) for each in self if each)


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: the figure as typed, and the same in the unit of its quantity.

    ``file`` and ``row`` are where it stands; of a workbook, ``<file>:<worksheet>``.
    """

    cell: Cell
    quantity: str
    typed: str
    unit: str
    figure: Figure | None
    status: Status
    source: str
    department: str
    row: int
    notes: tuple[str, ...] = ()
    file: str = ""

    @property
    def estimate(self) -> float | None:
        """The value in the quantity's own unit: 0 where it does not occur, None where unknown."""
        if self.status == "not occurring":
            return 0.0
        return float(self.figure.value) if self.figure else None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a case is about, and a reading may therefore name."""

    tree: RegionTree
    years: Collection[int]
    ecosystems: EcosystemList

    def type_named(self, text: str) -> str | None:
        """Return the code of a type by its code or a name, `all` for all of them."""
        return ALL_TYPES if text in ALL_NAMES else self.ecosystems.named(text)


Fault = tuple[str, str, str, Mapping[str, object]]


def read(
    path: Path, scope: Scope
) -> tuple[dict[tuple[str, Cell], Reading], tuple[Finding, ...], str]:
    """Read long tables of readings, CSV or a workbook, with everything that is wrong in them.

    Rows whose cells cannot be told apart, or all under a broken heading, are one finding each.
    """
    if path.suffix.lower() == sheet.WORKBOOK:
        tables = sheet.read_workbook(path, COLUMNS, OPTIONAL, HEADINGS)
    else:
        tables = (sheet.read(path, COLUMNS, OPTIONAL, HEADINGS),)
    readings: dict[tuple[str, Cell], Reading] = {}
    findings: list[Finding] = []
    for table in tables:
        findings += table.findings
        misread = {each.row for each in table.findings}
        for record in table.records if HEADER not in misread else ():
            if record.row in misread:
                continue
            faults = list(_faults(record, scope)) or _added(
                readings, _reading(record, scope, table.file)
            )
            findings += [Finding(c, t, table.file, record.row, n, f) for c, t, n, f in faults]
    for key, (c, t, n, f) in _twice(readings, scope.tree):
        findings.append(Finding(c, t, readings[key].file, readings[key].row, n, f))
    return readings, tuple(findings), tables[0].digest


def _twice(
    readings: Mapping[tuple[str, Cell], Reading], tree: RegionTree
) -> Iterator[tuple[tuple[str, Cell], Fault]]:
    """Yield what adds up and was read both for a whole and for a part of it."""
    whole = {(n, cell.region, cell.year): each.row for (n, cell), each in readings.items()}
    all_ = {
        (n, cell.region, cell.year): each.row
        for (n, cell), each in readings.items()
        if cell.ecosystem_type == ALL_TYPES
    }
    for key in readings:
        name, cell = key
        adds_up = quantities()[name].kind == "extensive"
        undivided = readings.get((name, _undivided(cell, adds_up)))
        if undivided and undivided is not readings[key]:
            title = "Read for one of several and for all of them together: it would count twice"
            facts: Mapping[str, object] = {"whole_in_row": undivided.row}
            yield key, ("reading.whole-and-part", title, "item" if cell.item else "object", facts)
        place = (name, cell.region, cell.year)
        if adds_up and place in all_ and cell.ecosystem_type != ALL_TYPES:
            title = "Read for all types together and for one of them: it would count twice"
            facts = {"all_in_row": all_[place]}
            yield key, ("reading.all-and-type", title, "ecosystem_type", facts)
        above = [each for each in tree.above(cell.region) if (name, each, cell.year) in whole]
        if adds_up and above:
            title = "Read for a region and for one that it lies in: it would count twice"
            facts = {"in": above[0], "in_row": whole[name, above[0], cell.year]}
            yield key, ("reading.counted-twice", title, "region", facts)


def _undivided(cell: Cell, adds_up: bool) -> Cell:
    """Return the whole that a cell is a part of: of a series, and of objects where they add up."""
    return cell._replace(item="") if cell.item or not adds_up else cell._replace(object="")


def _added(readings: dict[tuple[str, Cell], Reading], reading: Reading) -> list[Fault]:
    first = readings.setdefault((reading.quantity, reading.cell), reading)
    if first is reading:
        return []
    title = "This quantity was read before for the same place and year"
    return [("reading.duplicate", title, "quantity", {"first_row": first.row})]


def status_named(text: str) -> Status | None:
    """Return the status of this code or Chinese name."""
    return STATUS_NAMED.get(text)


def _faults(record: Record, scope: Scope) -> Iterator[Fault]:
    if not any(record[name] for name in FILLED_IN):
        title = "This row is not filled in: give a value, or say why there is none"
        facts = {name: record[name] for name in ("region", "quantity")}
        yield "reading.not-filled-in", title, "value", facts
        return
    region = scope.tree.regions.get(record["region"])
    if region is None:
        yield _fault(record, "reading.unknown-region", "The case has no such region", "region")
    if scope.type_named(record["ecosystem_type"]) is None:
        title = "Not a type of the case's list, nor `all`"
        yield _fault(record, "reading.unknown-type", title, "ecosystem_type")
    if record["year"] not in {str(year) for year in scope.years}:
        yield _fault(record, "reading.unknown-year", "The case has no such year", "year")
    elif region and not region.in_year(int(record["year"])):
        title = "The region has no such boundary in this year"
        yield _fault(record, "reading.region-not-in-year", title, "region")
    if status_named(record["status"]) is None:
        title = "A status is one of: " + ", ".join(STATUSES)
        yield _fault(record, "reading.unknown-status", title, "status")
    if not record["source"]:
        yield _fault(record, "reading.no-source", "A reading says where it comes from", "source")
    quantity = quantities().get(record["quantity"])
    if quantity is None:
        title = "The dictionary of quantities has no such code"
        yield _fault(record, "reading.unknown-quantity", title, "quantity")
    else:
        yield from _value_faults(record, quantity)


def _value_faults(record: Record, quantity: Quantity) -> Iterator[Fault]:
    if status_named(record["status"]) in WITHOUT_VALUE:
        if record["value"]:
            title = "What is not estimated or does not occur has no value"
            yield _fault(record, "reading.value-unexpected", title, "value")
        return
    if not record["value"]:
        title = "An empty cell is never 0: say `not estimated` or `not occurring`"
        yield _fault(record, "reading.no-value", title, "value")
        return
    try:
        figure, _ = _converted(record["value"], record["unit"], quantity.code)
    except (UnknownUnit, DifferentDimension) as refusal:
        yield refusal.code, refusal.title, "unit", refusal.facts()
    except NotANumber as refusal:
        yield refusal.code, refusal.title, "value", refusal.facts()
    else:
        lowest, highest = _bounds(quantity.code)
        if not lowest <= figure.value <= highest:
            possible = f"{quantity.lowest} to {quantity.highest} {quantity.unit}"
            facts = {"found": record["value"], "possible": possible}
            yield "reading.out-of-range", f"Possible are {possible}", "value", facts


def _fault(record: Record, code: str, title: str, name: str) -> Fault:
    return code, title, name, {"found": record[name]}


@lru_cache(maxsize=512)
def _bounds(quantity: str) -> tuple[Fraction, Fraction]:
    own = quantities()[quantity]
    return Fraction(own.lowest), Fraction(own.highest)


@lru_cache(maxsize=4096)
def _conversion(unit: str, quantity: str) -> Conversion:
    return units.conversion(units.parse(unit), units.parse(quantities()[quantity].unit))


@lru_cache(maxsize=4096)  # a row is converted when it is checked, and again when it is read
def _converted(typed: str, unit: str, quantity: str) -> tuple[Figure, tuple[str, ...]]:
    change = _conversion(unit, quantity)
    return figures.read(typed).times(change.factor), change.notes


def _reading(record: Record, scope: Scope, file: str) -> Reading:
    """Make the reading of a row without faults."""
    type_ = scope.type_named(record["ecosystem_type"]) or ALL_TYPES
    cell = Cell(record["region"], type_, int(record["year"]), record["object"], record["item"])
    quantity = quantities()[record["quantity"]]
    status = status_named(record["status"])
    assert status is not None
    figure: Figure | None = None
    notes: tuple[str, ...] = ()
    if status not in WITHOUT_VALUE:
        figure, notes = _converted(record["value"], record["unit"], quantity.code)
    return Reading(
        cell, quantity.code, figure.typed if figure else "", record["unit"], figure, status,
        record["source"], record["department"], record.row, notes, file,
    )  # fmt: skip
