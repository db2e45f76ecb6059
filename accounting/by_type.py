"""Values by ecosystem type as a study published them: compared with the run, never part of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from accounting import sheet
from accounting.ecosystem import EcosystemList
from accounting.figures import Figure
from accounting.published import HEADINGS, OTHERS, in_cny
from accounting.sheet import Record
from accounting.sums import TOTAL
from ledger.core.errors import Finding

COLUMNS = ("service", "indicator", "year", "value", "value_unit")
ROW_TOTAL = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A printed total beside the sum of the printed cells it stands for, in CNY."""

    name: str
    printed: Figure
    added: Fraction
    within_half_units: bool

    @property
    def difference(self) -> Fraction:
        """Printed minus added up."""
        return self.printed.value - self.added


@dataclass(frozen=True, slots=True)
class ByType:
    """Printed values in CNY by (group, type), with the printed totals of rows and columns."""

    cells: Mapping[tuple[str, str], Figure]
    group_totals: Mapping[str, Figure]
    type_totals: Mapping[str, Figure]
    total: Figure | None

    def group_differences(self) -> tuple[Difference, ...]:
        """Compare each printed row total with the sum of its cells."""
        return tuple(
            _difference(group, printed, [f for (g, _), f in self.cells.items() if g == group])
            for group, printed in self.group_totals.items()
        )

    def type_differences(self) -> tuple[Difference, ...]:
        """Compare each printed column total with the sum of its cells."""
        return tuple(
            _difference(code, printed, [f for (_, t), f in self.cells.items() if t == code])
            for code, printed in self.type_totals.items()
        )


def _difference(name: str, printed: Figure, cells: list[Figure]) -> Difference:
    added = sum((each.value for each in cells), Fraction(0))
    slack = sum((each.half for each in cells), printed.half)
    return Difference(name, printed, added, abs(printed.value - added) <= slack)


def read(path: Path, ecosystems: EcosystemList) -> tuple[ByType, tuple[Finding, ...], str]:
    """Read a table of `service` (a pack's group) by `indicator` (a type of the list)."""
    table = sheet.read(path, COLUMNS, OTHERS, HEADINGS)
    cells: dict[tuple[str, str], Figure] = {}
    findings = list(table.findings)
    for record in table.records:
        findings += _faults(table.file, record, ecosystems)
        if not (value := in_cny(record["value"], record["value_unit"])):
            continue
        group = ROW_TOTAL if TOTAL.search(record["service"]) else record["service"]
        total = TOTAL.search(record["indicator"])
        code = ROW_TOTAL if total else ecosystems.named(record["indicator"])
        if code is not None:
            cells.setdefault((group, code), value)
    return _sorted_out(cells), tuple(findings), table.digest


def _sorted_out(cells: Mapping[tuple[str, str], Figure]) -> ByType:
    return ByType(
        cells={place: figure for place, figure in cells.items() if ROW_TOTAL not in place},
        group_totals={g: figure for (g, t), figure in cells.items() if g and not t},
        type_totals={t: figure for (g, t), figure in cells.items() if t and not g},
        total=cells.get((ROW_TOTAL, ROW_TOTAL)),
    )


def _faults(file: str, record: Record, ecosystems: EcosystemList) -> Iterator[Finding]:
    name = record["indicator"]
    if not TOTAL.search(name) and ecosystems.named(name) is None:
        facts = {"type": name, "list": ecosystems.id}
        title = "The list of ecosystem types has no such type"
        yield Finding("published.unknown-type", title, file, record.row, "indicator", facts)
    if in_cny(record["value"], record["value_unit"]) is None:
        title = "Not a value in CNY that can be read"
        yield Finding("published.not-a-value", title, file, record.row, "value")
