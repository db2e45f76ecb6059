"""One figure of an account with its evidence: formula, readings, parameters, every step between.

Of a cell, the graph of its quantities with their numbers; of a total, the lines that make it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from math import fsum
from typing import Any

import numpy as np

from accounting import graph, price_list, run
from accounting.account import Account, Line
from accounting.case import Case
from accounting.evaluation import Evaluation, Origin
from accounting.method import Measured, Method, Parameter, Source
from accounting.methods import METHODS
from accounting.pack import CLASSES, GEP, GEP_NAME, MONEY, Pack, ServiceLine
from accounting.quantity import quantities
from accounting.reading import ALL_TYPES, Cell, Reading
from accounting.tables import reconstructed
from ledger.core.errors import NotFound
from ledger.statements.statement import Column, Label, Row, Statement

ALL = (ALL_TYPES, "*")
NAMED_MAX = 20
FEWEST_PARTS = 4
YEAR = re.compile(r"\d{4}", re.ASCII)
VALUE = Label("价值量", "Value")


@dataclass(eq=False)
class UnknownCell(NotFound):
    """What was to be explained is not in the account."""

    code = "explain.unknown-cell"
    title = "The account has no such figure: REGION/TYPE/SERVICE/YEAR"
    part: str
    found: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A reading as typed, and where it stands."""

    typed: str
    unit: str
    status: str
    source: str
    department: str
    file: str
    row: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A parameter with its source and tag; file and row where the case gave it."""

    parameter: Parameter
    file: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One quantity of the graph: read, or computed by a method from quantities and parameters.

    The last step is the value, in CNY. ``value`` is None where there is no estimate.
    """

    quantity: str
    name: Label
    value: float | None
    unit: str
    method: str
    formula: str
    source: Source | None
    takes: Mapping[str, str]
    parameters: tuple[Taken, ...]
    reading: Read | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A line that a total is made of."""

    region: str
    ecosystem_type: str
    service: str
    name: Label
    quantity: float | None
    unit: str
    value_cny: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """One figure: a cell with its steps, each after what it needs, or a total with its parts."""

    region: str
    ecosystem_type: str
    service: str
    year: int
    name: Label
    pack: str
    edition: str
    digest: str
    counts_in: str
    quantity: float | None
    unit: str
    value_cny: float | None
    steps: tuple[Step, ...] = ()
    parts: tuple[Part, ...] = ()
    reconstruction: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def of(case: Case, pack: Pack, cell: str, methods: Iterable[Method] = METHODS) -> Explanation:
    """Explain ``REGION/TYPE/SERVICE/YEAR``.

    TYPE `all` (or `*`) adds up the types and what lies in the region; SERVICE is a code, a class,
    or `gep`. Refuses what is not in the account, and what a run refuses.
    """
    region, type_, service, year = _parts_of(cell)
    account = run.run(case, pack, year)
    if region not in account.regions:
        raise UnknownCell("region", region, _few(account.regions))
    services = {line.service: line for line in account.pack.lines}
    if service not in (*services, *CLASSES, GEP):
        raise UnknownCell("service", service, _few((*services, *CLASSES, GEP)))
    own = [x for x in account.lines if x.cell.region == region and x.service == service]
    chosen = [x for x in own if x.cell.ecosystem_type == _type(account, type_)]
    if chosen:
        catalogue = {method.code: method for method in methods}
        return _of_line(case, account, chosen[0], catalogue)
    if type_ not in ALL:
        raise UnknownCell("type", type_, _few(x.cell.ecosystem_type for x in own))
    return _of_total(account, region, service)


def _parts_of(cell: str) -> tuple[str, str, str, int]:
    """Part the name of a cell; the code of a service may hold a slash itself."""
    parts = cell.split("/")
    if len(parts) < FEWEST_PARTS or not YEAR.fullmatch(parts[-1]):
        raise UnknownCell("cell", cell, ())
    return parts[0], parts[1], "/".join(parts[2:-1]), int(parts[-1])


def _type(account: Account, text: str) -> str:
    """Return the code of a type by its code or one of its names."""
    names = account.types.items()
    return next(
        (c for c, n in names if text in (c, n.zh, n.en)), ALL_TYPES if text in ALL else text
    )


def _few(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))[:NAMED_MAX]


def _of_total(account: Account, region: str, service: str) -> Explanation:
    inside = {code for code, _ in account.tree.within(region)}
    whole = any(each.service == service for each in account.pack.lines)
    lines = [
        x for x in (account.lines if whole else account.counted)
        if x.cell.region in inside and service in (GEP, x.service, x.class_)
    ]  # fmt: skip
    if not lines:
        raise UnknownCell("region", region, _few(x.cell.region for x in account.lines))
    lines.sort(key=lambda x: -abs(x.value_cny or 0.0))
    quantities_ = [x.quantity for x in lines if whole and x.quantity is not None]
    name = lines[0].name if whole else GEP_NAME
    if service in CLASSES:
        name = next(label for code, label in CLASSES.items() if code == service)
    return Explanation(
        region, ALL_TYPES, service, account.year, name, account.pack.id, account.pack.edition,
        account.pack.digest, lines[0].of.counts_in, fsum(quantities_) if quantities_ else None,
        lines[0].unit if quantities_ else "", fsum(x.value_cny or 0.0 for x in lines),
        parts=tuple(
            Part(x.cell.region, x.cell.ecosystem_type, x.service, x.name, x.quantity, x.unit,
                 x.value_cny)
            for x in lines
        ),
        reconstruction=account.pack.reconstruction,
    )  # fmt: skip


def _of_line(
    case: Case, account: Account, line: Line, catalogue: Mapping[str, Method]
) -> Explanation:
    found, value = run.evaluated(case, line.of, account.year, catalogue)
    places = [at for at, x in enumerate(found.places) if x._replace(object="") == line.cell]
    steps = tuple(step for at in places for step in _steps(found, value, at))
    pack = account.pack
    return Explanation(
        *line.cell[:2], line.service, account.year, line.name, pack.id, pack.edition, pack.digest,
        line.of.counts_in, line.quantity, line.unit, line.value_cny, steps,
        reconstruction=pack.reconstruction,
    )  # fmt: skip


def _steps(found: Evaluation, value: Measured, at: int) -> Iterator[Step]:
    """Yield every quantity of one place, a cell or an object in it, and its value."""
    catalogue, line = found.catalogue, found.line
    for name, known in found.known.items():
        leaf = found.leaves.get(name)
        origin = leaf.origins[at] if leaf else None
        yield _step(found, at, name, catalogue.get(line.bind[name]), known, origin)
    yield _step(found, at, "", catalogue[line.method], value, None)


def _step(
    found: Evaluation, at: int, quantity: str, method: Method | None, known: Measured,
    origin: Origin,
) -> Step:  # fmt: skip
    case, line, place = found.inputs.case, found.line, found.places[at]
    values = np.asarray(known.values)
    value = float(values[at] if values.ndim else values)
    taken = [
        _taken(case, line, place.year, each)
        for name, each in line.parameters.items()
        if method and name in method.inputs
    ]
    taken += [Taken(origin)] if isinstance(origin, Parameter) else []
    read = origin if isinstance(origin, Reading) else None
    if isinstance(origin, Cell) and method is None:
        read = found.inputs.readings[quantity][origin].get("")
    name = quantities()[quantity].name if quantity else VALUE
    if place.object:
        name = Label(f"{name.zh}（{place.object}）", f"{name.en} ({place.object})")
    return Step(
        quantity=quantity or "value",
        name=name,
        value=None if np.isnan(value) else value,
        unit=known.unit,
        method=method.code if method else line.bind[quantity],
        formula="; ".join(x for x in (_formula(method), _reach(found, quantity, origin)) if x),
        source=method.source if method else None,
        takes=graph.named(line, method) if method else {},
        parameters=tuple(taken),
        reading=_read(read) if read else None,
        notes=known.notes,
    )


def _reach(found: Evaluation, quantity: str, origin: Origin) -> str:
    """Say from where a quantity was apportioned and by which key, or where its series was read."""
    if not isinstance(origin, Cell):
        return ""
    key = found.line.apportioned.get(quantity)
    return f"of {origin}, apportioned by {key}" if key else f"series read for {origin}"


def _taken(case: Case, line: ServiceLine, year: int, of: Parameter) -> Taken:
    """Say where a price of the case itself stands."""
    key = line.service, year
    if of.name == price_list.PRICE and case.prices.prices.get(key) is of:
        return Taken(of, case.prices.file, case.prices.rows[key])
    return Taken(of)


def _read(of: Reading) -> Read:
    return Read(of.typed, of.unit, of.status, of.source, of.department, of.file, of.row)


def _formula(method: Method | None) -> str:
    """Return the first line of a method's docstring: its formula."""
    text = (method.formula.__doc__ or "") if method else ""
    return text.strip().partition("\n")[0].rstrip(".")


