"""Readings: what a bureau measured, as typed, by region, ecosystem type and year."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from accounting import figures, sheet, units
from accounting.ecosystem import EcosystemList
from accounting.figures import Figure, NotANumber
from accounting.quantity import Quantity, quantities
from accounting.sheet import Record
from accounting.units import DifferentDimension, UnknownUnit
from ledger.core.errors import Finding

Status = Literal["measured", "modelled", "carried forward", "not estimated", "not occurring"]
STATUSES: tuple[Status, ...] = get_args(Status)
WITHOUT_VALUE = ("not estimated", "not occurring")

ALL_TYPES = "all"
COLUMNS = ("region", "ecosystem_type", "year", "quantity", "value", "unit", "status", "source")
OPTIONAL = ("department", "note")


class Cell(NamedTuple):
    """Where and when: a region, an ecosystem type (or all of them), a year."""

    region: str
    ecosystem_type: str
    year: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: the figure as typed, and the same in the unit of its quantity."""

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

    @property
    def estimate(self) -> float | None:
        """The value in the quantity's own unit: 0 where it does not occur, None where unknown."""
        if self.status == "not occurring":
            return 0.0
        return float(self.figure.value) if self.figure else None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a case is about, and a reading may therefore name."""

    regions: Collection[str]
    years: Collection[int]
    ecosystems: EcosystemList


def read(
    path: Path, scope: Scope
) -> tuple[dict[tuple[str, Cell], Reading], tuple[Finding, ...], str]:
    """Read a long table of readings, with everything that is wrong in it."""
    table = sheet.read(path, COLUMNS, OPTIONAL)
    readings: dict[tuple[str, Cell], Reading] = {}
    findings = list(table.findings)
    for record in table.records:
        faults = list(_faults(record, scope))
        if not faults:
            reading = _reading(record)
            first = readings.setdefault((reading.quantity, reading.cell), reading)
            if first is not reading:
                title = "This quantity was read before for the same place and year"
                faults = [("reading.duplicate", title, "quantity", {"first_row": first.row})]
        findings += [Finding(c, t, table.file, record.row, name, f) for c, t, name, f in faults]
    return readings, tuple(findings), table.digest


Fault = tuple[str, str, str, Mapping[str, object]]


def _faults(record: Record, scope: Scope) -> Iterator[Fault]:
    if record["region"] not in scope.regions:
        yield _fault(record, "reading.unknown-region", "The case has no such region", "region")
    if record["ecosystem_type"] not in (ALL_TYPES, *scope.ecosystems.types):
        title = "Not a type of the case's list, nor `all`"
        yield _fault(record, "reading.unknown-type", title, "ecosystem_type")
    if record["year"] not in {str(year) for year in scope.years}:
        yield _fault(record, "reading.unknown-year", "The case has no such year", "year")
    if record["status"] not in STATUSES:
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
    if record["status"] in WITHOUT_VALUE:
        if record["value"]:
            title = "What is not estimated or does not occur has no value"
            yield _fault(record, "reading.value-unexpected", title, "value")
        return
    if not record["value"]:
        title = "An empty cell is never 0: say `not estimated` or `not occurring`"
        yield _fault(record, "reading.no-value", title, "value")
        return
    try:
        figure, _ = _converted(record, quantity)
    except (UnknownUnit, DifferentDimension) as refusal:
        yield refusal.code, refusal.title, "unit", refusal.facts()
    except NotANumber as refusal:
        yield refusal.code, refusal.title, "value", refusal.facts()
    else:
        if not Fraction(quantity.lowest) <= figure.value <= Fraction(quantity.highest):
            title = f"Possible are {quantity.lowest} to {quantity.highest} {quantity.unit}"
            yield _fault(record, "reading.out-of-range", title, "value")


def _fault(record: Record, code: str, title: str, name: str) -> Fault:
    return code, title, name, {"found": record[name]}


def _converted(record: Record, quantity: Quantity) -> tuple[Figure, tuple[str, ...]]:
    change = units.conversion(units.parse(record["unit"]), units.parse(quantity.unit))
    return figures.read(record["value"]).times(change.factor), change.notes


def _reading(record: Record) -> Reading:
    cell = Cell(record["region"], record["ecosystem_type"], int(record["year"]))
    quantity = quantities()[record["quantity"]]
    status = next(each for each in STATUSES if each == record["status"])
    figure: Figure | None = None
    notes: tuple[str, ...] = ()
    if status not in WITHOUT_VALUE:
        figure, notes = _converted(record, quantity)
    return Reading(
        cell, quantity.code, figure.typed if figure else "", record["unit"], figure, status,
        record["source"], record["department"], record.row, notes,
    )  # fmt: skip
