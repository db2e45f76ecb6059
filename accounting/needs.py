"""What a case must give under a pack, by quantity: where, of which types, in what parts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from accounting import graph
from accounting.graph import Catalogue
from accounting.methods import CATALOGUE
from accounting.pack import GIVEN, Pack, ServiceLine
from accounting.quantity import quantities


@dataclass(frozen=True, slots=True)
class Need:
    """One quantity: by these types (all together where there are none), and how it is parted.

    ``above``: read for a whole region and apportioned. ``objects``: lake by lake, road by road.
    ``series``: day by day, class by class, zone by zone.
    """

    quantity: str
    types: frozenset[str] = frozenset()
    above: bool = False
    objects: bool = False
    series: bool = False

    def joined(self, other: "Need") -> "Need":
        """Return the need of two lines that take the same reading."""
        return Need(
            self.quantity,
            self.types | other.types,
            self.above and other.above,
            self.objects or other.objects,
            self.series or other.series,
        )


def needs(pack: Pack) -> Mapping[str, Need]:
    """Return what the lines of a pack need, in their order."""
    found: dict[str, Need] = {}
    for line in pack.lines:
        for each in _needs(line, CATALOGUE):
            known = found.get(each.quantity)
            found[each.quantity] = known.joined(each) if known else each
    return found


def _needs(line: ServiceLine, catalogue: Catalogue) -> Iterator[Need]:
    order = graph.order(line, catalogue)
    above = set(_beneath(line, line.apportioned, catalogue)) - set(line.apportioned.values())
    objects = set(_arguments(line, "object", catalogue))
    series = set(_of_series(line, catalogue))
    for name in order:
        if line.bind[name] == GIVEN:
            whole = name in above or name in line.from_above
            yield Need(
                name,
                frozenset() if whole else line.types,
                name in above,
                name in objects and quantities()[name].kind == "extensive",
                name in series,
            )


def _beneath(line: ServiceLine, names: Iterable[str], catalogue: Catalogue) -> Iterator[str]:
    """Yield every quantity that some are computed from, and these themselves."""
    for name in names:
        yield name
        model = catalogue.get(line.bind[name])
        if model:
            yield from _beneath(line, graph.named(line, model).values(), catalogue)


def _arguments(line: ServiceLine, scope: str, catalogue: Catalogue) -> Iterator[str]:
    for method in graph.formulas(line, catalogue):
        if method.scope == scope:
            yield from _beneath(line, graph.named(line, method).values(), catalogue)


def _of_series(line: ServiceLine, catalogue: Catalogue) -> Iterator[str]:
    for method in graph.formulas(line, catalogue):
        taken = graph.named(line, method)
        yield from _beneath(line, (taken[x] for x in method.series if x in taken), catalogue)
