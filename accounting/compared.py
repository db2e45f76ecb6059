"""Two years of accounts as growth takes them: each year under either pack, in either boundary.

The boundary is the regions of a case. Extents are the readings of `area` of a line's cell; a
line whose cell has none counts as one area, and what it supplies is its quantity per area.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np

from accounting import figures, growth, pack, run, translation
from accounting.account import Account
from accounting.account import Line as Estimated
from accounting.case import Case
from accounting.growth import FACTORS, Growth, Line, Observed, Whole
from accounting.pack import Pack
from accounting.reading import Cell
from accounting.tables import CNY_UNIT, DECIMALS
from accounting.totals import YI
from ledger.core.errors import RuleBroken
from ledger.statements.statement import Column, Label, Row, Statement

EXTENT = "area"
SHAPE = (2, 2, 2)
NAMES: Mapping[str, Label] = {
    "extent": Label("面积", "Extent"),
    "quantity_per_area": Label("单位面积实物量", "Quantity per area"),
    "price": Label("价格", "Price"),
    "method": Label("方法", "Method"),
    "boundary": Label("边界", "Boundary"),
}
Place = tuple[str, str, str]


@dataclass(eq=False)
class NoSpan(RuleBroken):
    """Growth goes from a year to a later one."""

    code = "growth.no-span"
    title = "Growth is from a year to a later one"
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Side:
    """One year of a case under its own pack."""

    case: Case
    pack: Pack
    year: int


def growth_between(first: Side, last: Side) -> Growth:
    """Split the growth of GEP between two sides; refuses what a run refuses.

    A service that only one pack has goes whole to method, a region that only one case has, to
    boundary. A price is a pack's, and is the price factor where both packs price the same unit.
    """
    sides = (first, last)
    accounts = {
        (year, method): run.run(sides[year].case, sides[method].pack, sides[year].year)
        for year in (0, 1)
        for method in (0, 1)
    }
    found = {key: _by_place(account) for key, account in accounts.items()}
    places = sorted({place for each in found.values() for place in each})
    arrays = [np.full((*SHAPE, len(places)), np.nan) for _ in range(3)]
    for at, place in enumerate(places):
        for year, method, boundary in np.ndindex(SHAPE):
            line = found[year, method].get(place)
            figures_ = _figures(sides, found, place, (year, method, boundary), line)
            for array, figure in zip(arrays, figures_, strict=True):
                array[year, method, boundary, at] = figure
    lines = tuple(Line(*place, _whole(sides, place)) for place in places)
    return growth.split(Observed((first.year, last.year), lines, *arrays))


def of_cases(
    cases: Sequence[Case], first: int | None = None, last: int | None = None
) -> tuple[Growth, Mapping[str, Label]]:
    """Return the growth from a year to a later one, and the names of the services.

    Of one case it is the sum of the splits between the years it has; of two, each under its own
    pack, one split. Refuses a year that a case does not have, and years that do not follow.
    """
    one, other = cases[0], cases[-1]
    start = _year(one, first, min(one.years))
    end = _year(other, last, max(other.years))
    if start >= end:
        raise NoSpan(start, end)
    years = [year for year in sorted(one.years) if start <= year <= end]
    ends = [(one, start), (other, end)]
    steps = [(one, year) for year in years] if len(cases) == 1 else ends
    under = [pack.load(each.pack, each.edition) for each, _ in steps]
    sides = [
        Side(translation.into(each, own.ecosystems), own, year)
        for (each, year), own in zip(steps, under, strict=True)
    ]
    splits = [growth_between(before, after) for before, after in pairwise(sides)]
    names = {line.service: line.name for side in sides for line in side.pack.lines}
    return growth.chained(splits), names


def _year(case: Case, chosen: int | None, otherwise: int) -> int:
    year = otherwise if chosen is None else chosen
    if year not in case.years:
        raise run.UnknownYear(year, case.years)
    return year


def _by_place(account: Account) -> dict[Place, Estimated]:
    return {
        (each.cell.region, each.cell.ecosystem_type, each.service): each
        for each in account.counted
        if each.value_cny is not None
    }


def _figures(
    sides: tuple[Side, Side],
    found: Mapping[tuple[int, int], Mapping[Place, Estimated]],
    place: Place,
    corner: tuple[int, int, int],
    line: Estimated | None,
) -> tuple[float, float, float]:
    """Return extent, quantity and price of one corner; nothing outside the boundary."""
    year, _, boundary = corner
    if place[0] not in sides[boundary].case.regions:
        return 0.0, 0.0, 0.0
    if line is None or line.value_cny is None:
        return np.nan, np.nan, np.nan
    quantity = line.value_cny if line.quantity is None else line.quantity
    return _extent(sides, place, year), quantity, _price(found, place, corner, line)


def _extent(sides: tuple[Side, Side], place: Place, year: int) -> float:
    """Return the extent of a line's cell in hm2; 1 unless both years have one."""
    cells = [Cell(place[0], place[1], each.year) for each in sides]
    readings = [each.case.readings.get((EXTENT, at)) for each, at in zip(sides, cells, strict=True)]
    extents = [each.estimate if each else None for each in readings]
    return 1.0 if None in extents else extents[year] or 0.0


