"""A SEEA EA case: a folder of five tables and seea.toml, read whole or refused with all findings.

A row of supply, of use or of a conversion is a flow that occurs; a pair without a row has none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from accounting.method import Array
from accounting.seea import scope as scopes
from accounting.seea.condition import CLASSES, Condition, Variable
from accounting.seea.extent import Extent
from accounting.seea.rows import Rows
from accounting.seea.scope import CASE_FILE, Scope
from accounting.seea.supply_use import EXPORTS, IMPORTS, SupplyUse
from accounting.sheet import Record
from ledger.core.errors import Finding, InputRefused

Part = TypeVar("Part")

AREA = "hm2"
DATES = ("opening", "closing")
SLACK = 1e-9  # relative: what float64 may cost a sum
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "extent": ("opening_type", "closing_type", "kind", "area", "unit"),
    "condition": (
        "ecosystem_type",
        "class",
        "variable",
        "unit",
        *DATES,
        "lower",
        "upper",
        "weight",
    ),
    "supply": ("service", "supplier", "quantity", "unit", "price", "price_unit"),
    "use": ("service", "user", "quantity", "unit"),
    "expected": ("service", "ecosystem_type", "date", "quantity", "unit", "price", "price_unit"),
    "losses": ("ecosystem_type", "value", "unit"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Flows a year and their prices as expected at opening and closing; each (2, S, T)."""

    quantity: Array
    price: Array


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A case as read; ``prices`` (S, T + 2) are those of supply, ``losses`` (T,) at most zero."""

    scope: Scope
    extent: Extent
    condition: Condition
    physical: SupplyUse
    prices: Array
    expected: Expected
    losses: Array
    digests: Mapping[str, str]
    notes: tuple[str, ...]


class _Folder:
    """The tables of one folder as they are read; digests, findings and notes add up here."""

    def __init__(self, folder: Path, scope: Scope) -> None:
        self.folder, self.scope = folder, scope
        self.digests: dict[str, str] = {}
        self.findings: list[Finding] = []
        self.notes: list[str] = []

    def part(self, name: str, read_: Callable[[Rows], Part]) -> Part | None:
        """Read one table; a file that is none leaves its finding."""
        file = self.scope.files.get(name)
        if file is None:
            return None
        try:
            rows = Rows(self.folder / file, COLUMNS[name], ("source", "note"))
        except InputRefused as refused:
            self.findings += refused.findings
            return None
        part = read_(rows)
        self.findings += rows.findings
        self.notes += [each for each in rows.notes if each not in self.notes]
        self.digests[file] = rows.digest
        return part


def read(path: Path | str) -> Case:
    """Read a folder (or its seea.toml); refuse it with every finding of every table."""
    folder = Path(path)
    folder = folder.parent if folder.name == CASE_FILE else folder
    scope = scopes.read(folder / CASE_FILE)
    files = _Folder(folder, scope)
    extent = files.part("extent", lambda rows: _extent(rows, scope))
    condition = files.part("condition", lambda rows: _condition(rows, scope, extent))
    supply = files.part("supply", lambda rows: _supply(rows, scope))
    use = files.part("use", lambda rows: _use(rows, scope, supply))
    expected = files.part("expected", lambda rows: _expected(rows, scope, extent))
    losses = files.part("losses", lambda rows: _losses(rows, scope))
    if files.findings or not (extent and condition and supply and expected) or use is None:
        raise InputRefused(tuple(files.findings))
    quantity, prices = supply
    physical = SupplyUse(
        tuple(scope.services), scope.types, tuple(scope.economic_units), quantity, use
    )
    return Case(
        scope, extent, condition, physical, prices, expected,
        np.zeros(len(scope.types)) if losses is None else losses, files.digests,
        tuple(files.notes),
    )  # fmt: skip


def _extent(rows: Rows, scope: Scope) -> Extent | None:
    number = len(scope.types)
    areas = {kind: np.zeros((number, number)) for kind in ("unchanged", "managed", "unmanaged")}
    for record in rows.records:
        kind = rows.listed(record, "kind", areas)
        opening, closing = (
            rows.named(record, field, scope.ecosystems.named)
            for field in ("opening_type", "closing_type")
        )
        area = rows.amount(record, "area", AREA)
        if kind is None or opening is None or closing is None or area is None:
            continue
        if (kind == "unchanged") != (opening == closing):
            title = "What keeps its type is unchanged; what changes it is managed or unmanaged"
            rows.fault(record, "seea.kind-of-change", title, "kind")
        elif rows.once(record, "opening_type", (kind, opening, closing)):
            areas[kind][scope.types.index(opening), scope.types.index(closing)] = area
    if rows.findings:
        return None
    return Extent(scope.types, areas["unchanged"].diagonal(), areas["managed"], areas["unmanaged"])


def _condition(rows: Rows, scope: Scope, extent: Extent | None) -> Condition:
    variables, numbers = [], []
    for record in rows.records:
        type_ = rows.named(record, "ecosystem_type", scope.ecosystems.named)
        class_ = rows.listed(record, "class", CLASSES)
        figures = [rows.number(record, each) for each in (*DATES, "lower", "upper", "weight")]
        known = [each for each in figures if each is not None]
        if type_ is None or class_ is None or len(known) < len(figures):
            continue
        if figures[2] == figures[3]:
            title = "Two equal reference levels leave no scale between them"
            rows.fault(record, "seea.no-reference-range", title, "upper")
        elif rows.once(record, "variable", (type_, record["variable"])):
            variables.append(Variable(type_, class_, record["variable"], record["unit"]))
            numbers.append(known)
    columns = np.array(numbers, dtype=np.float64).reshape(-1, 5).T
    found = Condition(tuple(variables), columns[:2], columns[2], columns[3], columns[4])
    if extent and not rows.findings:
        _weigh(rows, found, extent)
    return found


def _weigh(rows: Rows, condition: Condition, extent: Extent) -> None:
    """Find types with an extent whose weights do not add up to 1; without a variable that is 0."""
    for at, type_ in enumerate(extent.types):
        weight = condition.weight(type_)
        if extent.opening[at] + extent.closing[at] > 0 and abs(weight - 1) > SLACK:
            title = "The weights of a type's variables add up to 1"
            rows.fault(None, "seea.weights", title, "weight", ecosystem_type=type_, sum=weight)


def _supply(rows: Rows, scope: Scope) -> tuple[Array, Array] | None:
    suppliers = (*scope.types, *IMPORTS)
    quantity, prices = np.zeros((2, len(scope.services), len(suppliers)))

    def named(text: str) -> str | None:
        return text if text in IMPORTS else scope.ecosystems.named(text)

    for record in rows.records:
        service = rows.listed(record, "service", scope.services)
        supplier = rows.named(record, "supplier", named)
        flow = _flow(rows, record, scope, service)
        if service and supplier and flow and rows.once(record, "supplier", (service, supplier)):
            place = tuple(scope.services).index(service), suppliers.index(supplier)
            quantity[place], prices[place] = flow
    return None if rows.findings else (quantity, prices)


def _use(rows: Rows, scope: Scope, supply: tuple[Array, Array] | None) -> Array:
    users = (*scope.economic_units, *scope.types, *EXPORTS)
    use = np.zeros((len(scope.services), len(users)))

    def named(text: str) -> str | None:
        return text if text in (*scope.economic_units, *EXPORTS) else scope.ecosystems.named(text)

    for record in rows.records:
        service = rows.listed(record, "service", scope.services)
        user = rows.named(record, "user", named)
        unit = scope.services[service].unit if service else None
        quantity = rows.amount(record, "quantity", unit) if unit else None
        if service and user and quantity is not None and rows.once(record, "user", (service, user)):
            use[tuple(scope.services).index(service), users.index(user)] = quantity
    if supply and not rows.findings:
        _balance(rows, scope, supply[0].sum(axis=1), use.sum(axis=1))
    return use


def _balance(rows: Rows, scope: Scope, supplied: Array, used: Array) -> None:
    for service, given, taken in zip(scope.services, supplied, used, strict=True):
        if abs(given - taken) > SLACK * max(given, taken):
            title = "What is supplied of a service is what is used of it"
            facts = {"supply": float(given), "use": float(taken)}
            rows.fault(None, "seea.supply-is-not-use", title, "quantity", service=service, **facts)


def _expected(rows: Rows, scope: Scope, extent: Extent | None) -> Expected:
    quantity, price = np.zeros((2, 2, len(scope.services), len(scope.types)))
    dated: dict[tuple[str, str], set[str]] = {}
    for record in rows.records:
        service = rows.listed(record, "service", scope.services)
        type_ = rows.named(record, "ecosystem_type", scope.ecosystems.named)
        date = rows.listed(record, "date", DATES)
        flow = _flow(rows, record, scope, service)
        if not (service and type_ and date and rows.once(record, "date", (service, type_, date))):
            continue
        dated.setdefault((service, type_), set()).add(date)
        if flow is None:
            continue
        at, column = DATES.index(date), scope.types.index(type_)
        place = at, tuple(scope.services).index(service), column
        quantity[place], price[place] = flow
        if extent and flow[0] and (extent.opening, extent.closing)[at][column] == 0:
            title = "A flow is expected of an ecosystem type that has no area"
            rows.fault(record, "seea.flow-without-extent", title, "quantity")
    for (service, type_), dates in dated.items():
        if len(dates) < len(DATES):
            title = "Expected at one date only: say the other, and 0 where nothing is expected"
            facts = {"service": service, "ecosystem_type": type_, "only": min(dates)}
            rows.fault(None, "seea.one-date-only", title, "date", **facts)
    return Expected(quantity, price)


def _flow(
    rows: Rows, record: Record, scope: Scope, service: str | None
) -> tuple[float, float] | None:
    if service is None:
        return None
    quantity = rows.amount(record, "quantity", scope.services[service].unit)
    price = rows.amount(record, "price", scope.price_unit(service))
    return None if quantity is None or price is None else (quantity, price)


def _losses(rows: Rows, scope: Scope) -> Array:
    losses = np.zeros(len(scope.types))
    for record in rows.records:
        type_ = rows.named(record, "ecosystem_type", scope.ecosystems.named)
        value = rows.amount(record, "value", scope.currency)
        if type_ and value is not None and rows.once(record, "ecosystem_type", type_):
            losses[scope.types.index(type_)] = -value
    return losses
