"""The rows of one table as they are read: cells become codes and numbers, faults findings."""

from collections.abc import Callable, Collection, Hashable
from pathlib import Path

from accounting import figures, sheet, units
from accounting.figures import NotANumber
from accounting.sheet import Record
from accounting.units import DifferentDimension, UnknownUnit
from ledger.core.errors import Finding


class Rows:
    """One table: its records, and what is found wrong or taken for granted while they are read."""

    def __init__(self, path: Path, required: Collection[str], optional: Collection[str]) -> None:
        table = sheet.read(path, tuple(required), tuple(optional))
        self.file, self.records, self.digest = table.file, table.records, table.digest
        self.findings = list(table.findings)
        self.notes: list[str] = []
        self._first: dict[Hashable, int] = {}

    def fault(
        self, record: Record | None, code: str, title: str, field: str, **facts: object
    ) -> None:
        """Report a fault of a row, or of the table as a whole."""
        row = record.row if record else None
        found = {"found": record[field]} if record else {}
        self.findings.append(Finding(code, title, self.file, row, field, found | facts))

    def listed(self, record: Record, field: str, codes: Collection[str]) -> str | None:
        """Return the code in a cell, one of these."""
        return self.named(record, field, lambda text: text if text in codes else None)

    def named(self, record: Record, field: str, code_of: Callable[[str], str | None]) -> str | None:
        """Return the code of what a cell names."""
        code = code_of(record[field])
        if code is None:
            self.fault(record, "seea.unknown-name", "The case lists nothing of this name", field)
        return code

    def number(self, record: Record, field: str, unit: str | None = None) -> float | None:
        """Return a number in the unit given; the row's unit stands in `unit` or `…_unit`.

        None with a finding where the cell is empty, no number, or measures something else.
        """
        place = "price_unit" if field == "price" else "unit"
        try:
            value = figures.read(record[field]).value
            if unit is not None:
                change = units.conversion(units.parse(record[place]), units.parse(unit))
                self.notes += [n for n in change.notes if n not in self.notes]
                value *= change.factor
        except NotANumber as refusal:
            self.fault(record, refusal.code, refusal.title, field)
        except (UnknownUnit, DifferentDimension) as refusal:
            self.fault(record, refusal.code, refusal.title, place, **refusal.facts())
        else:
            return float(value)
        return None

    def amount(self, record: Record, field: str, unit: str) -> float | None:
        """Return a number that cannot be negative: an area, a flow, a price."""
        value = self.number(record, field, unit)
        if value is not None and value < 0:
            self.fault(record, "seea.negative", "This cannot be negative", field)
            return None
        return value

    def once(self, record: Record, field: str, key: Hashable) -> bool:
        """Say whether no row before had this key; a second one is a finding."""
        first = self._first.setdefault(key, record.row)
        if first != record.row:
            title = "A row before says this already"
            self.fault(record, "seea.duplicate", title, field, first_row=first)
        return first == record.row