def _price(
    found: Mapping[tuple[int, int], Mapping[Place, Estimated]],
    place: Place,
    corner: tuple[int, int, int],
    line: Estimated,
) -> float:
    """Return CNY a unit as the pack of the corner's price year has it, under its method.

    The value over the quantity, so that what a method does besides pricing stays with it.
    """
    year, method, _ = corner
    if line.quantity is None:
        return 1.0
    priced = found[year, year].get(place)
    own = priced.of.price if priced else None
    price = line.of.price
    implied = line.value_cny / line.quantity if line.value_cny and line.quantity else 0.0
    if year == method or price is None or own is None or own.unit != price.unit:
        return implied
    return implied * float(own.decimal / price.decimal)


def _whole(sides: tuple[Side, Side], place: Place) -> Whole:
    return "method" if all(place[0] in each.case.regions for each in sides) else "boundary"


def statement(of: Growth, names: Mapping[str, Label]) -> Statement:
    """Return the growth of every service by its five factors, with GEP below, in 亿元."""
    columns = (
        Column("service", Label("服务", "Service")),
        Column("name_zh", Label("名称", "Name (Chinese)")),
        Column("name_en", Label("英文名称", "Name")),
        *(_money(f"value_{year}", Label(str(year), str(year))) for year in of.years),
        *(_money(factor, NAMES[factor]) for factor in FACTORS),
    )
    effects = of.by(lambda line: line.service)
    rows = tuple(
        (service, names[service].zh, names[service].en, *_values(of, service),
         *(_yi(each) for each in effects[service].values()))
        for service in effects
    )  # fmt: skip
    total: Row = ("gep", "生态系统生产总值", "GEP", _yi(float(of.before.sum())),
             _yi(float(of.after.sum())), *(_yi(each) for each in of.total().values()))  # fmt: skip
    first, last = of.years
    title = Label(f"{first}年至{last}年的增长", f"Growth from {first} to {last}")
    return Statement(title, columns, rows, (total,), tuple(_notes(of)))


def _notes(of: Growth) -> list[Label]:
    return [
        Label(
            f"整项计入{NAMES[line.whole].zh}：{line.region} {line.service}。",
            f"Whole to {NAMES[line.whole].en.lower()}: {line.region} {line.service}.",
        )
        for line in of.whole
        if line.whole
    ]


def _values(of: Growth, service: str) -> Row:
    own = [at for at, line in enumerate(of.lines) if line.service == service]
    return _yi(float(of.before[own].sum())), _yi(float(of.after[own].sum()))


def _money(key: str, label: Label) -> Column:
    return Column(key, label, CNY_UNIT, DECIMALS, "right")


def _yi(cny: float) -> Decimal:
    return figures.rounded(Fraction(repr(float(cny))) / YI, DECIMALS)