def statements(of: Explanation, most: int | None = None) -> dict[str, Statement]:
    """Return the steps of a cell, or the parts of a total, as a statement by its name.

    Of a total the largest parts, at ``most`` so many, and what the others come to.
    """
    title = Label(
        f"{of.name.zh}：{of.region} {of.ecosystem_type} {of.year}",
        f"{of.name.en}: {of.region} {of.ecosystem_type} {of.year}",
    )
    name = "parts" if of.parts else "steps"
    said = _parts_statement(of, title, most) if of.parts else _steps_statement(of, title)
    return {name: reconstructed(said, of.pack, of.edition) if of.reconstruction else said}


def _steps_statement(of: Explanation, title: Label) -> Statement:
    columns = (
        Column("quantity", Label("指标", "Quantity")),
        Column("name_zh", Label("名称", "Name (Chinese)")),
        Column("name_en", Label("英文名称", "Name")),
        Column("value", Label("数值", "Value"), "@unit", None, "right"),
        Column("unit", Label("单位", "Unit")),
        Column("from", Label("取得方式", "From")),
        Column("typed", Label("填报值", "As typed")),
        Column("where", Label("出处（文件:行）", "File:row")),
        Column("source", Label("来源", "Source")),
        Column("department", Label("部门", "Department")),
        Column("tag", Label("证据等级", "Tag")),
    )
    rows = [row for step in of.steps for row in _step_rows(step)]
    notes = dict.fromkeys(note for step in of.steps for note in step.notes)
    return Statement(title, columns, tuple(rows), notes=tuple(Label(x, x) for x in notes))


