"""The run: case × pack → account, pure; every quantity is found by name, as the pack binds it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

import numpy as np

from accounting import imports, price_list
from accounting.account import CONTEXT, Account, Line
from accounting.case import Case
from accounting.method import Measured, Method
from accounting.methods import METHODS
from accounting.pack import GIVEN, Pack, ServiceLine
from accounting.published import Row, in_cny
from accounting.quantity import quantities
from accounting.reading import Cell, Reading
from ledger.core.errors import Finding, InputRefused, RuleBroken

GEP_ROW = "gep"
ON_MEANS = "method.computed-on-means"  # a zone is not its mean where a formula is not linear


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


@dataclass(eq=False)
class OtherEcosystemList(RuleBroken):
    """Case and pack speak of other lists of ecosystem types."""

    code = "run.other-ecosystem-list"
    title = "Case and pack name different lists of ecosystem types"
    case: str
    pack: str


@dataclass(eq=False)
class UnknownYear(RuleBroken):
    """The case is not about this year."""

    code = "run.unknown-year"
    title = "The case has no such year"
    year: int
    years: tuple[int, ...]


def run(
    case: Case, pack: Pack, year: int | None = None, methods: Sequence[Method] = METHODS
) -> Account:
    """Compute the account of one year of a case, its latest unless said, under a pack.

    Refuses a circle, an unbound input, and, all at once, every reading the pack needs and the
    case does not have.
    """
    if case.ecosystems.id != pack.ecosystems:
        raise OtherEcosystemList(case.ecosystems.id, pack.ecosystems)
    chosen = max(case.years) if year is None else year
    if chosen not in case.years:
        raise UnknownYear(chosen, case.years)
    catalogue = {method.code: method for method in methods}
    prices = price_list.findings(case.prices, pack) if pack.id == case.pack else ()
    findings = (*missing(case, pack, chosen, catalogue), *prices)
    if findings:
        raise InputRefused(findings)
    total = _printed(case, GEP_ROW, chosen)
    pack = price_list.dated(pack, case.prices, chosen)
    account = Account(
        case=case.id,
        title=case.title,
        year=chosen,
        pack=pack,
        inputs=case.digests,
        tree=case.tree,
        types=case.ecosystems.types,
        lines=tuple(each for line in pack.lines for each in _lines(case, line, chosen, catalogue)),
        population=case.total("population", chosen),
        printed_total=in_cny(total.published, total.value_unit) if total else None,
        by_type=case.by_type,
        context={
            name: {region: case.total_of(region, name, chosen) for region in case.regions}
            for name in CONTEXT
        },
        imports=tuple(each for each in case.imports if each.year == chosen),
        use=tuple(each for each in case.use if each.year == chosen),
    )
    faults = tuple(imports.findings(account)) if pack.id == case.pack else ()
    if faults:
        raise InputRefused(faults)
    return account


def missing(
    case: Case, pack: Pack, year: int, catalogue: Mapping[str, Method]
) -> Iterator[Finding]:
    """Yield a finding for every quantity that a line of the pack needs and the case lacks."""
    for line in pack.lines:
        for quantity in order(line, catalogue):
            if line.bind[quantity] == GIVEN and not case.of(quantity, year):
                title = "The pack needs this quantity and the case does not give it"
                facts = {"service": line.service, "year": year}
                yield Finding(
                    "run.missing-reading", title, case.readings_file, None, quantity, facts
                )


def order(line: ServiceLine, catalogue: Mapping[str, Method]) -> tuple[str, ...]:
    """Return the quantities a line rests on, each after those it is computed from."""
    graph: dict[str, tuple[str, ...]] = {}
    method = catalogue[line.method]
    waiting = [(name, line.method) for name in named(line, method).values()]
    waiting += [(line.quantity, line.method)] if line.quantity else []
    while waiting:
        quantity, needed_by = waiting.pop()
        if quantity not in graph:
            source = line.bind.get(quantity)
            if source is None or (source != GIVEN and source not in catalogue):
                raise UnboundInput(line.service, needed_by, quantity)
            model = catalogue.get(source)
            graph[quantity] = tuple(named(line, model).values()) if model else ()
            waiting += [(each, source) for each in graph[quantity]]
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise CircularBinding(line.service, tuple(reversed(error.args[1]))) from None


def named(line: ServiceLine, method: Method) -> dict[str, str]:
    """Return the quantity behind each argument that is no parameter of the line."""
    names = {"quantity": line.quantity, **line.arguments}
    return {n: names.get(n) or n for n in method.inputs if n not in line.parameters}


@dataclass(frozen=True, slots=True)
class Resolved:
    """One service over all its cells at once: what was read, every quantity, the value in CNY."""

    cells: Sequence[Cell]
    given: Mapping[str, Mapping[Cell, Reading]]
    known: Mapping[str, Measured]
    value: Measured


def resolved(case: Case, line: ServiceLine, year: int, catalogue: Mapping[str, Method]) -> Resolved:
    """Compute each quantity that a line rests on, and its value, over all its cells."""
    names = order(line, catalogue)
    given = {name: case.of(name, year) for name in names if line.bind[name] == GIVEN}
    cells = sorted({cell for readings in given.values() for cell in readings})
    known: dict[str, Measured] = {}
    for name in names:
        model = catalogue.get(line.bind[name])
        known[name] = _computed(line, model, known) if model else _given(name, given[name], cells)
    return Resolved(cells, given, known, _computed(line, catalogue[line.method], known))


def _lines(
    case: Case, line: ServiceLine, year: int, catalogue: Mapping[str, Method]
) -> Iterator[Line]:
    found = resolved(case, line, year, catalogue)
    printed = _printed(case, line.service, year) if len(found.cells) == 1 else None
    for place, cell in enumerate(found.cells):
        yield Line(
            of=line,
            cell=cell,
            quantity=_estimate(found.known[line.quantity], place) if line.quantity else None,
            value_cny=_estimate(found.value, place),
            reading=found.given.get(line.quantity or "", {}).get(cell),
            notes=found.value.notes,
            printed=in_cny(printed.published, printed.value_unit) if printed else None,
            check=printed,
        )


def _given(quantity: str, readings: Mapping[Cell, Reading], cells: Sequence[Cell]) -> Measured:
    """Line up the readings of a quantity with the cells; nan where there is no estimate."""
    values = np.full(len(cells), np.nan)
    for place, cell in enumerate(cells):
        reading = readings.get(cell)
        if reading and reading.estimate is not None:
            values[place] = reading.estimate
    notes = dict.fromkeys(note for each in readings.values() for note in each.notes)
    return Measured(values, quantities()[quantity].unit, tuple(notes))


def _computed(line: ServiceLine, method: Method, known: Mapping[str, Measured]) -> Measured:
    taken = named(line, method)
    estimates = {name: known[quantity] for name, quantity in taken.items()}
    parameters = {
        name: Measured(np.array(float(each.decimal)), each.unit)
        for name, each in line.parameters.items()
        if name in method.inputs
    }
    result = method.compute(**estimates, **parameters)
    varying = {
        name for name, quantity in taken.items() if quantities()[quantity].kind == "intensive"
    }
    if method.scope == "cell" and not method.exact_on_means(varying):
        return replace(result, notes=(*result.notes, ON_MEANS))
    return result


def _estimate(column: Measured, place: int) -> float | None:
    value = float(column.values[place])
    return None if np.isnan(value) else value


def _printed(case: Case, code: str, year: int) -> Row | None:
    """Return the published row that a service line names, in this year."""
    rows = case.published.rows if case.published else ()
    return next((each for each in rows if each.line == code and each.year == str(year)), None)
