"""From a case and a pack to what is drawn: the same graph of quantities that a run resolves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from accounting import run
from accounting.case import Case
from accounting.method import Array, Measured, Method, Parameter
from accounting.methods import METHODS
from accounting.pack import GIVEN, Pack, ServiceLine
from accounting.quantity import quantities
from accounting.reading import Cell, Reading
from accounting.uncertainty.distribution import Distributions
from accounting.uncertainty.simulation import Readings, Shared, Term
from ledger.core.errors import InputRefused
from ledger.statements.statement import Label


def terms(
    case: Case,
    pack: Pack,
    distributions: Distributions,
    years: Sequence[int],
    methods: Sequence[Method] = METHODS,
) -> Iterator[Term]:
    """Yield every line of a pack in every year; a cell without an estimate is left out.

    Refuses what a run refuses: a circle, an unbound input, missing readings.
    """
    catalogue = {method.code: method for method in methods}
    findings = tuple(
        finding for year in years for finding in run.missing(case, pack, year, catalogue)
    )
    if findings:
        raise InputRefused(findings)
    for line in pack.lines:
        formula = LineFormula(line, catalogue, run.order(line, catalogue))
        for year in years:
            yield _term(case, line, year, formula, distributions)


@dataclass(frozen=True, slots=True)
class LineFormula:
    """The value of one line of a pack from its given quantities and its parameters, as drawn."""

    line: ServiceLine
    catalogue: Mapping[str, Method]
    order: tuple[str, ...]

    @property
    def given(self) -> tuple[str, ...]:
        """The quantities the case gives."""
        return tuple(name for name in self.order if self.line.bind[name] == GIVEN)

    @property
    def parameters(self) -> dict[str, Parameter]:
        """The parameters that the method of the line, or a model below it, takes."""
        codes = {self.line.method, *(self.line.bind[name] for name in self.order)} - {GIVEN}
        taken = {name for code in codes for name in self.catalogue[code].inputs}
        return {name: each for name, each in self.line.parameters.items() if name in taken}

    def __call__(self, readings: Mapping[str, Array], parameters: Mapping[str, Array]) -> Array:
        """Return CNY, shape (cells, draws)."""
        drawn = {n: Measured(parameters[n], each.unit) for n, each in self.parameters.items()}
        known: dict[str, Measured] = {}
        for name in self.order:
            model = self.catalogue.get(self.line.bind[name])
            known[name] = (
                self._computed(model, known, drawn)
                if model
                else Measured(readings[name], quantities()[name].unit)
            )
        return self._computed(self.catalogue[self.line.method], known, drawn).values

    def _computed(
        self, method: Method, known: Mapping[str, Measured], drawn: Mapping[str, Measured]
    ) -> Measured:
        estimates = {name: known[of] for name, of in run.named(self.line, method).items()}
        taken = {name: each for name, each in drawn.items() if name in method.inputs}
        return method.compute(**estimates, **taken)


def _term(
    case: Case, line: ServiceLine, year: int, formula: LineFormula, distributions: Distributions
) -> Term:
    given = {name: case.of(name, year) for name in formula.given}
    cells = sorted(
        cell
        for cell in {cell for readings in given.values() for cell in readings}
        if all(_estimated(readings.get(cell)) for readings in given.values())
    )
    shared = {
        name: Shared(
            _identity(each), _label(line, each), float(each.decimal),
            distributions.find("parameter", name=name, unit=each.unit),
        )
        for name, each in formula.parameters.items()
    }  # fmt: skip
    read = {name: _readings(name, given[name], cells, distributions) for name in formula.given}
    return Term(line.service, year, line.counts_in == "gep", formula, read, shared)


def _estimated(reading: Reading | None) -> bool:
    return reading is not None and reading.estimate is not None


def _readings(
    name: str, given: Mapping[Cell, Reading], cells: Sequence[Cell], distributions: Distributions
) -> Readings:
    quantity = quantities()[name]
    return Readings(
        name, quantity.name, tuple("/".join((name, *map(str, cell))) for cell in cells),
        np.array([given[cell].estimate for cell in cells], np.float64),
        tuple(
            distributions.find("reading", quantity=name, status=given[cell].status)
            for cell in cells
        ),
    )  # fmt: skip


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
