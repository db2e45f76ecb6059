"""What a line of a pack finds at its places: readings, there or from above, and coefficients.

A place is a cell of region, type and year, or one object in it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from accounting import coefficients, graph
from accounting.case import Case
from accounting.graph import Catalogue
from accounting.method import Parameter
from accounting.pack import ServiceLine
from accounting.quantity import quantities
from accounting.reading import ALL_TYPES, Cell, Reading
from ledger.core.errors import Finding

Series = Mapping[str, Reading]  # by item; the item of what is no series is ""
Readings = Mapping[str, Mapping[Cell, Series]]


def by_quantity(case: Case, year: int) -> Readings:
    """Return the readings of a year by quantity, place and item."""
    found: dict[str, dict[Cell, dict[str, Reading]]] = defaultdict(lambda: defaultdict(dict))
    for (name, cell), reading in case.readings.items():
        if cell.year == year:
            found[name][cell._replace(item="")][cell.item] = reading
    return found


@dataclass(slots=True)
class Inputs:
    """The inputs of one line in one year; ``findings`` gathers what is wrong with them."""

    case: Case
    line: ServiceLine
    readings: Readings
    catalogue: Catalogue
    findings: list[Finding] = field(default_factory=list)

    def places(self) -> tuple[Cell, ...]:
        """Return the places of the line: where what it takes was read, of the types it is of."""
        roots = graph.roots(self.line, self.catalogue)
        found = self.read_at(graph.given(self.line, roots, self.catalogue))
        types = self.line.types
        return tuple(each for each in found if not types or each.ecosystem_type in types)

    def read_at(self, names: Iterable[str]) -> tuple[Cell, ...]:
        """Return the places at which quantities were read; from above only where all of them are.

        Where a cell has objects, what does not add up and is read for the cell is of each of them.
        """
        given = tuple(dict.fromkeys(names))
        own = [name for name in given if name not in self.line.from_above] or given
        cells = {cell for name in own for cell in self.readings.get(name, ())}
        adding = [name for name in own if quantities()[name].kind == "extensive"]
        whole = {cell for name in adding for cell in self.readings.get(name, ())}
        divided = {cell._replace(object="") for cell in cells if cell.object}
        return tuple(sorted(cells - (divided - whole)))

    def found(self, name: str, place: Cell) -> Cell | None:
        """Return where the reading stands that serves a place, the nearest; None if nowhere."""
        readings = self.readings.get(name, {})
        if place in readings:
            return place
        return next((each for each in self._around(name, place) if each in readings), None)

    def series(self, name: str, place: Cell) -> Series:
        """Return the reading that serves a place, by item; nothing where there is none."""
        found = self.found(name, place)
        return self.readings[name][found] if found else {}

    def _around(self, name: str, place: Cell) -> Iterator[Cell]:
        if quantities()[name].kind == "intensive" and place.object:
            yield place._replace(object="")
        if name in self.line.from_above or self.line.coefficient(name) is not None:
            yield from self.above(place)

    def above(self, place: Cell) -> Iterator[Cell]:
        """Yield the cells a place lies in: all types, then each region above, its type first."""
        yield Cell(place.region, ALL_TYPES, place.year)
        for region in self.case.tree.above(place.region):
            yield Cell(region, place.ecosystem_type, place.year)
            yield Cell(region, ALL_TYPES, place.year)

    def coefficient(self, name: str, place: Cell) -> Parameter | None:
        """Return the coefficient of a place, or of the class that the line names.

        Looked for by type, by the class of the type, by region, by zone, then in general.
        """
        of = self.line.coefficient(name)
        wanted = [of] if of else [*self._classes(place), coefficients.GENERAL]
        found = coefficients.first(name, wanted)
        if found is None:
            title = "No coefficient for this type, region or class: give a reading; it is never 0"
            facts = {"region": place.region, "type": place.ecosystem_type, "looked_for": wanted}
            self.find(coefficients.NoCoefficient.code, title, name, facts)
        return found

    def _classes(self, place: Cell) -> Iterator[str]:
        tree, classes = self.case.tree, self.case.ecosystems.classes
        yield place.ecosystem_type
        if place.ecosystem_type in classes:
            yield classes[place.ecosystem_type]
        regions = (place.region, *tree.above(place.region))
        yield from regions
        yield from (tree.regions[each].zone for each in regions if tree.regions[each].zone)

    def find(self, code: str, title: str, name: str, facts: Mapping[str, object]) -> None:
        """Keep a finding about a quantity of the line, once."""
        said = {"service": self.line.service, **facts}
        found = Finding(code, title, self.case.readings_file, None, name, said)
        if found not in self.findings:
            self.findings.append(found)
