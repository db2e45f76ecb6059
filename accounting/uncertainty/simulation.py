"""The draws: in blocks of cells that fit a cache, of which only running sums are kept.

Memory is draws × (services + quantities) × years, never cells × draws.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from accounting.method import Array
from accounting.uncertainty.distribution import Distribution
from accounting.uncertainty.stream import stream
from ledger.core.errors import RuleBroken
from ledger.statements.statement import Label

DRAWS_MIN = 10_000
BLOCK_VALUES = 2**16  # half a megabyte of float64: a block and its result stay in the cache
Formula = Callable[[Mapping[str, Array], Mapping[str, Array]], Array]


@dataclass(eq=False)
class TooFewDraws(RuleBroken):
    """Quantiles of fewer draws than these are not worth printing."""

    code = "uncertainty.too-few-draws"
    title = "Uncertainty takes at least ten thousand draws"
    draws: int
    least: int


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of one quantity in the cells of a term, each with a name, unlike any other."""

    quantity: str
    label: Label
    names: tuple[str, ...]
    centre: Array
    distributions: tuple[Distribution, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """A parameter; its ``name`` is the same wherever it is used, in every line and year."""

    name: str
    label: Label
    centre: float
    distribution: Distribution


@dataclass(frozen=True, slots=True)
class Term:
    """One service in one year: ``formula`` takes readings (cells, draws) and parameters (draws,).

    It works cell by cell and returns CNY, shape (cells, draws); arguments are by name.
    """

    service: str
    year: int
    counted: bool
    formula: Formula
    readings: Mapping[str, Readings]
    parameters: Mapping[str, Shared]


@dataclass(frozen=True, slots=True)
class Input:
    """Something that varies: a parameter's factors, or what the readings of a quantity come to."""

    label: Label
    tags: frozenset[str]
    drawn: Array


@dataclass(frozen=True, slots=True)
class Simulation:
    """Draws in CNY, each array of shape (draws,), with the estimates that they are draws of."""

    draws: int
    seed: int
    services: Mapping[tuple[str, int], Array]
    totals: Mapping[int, Array]
    estimates: Mapping[tuple[str, int], float]
    estimated_totals: Mapping[int, float]
    inputs: Mapping[int, Mapping[str, Input]]


class _Sums:
    """Running sums over the terms; every array has one number for each draw."""

    def __init__(self, draws: int, seed: int) -> None:
        self.draws, self.seed = draws, seed
        self.services: dict[tuple[str, int], Array] = defaultdict(self.zeros)
        self.totals: dict[int, Array] = defaultdict(self.zeros)
        self.estimates: dict[tuple[str, int], float] = defaultdict(float)
        self.estimated_totals: dict[int, float] = defaultdict(float)
        self.alone: dict[tuple[int, str], Array] = defaultdict(self.zeros)
        self.inputs: dict[int, dict[str, Input]] = defaultdict(dict)
        self.factors: dict[str, Array] = {}

    def zeros(self) -> Array:
        """Return a sum of nothing."""
        return np.zeros(self.draws)

    def shared(self, each: Shared) -> Array:
        """Return a parameter's factors, drawn once."""
        if each.name not in self.factors:
            drawn = self.zeros()
            each.distribution.fill(stream(self.seed, "parameter", each.name), drawn)
            self.factors[each.name] = drawn
        return self.factors[each.name]

    def add(self, term: Term) -> None:
        """Draw a term block by block and add it up."""
        place = term.service, term.year
        parameters = {n: each.centre * self.shared(each) for n, each in term.parameters.items()}
        whole = self.services[place]
        cells = max((len(each.names) for each in term.readings.values()), default=0)
        step = max(1, BLOCK_VALUES // self.draws)
        for start in range(0, cells, step):
            block = slice(start, min(start + step, cells))
            drawn = {n: self._drawn(each, block) for n, each in term.readings.items()}
            estimates = self._add_centres(term, block, drawn)
            whole += _added(term.formula(drawn, parameters), estimates)
        if term.counted:
            self.totals[term.year] += whole
            self._name_inputs(term)

    def _drawn(self, readings: Readings, block: slice) -> Array:
        out = np.empty((block.stop - block.start, self.draws))
        for row, at in enumerate(range(block.start, block.stop)):
            generator = stream(self.seed, "reading", readings.names[at])
            readings.distributions[at].fill(generator, out[row])
            out[row] *= readings.centre[at]
        return out

    def _add_centres(self, term: Term, block: slice, drawn: Mapping[str, Array]) -> Array:
        """Add the estimates, and what each quantity alone moves while all else stays where it is.

        Returns the estimates, shape (cells, 1), nought where the formula gives none.
        """
        centres = {n: each.centre[block, None] for n, each in term.readings.items()}
        fixed = {n: np.array(each.centre) for n, each in term.parameters.items()}
        estimates = np.nan_to_num(term.formula(centres, fixed))
        estimate = float(estimates.sum())
        self.estimates[term.service, term.year] += estimate
        if term.counted:
            self.estimated_totals[term.year] += estimate
            for name, readings in term.readings.items():
                moved = term.formula(centres | {name: drawn[name]}, fixed)
                self.alone[term.year, readings.quantity] += _added(moved, estimates)
        return estimates

    def _name_inputs(self, term: Term) -> None:
        inputs = self.inputs[term.year]
        for each in term.parameters.values():
            tags = frozenset({each.distribution.tag})
            inputs[f"parameter/{each.name}"] = Input(each.label, tags, self.shared(each))
        for readings in term.readings.values():
            name = f"reading/{readings.quantity}/{term.year}"
            tags = frozenset(each.tag for each in readings.distributions)
            tags |= inputs[name].tags if name in inputs else frozenset()
            drawn = self.alone[term.year, readings.quantity]
            inputs[name] = Input(readings.label, tags, drawn)


def _added(values: Array, estimates: Array) -> Array:
    """Add up cells; where the formula gives nothing for a draw, its cell stays at its estimate."""
    whole = np.asarray(values.sum(axis=0))
    if not np.isnan(whole).any():
        return whole
    return np.asarray(np.where(np.isnan(values), estimates, values).sum(axis=0))


def simulate(terms: Iterable[Term], draws: int, seed: int) -> Simulation:
    """Draw every term; the same terms, draws and seed give the same numbers in any order.

    Refuses fewer than ten thousand draws.
    """
    if draws < DRAWS_MIN:
        raise TooFewDraws(draws, DRAWS_MIN)
    sums = _Sums(draws, seed)
    for term in terms:
        sums.add(term)
    return Simulation(
        draws, seed, dict(sums.services), dict(sums.totals), dict(sums.estimates),
        dict(sums.estimated_totals), dict(sums.inputs),
    )  # fmt: skip
