"""The graph of a line: the quantities it rests on, and where each of them comes from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from accounting.method import Method
from accounting.pack import GIVEN, ServiceLine
from ledger.core.errors import RuleBroken

Catalogue = Mapping[str, Method]


@dataclass(eq=False)
class CircularBinding(RuleBroken):
    """Quantities of a pack are computed from one another in a circle."""

    code = "run.circular-binding"
    title = "Quantities are computed from one another in a circle"
    service: str
    circle: tuple[str, ...]


@dataclass(eq=False)
class UnboundInput(RuleBroken):
    """A method needs a quantity that the pack does not bind."""

    code = "run.unbound-input"
    title = "The pack does not say where this quantity comes from"
    service: str
    method: str
    quantity: str


def order(line: ServiceLine, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the quantities a line rests on, each after those it is computed from.

    Refuses a circle, and a quantity that the line does not bind.
    """
    graph: dict[str, tuple[str, ...]] = {}
    waiting = [(name, line.method) for name in roots(line, catalogue)]
    waiting += [(key, line.method) for key in line.apportioned.values()]
    while waiting:
        quantity, needed_by = waiting.pop()
        if quantity not in graph:
            source = line.bind.get(quantity)
            model = catalogue.get(source or "")
            if model is None and source != GIVEN and line.coefficient(quantity) is None:
                raise UnboundInput(line.service, needed_by, quantity)
            graph[quantity] = tuple(named(line, model).values()) if model else ()
            waiting += [(each, source or "") for each in graph[quantity]]
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise CircularBinding(line.service, tuple(reversed(error.args[1]))) from None


def roots(line: ServiceLine, catalogue: Catalogue) -> tuple[str, ...]:
    """Return what the method of a line takes, and the quantity the line shows."""
    taken = named(line, catalogue[line.method]).values()
    return tuple(dict.fromkeys((*taken, *([line.quantity] if line.quantity else []))))


def named(line: ServiceLine, method: Method) -> dict[str, str]:
    """Return the quantity behind each argument that is no parameter of the line."""
    names = {"quantity": line.quantity, **line.arguments}
    return {n: names.get(n) or n for n in method.inputs if n not in line.parameters}


def is_leaf(line: ServiceLine, name: str, catalogue: Catalogue) -> bool:
    """Say whether a quantity is found at each place by itself, not from others at that place.

    So are readings, coefficients, what is apportioned from above, and sums over a series.
    """
    model = catalogue.get(line.bind[name])
    return model is None or name in line.apportioned or bool(model.series)


def leaves(line: ServiceLine, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the leaves that a line is computed from at each of its places."""
    return tuple(name for name in reached(line, catalogue) if is_leaf(line, name, catalogue))


def reached(line: ServiceLine, catalogue: Catalogue) -> Iterator[str]:
    """Yield what a line takes at a place, each after those it is computed from."""
    seen: set[str] = set()
    waiting = list(roots(line, catalogue))
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            if not is_leaf(line, name, catalogue):
                waiting += named(line, catalogue[line.bind[name]]).values()
    yield from (name for name in order(line, catalogue) if name in seen)


def given(line: ServiceLine, names: Iterable[str], catalogue: Catalogue) -> Iterator[str]:
    """Yield the readings beneath some quantities; of an apportioned one, its key."""
    for name in names:
        model = catalogue.get(line.bind[name])
        if name in line.apportioned:
            yield line.apportioned[name]
        elif line.bind[name] == GIVEN:
            yield name
        elif model:
            yield from given(line, named(line, model).values(), catalogue)


def formulas(line: ServiceLine, catalogue: Catalogue) -> tuple[Method, ...]:
    """Return every method and model that a line is computed with."""
    bound = (line.bind[name] for name in order(line, catalogue))
    codes = dict.fromkeys((line.method, *bound))
    return tuple(catalogue[code] for code in codes if code in catalogue)