def _step_rows(of: Step) -> Iterator[Row]:
    """Yield the parameters that a step takes, then the step."""
    for each in of.parameters:
        own = each.parameter
        year = f" ({own.price_year})" if own.price_year else ""
        where = f"{each.file}:{each.row}" if each.file else ""
        yield (own.name, own.name, own.name, own.decimal, own.unit, f"parameter{year}", "", where,
               _document(own.source), "", own.source.tag)  # fmt: skip
    read, value = of.reading, _digits(of.value)
    head = (of.quantity, of.name.zh, of.name.en, value, of.unit)
    if read:
        typed = f"{read.typed} {read.unit}".strip()
        yield (
            *head,
            read.status,
            typed,
            f"{read.file}:{read.row}",
            read.source,
            read.department,
            "",
        )
        return
    named = ", ".join(f"{name} = {taken}" for name, taken in of.takes.items() if name != taken)
    formula = f"{of.method}: {of.formula}" + (f" [{named}]" if named else "")
    tag = of.source.tag if of.source else ""
    yield (*head, formula, "", "", _document(of.source), "", tag)


def _document(of: Source | None) -> str:
    return " ".join(each for each in (of.document, of.clause) if each) if of else ""


def _parts_statement(of: Explanation, title: Label, most: int | None) -> Statement:
    columns = (
        Column("region", Label("地区", "Region")),
        Column("ecosystem_type", Label("生态系统类型", "Ecosystem type")),
        Column("service_code", Label("服务", "Service")),
        Column("name_zh", Label("名称", "Name (Chinese)")),
        Column("name_en", Label("英文名称", "Name")),
        Column("quantity", Label("实物量", "Quantity"), "@unit", None, "right"),
        Column("unit", Label("单位", "Unit")),
        Column("value", Label("价值量", "Value"), MONEY, None, "right"),
    )
    rows = tuple(
        (each.region, each.ecosystem_type, each.service, each.name.zh, each.name.en,
         _digits(each.quantity), each.unit, _digits(each.value_cny))
        for each in of.parts[:most]
    )  # fmt: skip
    left = of.parts[len(rows) :]
    if left:
        rest = _digits(fsum(each.value_cny or 0.0 for each in left))
        zh, en = f"其余{len(left)}项", f"{len(left)} others"
        rows = (*rows, ("", "", "", zh, en, None, "", rest))
    total: Row = ("", "", of.service, of.name.zh, of.name.en, _digits(of.quantity), of.unit,
                  _digits(of.value_cny))  # fmt: skip
    return Statement(title, columns, rows, (total,))


def _digits(value: float | None) -> Decimal | None:
    """Return a figure with the digits that an account vouches for."""
    return None if value is None else Decimal(f"{value:.12g}")
