"""Every figure that the tables of SEEALand print, worked out from the accounts under its own key.

A key is (table, of, item, column), as in seealand_published.csv, where `cell` is row:column in the
table of the source and `value` what it prints. Figures and maps are transcribed from the SEEALand
stylised example, online supplement of SEEA EA, version 1, September 2021 (United Nations,
https://seea.un.org/ecosystem-accounting).
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from accounting.method import Array
from accounting.seea.accounts import Accounts
from accounting.seea.condition import GROUPS
from accounting.seea.supply_use import SupplyUse

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[2] / "examples" / "seealand"
DATES = ("opening", "closing")
INDUSTRIES = ("agriculture", "forestry", "fisheries", "energy-water")


class Key(NamedTuple):
    """Where a figure stands."""

    table: str
    of: str
    item: str
    column: str


Figures = Iterator[tuple[Key, float]]


def published() -> dict[Key, str]:
    """Return the figures as printed."""
    with (HERE / "seealand_published.csv").open(encoding="utf-8", newline="") as file:
        return {
            Key(row["table"], row["of"], row["item"], row["column"]): row["value"]
            for row in csv.DictReader(file)
        }


def map_of(date: str) -> list[list[str]]:
    """Return the map of types at a date: numbers 1 to 6 in the order of the list, or nothing."""
    with (HERE / f"seealand_map_{date}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def recomputed(of: Accounts) -> dict[Key, float]:
    """Return every figure of every table, from the accounts alone."""
    tables = (extents, conditions, flows, supply_use, present_values, decomposed, assets)
    return {key: value for table in tables for key, value in table(of)}


def _totalled(values: Array, names: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    yield from zip(names, values, strict=True)
    yield "total", values.sum()


def extents(of: Accounts) -> Figures:
    """Tabs 1 to 3: the summaries of the maps, the extent account, the change matrix."""
    extent = of.case.extent
    names = (*extent.types, "total")
    matrix = np.zeros((len(names), len(names)))
    matrix[:-1, :-1] = extent.change_matrix
    matrix[-1], matrix[:, -1] = matrix.sum(axis=0), matrix.sum(axis=1)
    matrix[-1, -1] = matrix[:-1, -1].sum()
    for row, opening in zip(matrix, names, strict=True):
        for area, closing in zip(row, names, strict=True):
            yield Key("change-matrix", opening, closing, "area"), area
    rows = {
        "opening": extent.opening,
        "managed expansion": extent.managed.sum(axis=0),
        "unmanaged expansion": extent.unmanaged.sum(axis=0),
        "reductions": np.zeros(len(extent.types)),  # a heading; its total prints 0
        "managed reductions": extent.managed.sum(axis=1),
        "unmanaged reductions": extent.unmanaged.sum(axis=1),
        "net change": extent.net_change,
        "closing": extent.closing,
    }
    for item, values in rows.items():
        for type_, area in _totalled(values, extent.types):
            yield Key("extent-account", type_, item, "area"), area
            yield Key("ecosystem-assets", type_, item, "area"), area


def conditions(of: Accounts) -> Figures:
    """Tabs 4 to 8: variables, indicators, indices, and all of them in one table."""
    condition = of.case.condition
    indicators, indices = condition.indicators, condition.indices
    stages = ("condition-stage-1", "condition-stage-2", "condition-stage-3")
    for at, variable in enumerate(condition.variables):
        columns = dict(zip(DATES, condition.values[:, at], strict=True))
        columns["change"] = np.diff(condition.values[:, at])[0]
        columns |= {"lower": condition.lower[at], "upper": condition.upper[at]}
        columns |= {"weight": condition.weights[at]}
        for name, pair in (("indicator", indicators[:, at]), ("index", indices[:, at])):
            columns |= {f"{name} {date}": each for date, each in zip(DATES, pair, strict=True)}
            columns[f"{name} change"] = np.diff(pair)[0]
        for table in (*stages, "combined-condition-accounts"):
            for column, value in columns.items():
                yield Key(table, variable.ecosystem_type, variable.name, column), value
    for type_ in of.case.scope.types:
        yield from _indices(of, type_)


def _indices(of: Accounts, type_: str) -> Figures:
    condition = of.case.condition
    for name, group in (*((f"total {each}", each) for each in GROUPS), ("total", "")):
        index = condition.index(type_, group)
        columns = {
            "weight": condition.weight(type_, group),
            "index opening": index[0],
            "index closing": index[1],
            "index change": index[1] - index[0],
        }
        for table in ("condition-stage-3", "combined-condition-accounts"):
            for column, value in columns.items():
                yield Key(table, type_, name, column), value
        if group:
            yield Key("condition-indices", type_, f"change {group}", "index"), index[1] - index[0]
    opening, closing = condition.index(type_)
    by_group = sum(np.diff(condition.index(type_, group))[0] for group in GROUPS)
    rows = {
        "opening": opening,
        "closing": closing,
        "net change": closing - opening,
        "sum of changes": by_group,
        "check": closing - opening - by_group,
    }
    for item, value in rows.items():
        yield Key("condition-indices", type_, item, "index"), value


def flows(of: Accounts) -> Figures:
    """Tab 9: actual and expected flows, prices and values, by type and by user."""
    physical, monetary, expected = of.case.physical, of.monetary, of.case.expected
    for s, service in enumerate(physical.services):
        for t, type_ in enumerate(physical.types):
            triples = {
                "actual": (physical.supply[s, t], of.case.prices[s, t], monetary.supply[s, t])
            }
            for d, date in enumerate(DATES):
                quantity, price = expected.quantity[d, s, t], expected.price[d, s, t]
                triples[date] = (quantity, price, quantity * price)
            yield from _triples(type_, service, triples)
        price = float(of.case.prices[s].max())
        for u, user in enumerate(physical.economic_units):
            actual = (physical.use[s, u], price, monetary.use[s, u])
            yield from _triples(user, service, {"actual": actual})
        whole = (physical.supply[s].sum(), price, monetary.supply[s].sum())
        yield from _triples("total", service, {"actual": whole})


def _triples(of: str, service: str, triples: dict[str, tuple[float, float, float]]) -> Figures:
    for when, numbers in triples.items():
        for what, number in zip(("quantity", "price", "value"), numbers, strict=True):
            yield Key("es-flows", of, service, f"{when} {what}"), number


def supply_use(of: Accounts) -> Figures:
    """Tabs 10 and 11: the physical and the monetary table, with the totals of the second."""
    for table, flows_ in (("physical-sut", of.case.physical), ("monetary-sut", of.monetary)):
        for side, columns in (("supply", _supply(flows_)), ("use", _use(flows_))):
            for column, values in columns.items():
                for service, value in _totalled(values, flows_.services):
                    yield Key(table, side, service, column), value


def _supply(flows_: SupplyUse) -> dict[str, Array]:
    columns = {each: flows_.supplied(each) for each in flows_.suppliers}
    columns["total resident"] = flows_.supplied(*flows_.types)
    columns["total supply"] = flows_.supplied(*flows_.suppliers)
    return columns


def _use(flows_: SupplyUse) -> dict[str, Array]:
    columns = {each: flows_.used(each) for each in flows_.users}
    units = flows_.economic_units
    columns["total industry"] = flows_.used(*INDUSTRIES)
    columns["total resident"] = flows_.used(*units)
    columns["total economic"] = flows_.used(*units, "exports/final")
    columns["total ecosystem resident"] = flows_.used(*flows_.types)
    columns["total ecosystem"] = flows_.used(*flows_.types, "exports/intermediate")
    columns["total use"] = flows_.used(*flows_.users)
    return columns


def present_values(of: Accounts) -> Figures:
    """Tab 12: expected flows, prices, values and NPV by type, and the convention."""
    expected, scope = of.case.expected, of.case.scope
    values = expected.quantity * expected.price
    for t, type_ in enumerate(scope.types):
        for d, date in enumerate(DATES):
            for s, service in enumerate(scope.services):
                columns = {
                    "quantity": expected.quantity[d, s, t],
                    "price": expected.price[d, s, t],
                    "value": values[d, s, t],
                    "npv": of.present_values[d, s, t],
                }
                for column, value in columns.items():
                    yield Key("npv-by-et", type_, service, f"{column} {date}"), value
            for column, array in (("value", values), ("npv", of.present_values)):
                yield Key("npv-by-et", type_, "total", f"{column} {date}"), array[d, :, t].sum()
            discounting = scope.discounting
            yield Key("npv-by-et", type_, "life", f"assumption {date}"), discounting.life
            yield Key("npv-by-et", type_, "rate", f"assumption {date}"), discounting.rate
        change = np.diff(of.present_values, axis=0)[0, :, t].sum()
        yield Key("npv-by-et", type_, "total", "change"), change


def decomposed(of: Accounts) -> Figures:
    """Tab 13: the factors, their products, the effects, and what they are called."""
    for t, type_ in enumerate(of.case.scope.types):
        for s, service in enumerate(of.case.scope.services):
            for column, value in _factors(of, s, t).items():
                yield Key("npv-decomposition", type_, service, column), value
        effects = of.effects
        columns = {
            f"{name} effect": array[:, t].sum()
            for name, array in (
                ("area", effects.area), ("volume", effects.volume), ("price", effects.price),
            )
        }  # fmt: skip
        columns["total"] = effects.total[:, t].sum()
        columns["check"] = columns["total"] - np.diff(of.present_values, axis=0)[0, :, t].sum()
        for column, value in columns.items():
            yield Key("npv-decomposition", type_, "total", column), value
        yield Key("npv-decomposition", type_, "condition", "change"), of.condition_change[t]
        for name, values in of.asset.entries.items():
            yield Key("npv-decomposition", type_, name, "entry"), values[t]
        check = columns["total"] - of.asset.net_change[t]
        yield Key("npv-decomposition", type_, "check", "entry"), check


def _factors(of: Accounts, s: int, t: int) -> dict[str, float]:
    expected, life = of.case.expected, of.case.scope.discounting.life
    a, q, p = (each[:, s, t] for each in (of.factors.area, of.factors.volume, of.factors.price))
    flow, npv = expected.quantity[:, s, t], of.present_values[:, s, t]
    columns: dict[str, float] = {}
    for name, pair in (("a", a), ("p", p), ("ES", flow), ("Q", flow * life), ("q", q)):
        columns |= {f"{name}0": pair[0], f"{name}1": pair[1], f"d{name}": pair[1] - pair[0]}
    for (one, x), (other, y) in ((("p", p), ("q", q)), (("p", p), ("a", a)), (("q", q), ("a", a))):
        for i, j in np.ndindex(2, 2):
            columns[f"{one}{i}{other}{j}"] = float(x[i] * y[j])
    effects = of.effects
    return columns | {
        "NPV0": npv[0],
        "NPV1": npv[1],
        "area effect": effects.area[s, t],
        "volume effect": effects.volume[s, t],
        "price effect": effects.price[s, t],
        "total": effects.total[s, t],
    }


def assets(of: Accounts) -> Figures:
    """Tab 14: the monetary asset account and its values per hectare."""
    account, extent = of.asset, of.case.extent
    rows = {"opening": account.opening, "closing": account.closing, **account.entries}
    rows["net change"] = account.net_change
    rows["check"] = account.closing - account.opening - account.net_change
    for item, values in rows.items():
        for type_, value in _totalled(values, account.types):
            yield Key("monetary-asset-account", type_, item, "value"), value
    per_area = account.opening / extent.opening, account.closing / extent.closing
    rows = {
        "opening extent": extent.opening,
        "closing extent": extent.closing,
        "opening per area": per_area[0],
        "closing per area": per_area[1],
        "change per area": per_area[1] - per_area[0],
    }
    for item, values in rows.items():
        for type_, value in zip(account.types, values, strict=True):
            yield Key("monetary-asset-account", type_, item, "value"), value
