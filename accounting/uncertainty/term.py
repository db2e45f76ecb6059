"""From a case and a pack to what is drawn: the same graph of quantities that a run resolves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from accounting import graph, price_list, run, units
from accounting.case import Case
from accounting.evaluation import Evaluation, Leaf, Origin
from accounting.graph import Catalogue
from accounting.inputs import Inputs
from accounting.method import Array, Measured, Method, Parameter, Range
from accounting.methods import METHODS
from accounting.pack import Pack, ServiceLine
from accounting.quantity import quantities
from accounting.reading import Reading
from accounting.uncertainty.distribution import Distribution, Distributions
from accounting.uncertainty.simulation import Readings, Shared, Term
from ledger.statements.statement import Label


def terms(
    case: Case,
    pack: Pack,
    distributions: Distributions,
    years: Sequence[int],
    methods: Sequence[Method] = METHODS,
) -> Iterator[Term]:
    """Yield every line of a pack in every year; a place without an estimate is left out.

    Refuses what a run refuses: a circle, an unbound input, missing readings.
    """
    catalogue = {method.code: method for method in methods}
    dated = {year: price_list.dated(pack, case.prices, year) for year in years}
    by_year = {year: run.inputs_of(case, dated[year], year, catalogue) for year in years}
    run.refuse([each for every in by_year.values() for each in every])
    for at in range(len(pack.lines)):
        for year in years:
            inputs = by_year[year][at]
            order = tuple(graph.reached(inputs.line, catalogue))
            ranges = dict(_ranges(inputs.line, catalogue))
            formula = LineFormula(inputs.line, catalogue, order, ranges)
            yield _term(inputs, year, formula, distributions)


@dataclass(frozen=True, slots=True)
class LineFormula:
    """The value of one line of a pack from its leaves and its parameters, as drawn."""

    line: ServiceLine
    catalogue: Catalogue
    order: tuple[str, ...]
    ranges: Mapping[str, Range]

    @property
    def parameters(self) -> dict[str, Parameter]:
        """The parameters that the method of the line, or a model above its leaves, takes."""
        own = (x for x in self.order if not graph.is_leaf(self.line, x, self.catalogue))
        codes = {self.line.method, *(self.line.bind[name] for name in own)}
        taken = {name for code in codes for name in self.catalogue[code].inputs}
        return {name: each for name, each in self.line.parameters.items() if name in taken}

    def __call__(self, readings: Mapping[str, Array], parameters: Mapping[str, Array]) -> Array:
        """Return CNY, shape (places, draws)."""
        drawn = {n: Measured(parameters[n], each.unit) for n, each in self.parameters.items()}
        known: dict[str, Measured] = {}
        for name in self.order:
            leaf = graph.is_leaf(self.line, name, self.catalogue)
            known[name] = (
                Measured(_within(self.ranges.get(name), readings[name]), quantities()[name].unit)
                if leaf
                else self._computed(self.catalogue[self.line.bind[name]], known, drawn)
            )
        return self._computed(self.catalogue[self.line.method], known, drawn).values

    def _computed(
        self, method: Method, known: Mapping[str, Measured], drawn: Mapping[str, Measured]
    ) -> Measured:
        estimates = {name: known[of] for name, of in graph.named(self.line, method).items()}
        taken = {name: each for name, each in drawn.items() if name in method.inputs}
        return method.compute(**estimates, **taken)


def _ranges(line: ServiceLine, catalogue: Catalogue) -> Iterator[tuple[str, Range]]:
    """Yield what a leaf may be where that ends somewhere: a share, an angle, a yes or no."""
    for method in graph.formulas(line, catalogue):
        for argument, name in graph.named(line, method).items():
            possible = method.ranges.get(argument)
            same = method.inputs[argument] == quantities()[name].unit
            if possible and same and possible.highest < inf:
                yield name, possible


def _within(possible: Range | None, drawn: Array) -> Array:
    """Keep what is drawn of a share at most whole, and a yes or no what it is."""
    if possible is None:
        return drawn
    kept = np.clip(drawn, possible.lowest, possible.highest)
    return np.rint(kept) if possible.whole else kept


def _term(inputs: Inputs, year: int, formula: LineFormula, distributions: Distributions) -> Term:
    line = formula.line
    places = Evaluation(inputs, inputs.places())
    places.computed(formula.catalogue[line.method])
    if line.quantity:
        places.of(line.quantity)
    run.refuse([inputs])
    leaves = places.leaves
    known = [
        at
        for at in range(len(places.places))
        if not any(np.isnan(each.measured.values[at]) for each in leaves.values())
    ]
    shared = {
        name: Shared(
            _identity(each), _label(line, each), float(each.decimal),
            distributions.find("parameter", name=name, unit=each.unit),
        )
        for name, each in formula.parameters.items()
    }  # fmt: skip
    read = {name: _readings(name, leaf, known, distributions) for name, leaf in leaves.items()}
    return Term(line.service, year, line.counts_in == "gep", formula, read, shared)


def _readings(
    name: str, leaf: Leaf, known: Sequence[int], distributions: Distributions
) -> Readings:
    quantity = quantities()[name]
    origins = [leaf.origins[at] for at in known]
    change = units.conversion(units.parse(leaf.measured.unit), units.parse(quantity.unit))
    return Readings(
        name, quantity.name, tuple(_named(name, each) for each in origins),
        np.asarray(leaf.measured.values[known] * float(change.factor), np.float64),
        tuple(_distribution(name, each, distributions) for each in origins),
    )  # fmt: skip


def _named(name: str, origin: Origin) -> str:
    """Name what is drawn by where it stands, so that all who use it draw it alike."""
    if isinstance(origin, Parameter):
        return _identity(origin)
    return f"{name}/{origin.cell if isinstance(origin, Reading) else origin}"


def _distribution(name: str, origin: Origin, distributions: Distributions) -> Distribution:
    if isinstance(origin, Parameter):
        return distributions.find("parameter", name=name, unit=origin.unit)
    status = origin.status if isinstance(origin, Reading) else "modelled"
    return distributions.find("reading", quantity=name, status=status)


def _identity(parameter: Parameter) -> str:
    """Name a parameter by all that it says: lines and years that say the same share it."""
    each = parameter
    base = "" if each.price_year is None else str(each.price_year)
    said = (each.name, each.value, each.unit, base, each.region)
    return "/".join((*said, each.source.document, each.source.clause))


def _label(line: ServiceLine, parameter: Parameter) -> Label:
    said = f"{parameter.name} {parameter.value} {parameter.unit}"
    name = "单价" if parameter.name == "price" else parameter.name
    zh = f"{line.group}：{name}{parameter.value} {parameter.unit.replace('CNY', '元')}"
    return Label(zh, said)
