"""The run: case × pack → account, pure; every quantity is found by name, as the pack binds it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from accounting import graph, imports, price_list
from accounting.account import CONTEXT, Account, Line
from accounting.case import Case
from accounting.evaluation import Evaluation
from accounting.graph import Catalogue
from accounting.inputs import Inputs, by_quantity
from accounting.method import Measured, Method, Parameter
from accounting.methods import METHODS
from accounting.pack import GEP, GIVEN, Pack, ServiceLine
from accounting.published import Row, in_cny
from accounting.quantity import quantities
from accounting.reading import Cell, Reading
from ledger.core.errors import Finding, InputRefused, RuleBroken


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
    case does not have, and every type without the coefficient that it needs. Flows are those of the
    case's own pack; another pack leaves out what it cannot take, and names it.
    """
    if case.ecosystems.id != pack.ecosystems:
        raise OtherEcosystemList(case.ecosystems.id, pack.ecosystems)
    chosen = max(case.years) if year is None else year
    if chosen not in case.years:
        raise UnknownYear(chosen, case.years)
    catalogue = {method.code: method for method in methods}
    prices = tuple(price_list.findings(case.prices, pack)) if pack.id == case.pack else ()
    pack = price_list.dated(pack, case.prices, chosen)
    every = inputs_of(case, pack, chosen, catalogue)
    lines = [line for each in every for line in _computed(each, chosen)]
    refuse(every, prices)
    total = _printed(case, GEP, chosen)
    account = Account(
        case=case.id,
        title=case.title,
        year=chosen,
        pack=pack,
        inputs=case.digests,
        tree=case.tree,
        types=case.ecosystems.types,
        lines=tuple(lines),
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
    faults = tuple(imports.findings(account))
    if faults and pack.id == case.pack:
        raise InputRefused(faults)
    return imports.without(account, faults) if faults else account


def inputs_of(case: Case, pack: Pack, year: int, catalogue: Catalogue) -> tuple[Inputs, ...]:
    """Return what each line finds in a year of a case, and what the case gives nowhere."""
    readings = by_quantity(case, year)
    every = tuple(Inputs(case, line, readings, catalogue) for line in pack.lines)
    for each in every:
        _find_missing(each, year)
    return every


def evaluated(
    case: Case, line: ServiceLine, year: int, catalogue: Catalogue
) -> tuple[Evaluation, Measured]:
    """Compute what a line rests on at all its places, and its value in CNY."""
    inputs = Inputs(case, line, by_quantity(case, year), catalogue)
    found = Evaluation(inputs, inputs.places())
    value = found.computed(catalogue[line.method])
    if line.quantity:
        found.of(line.quantity)
    return found, value


def refuse(every: Sequence[Inputs], besides: Sequence[Finding] = ()) -> None:
    """Refuse what was found wrong with the inputs of any line, and besides, all at once."""
    findings = (*(found for each in every for found in each.findings), *besides)
    if findings:
        raise InputRefused(findings)


def _find_missing(inputs: Inputs, year: int) -> None:
    """Find every quantity that a line needs and the case gives nowhere, or not of its types."""
    line, code = inputs.line, "run.missing-reading"
    wanted = (x for x in graph.order(line, inputs.catalogue) if line.bind[x] == GIVEN)
    missing = [quantity for quantity in wanted if quantity not in inputs.readings]
    for quantity in missing:
        title = "The pack needs this quantity and the case does not give it"
        inputs.find(code, title, quantity, {"year": year})
    if not missing and not inputs.places():
        title = "The pack needs this service by type and the case gives none of its types"
        inputs.find(code, title, "ecosystem_type", {"year": year, "types": sorted(line.types)})


def _computed(inputs: Inputs, year: int) -> tuple[Line, ...]:
    """Compute a line that lacks nothing; what its formulas refuse is found beside the others."""
    if inputs.findings:
        return ()
    try:
        return tuple(_lines(inputs, year))
    except InputRefused as refused:
        inputs.findings += refused.findings
        return ()


def _lines(inputs: Inputs, year: int) -> Iterator[Line]:
    """Compute one service at all its places at once, and add objects into their cells."""
    line, catalogue = inputs.line, inputs.catalogue
    places = inputs.places()
    computed = Evaluation(inputs, places)
    method = catalogue[line.method]
    model = catalogue.get(line.bind[line.quantity]) if line.quantity else None
    value = computed.computed(method)
    quantity = computed.of(line.quantity) if line.quantity else None
    _find_lone(inputs, places)
    cells: dict[Cell, list[int]] = {}
    for at, place in enumerate(places):
        cells.setdefault(place._replace(object="") if place.object else place, []).append(at)
    values = _added(value, cells, method)
    amounts = _added(quantity, cells, model) if quantity else [None] * len(cells)
    printed = _printed(inputs.case, line.service, year) if len(cells) == 1 else None
    formulas = graph.formulas(line, catalogue)
    for (cell, rows), amount, worth in zip(cells.items(), amounts, values, strict=True):
        yield Line(
            of=line,
            cell=cell,
            quantity=amount,
            value_cny=worth,
            reading=_reading(computed, cell, places[rows[0]]),
            notes=value.notes,
            printed=in_cny(printed.published, printed.value_unit) if printed else None,
            check=printed,
            coefficients=_coefficients(computed, rows),
            formulas=formulas,
        )


def _find_lone(inputs: Inputs, places: Sequence[Cell]) -> None:
    """Find a sum of objects where only the objects themselves give the right figure."""
    line = inputs.line
    whole = next((place for place in places if not place.object), None)
    for method in graph.formulas(line, inputs.catalogue) if whole else ():
        adding = {law[1] for law in method.laws if law[0] in ("linear", "affine")}
        for argument, name in graph.named(line, method).items():
            extensive = quantities()[name].kind == "extensive"
            if method.scope == "object" and extensive and argument not in adding and whole:
                title = "This is computed for each object by itself: name the object of a reading"
                facts = {"region": whole.region, "type": whole.ecosystem_type}
                inputs.find("run.object-wanted", title, name, facts)


def _added(
    column: Measured, cells: Mapping[Cell, Sequence[int]], by: Method | None
) -> list[float | None]:
    """Add up the places of each cell as the method has it; None where one has no estimate."""
    if len(cells) == len(column.values):
        added = column.values.tolist()
    else:
        add = by.added if by else np.sum
        added = [float(add(column.values[rows])) for rows in cells.values()]
    return [None if isnan(each) else each for each in added]


def _reading(computed: Evaluation, cell: Cell, place: Cell) -> Reading | None:
    """Return the reading that a cell's quantity is, where it is one."""
    quantity = computed.line.quantity or ""
    if (
        place != cell
        or computed.line.bind.get(quantity) != GIVEN
        or quantity in computed.line.apportioned
    ):
        return None
    return computed.inputs.series(quantity, cell).get("")


def _coefficients(computed: Evaluation, at: Sequence[int]) -> tuple[Parameter, ...]:
    names = (x for x in computed.leaves if computed.line.coefficient(x) is not None)
    origins = (computed.leaves[name].origins[each] for name in names for each in at)
    return tuple(dict.fromkeys(each for each in origins if isinstance(each, Parameter)))


def _printed(case: Case, code: str, year: int) -> Row | None:
    """Return the published row that a service line names, in this year."""
    rows = case.published.rows if case.published else ()
    return next((each for each in rows if each.line == code and each.year == str(year)), None)
