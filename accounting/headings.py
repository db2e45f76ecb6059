"""What the headings of a table mean: known names, units in brackets, the column 单位 after each."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

UNIT_IN_HEADING = re.compile(
    r"(?P<name>[^(（\[［【/／]+?)\s*"
    r"(?:[/／]\s*(?P<after>.+)|[(（\[［【]\s*(?P<bracketed>.+?)\s*[)）\]］】])\s*"
)
UNIT = "unit"
WHOSE = frozenset({"service", "indicator"})


@dataclass(frozen=True, slots=True)
class Headings:
    """Column names by what a heading may say of them, and the unit column of each number."""

    names: Mapping[str, str]
    units: Mapping[str, str] = field(default_factory=dict)

    def known(self, cells: Sequence[str]) -> int:
        """Count the headings that are known."""
        return sum(self._named(cell) is not None for cell in cells)

    def columns(self, cells: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
        """Return the column of each heading, and the units that headings themselves give.

        A second heading for the service is the indicator; 单位 after a number is of that number.
        """
        columns: list[str] = []
        said: dict[str, str] = {}
        for cell in cells:
            name, unit = self._named(cell) or (cell.strip(), "")
            if name in WHOSE and name in columns and tidy(cell) not in WHOSE:
                name = "indicator" if "indicator" not in columns else cell.strip()
            number = next((each for each in reversed(columns) if each in self.units), None)
            if name == UNIT and columns and number == columns[-1]:
                name = self.units[number]
            if unit:
                said[self.units[name]] = unit
            columns.append(name)
        return tuple(columns), said

    def _named(self, cell: str) -> tuple[str, str] | None:
        """Return the column that a heading names, and the unit it gives."""
        whole = self.names.get(tidy(cell))
        if whole is not None:
            return whole, ""
        parts = UNIT_IN_HEADING.fullmatch(cell.strip())
        name = self.names.get(tidy(parts["name"])) if parts else None
        if parts is None or name is None or name not in self.units:
            return None
        return name, parts["bracketed"] or parts["after"]


def tidy(heading: str) -> str:
    """Write a heading in the one way it is looked up."""
    return "_".join(unicodedata.normalize("NFKC", heading).casefold().split()).strip("_")
