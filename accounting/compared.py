"""Two years of accounts as growth takes them: each year under either pack, in either boundary.

The boundary is the regions of a case. Extents are the readings of `area` of a line's cell; a
line whose cell has none counts as one area, and what it supplies is its quantity per area.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from accounting import growth, run, translation
from accounting.account import Account
from accounting.account import Line as Estimated
from accounting.case import Case
from accounting.growth import FACTORS, Growth, Line, Observed, Whole
from accounting.method import Array
from accounting.pack import GEP, GEP_NAME, Pack
from accounting.reading import Cell
from accounting.tables import CNY_UNIT, SERVICE
from accounting.totals import DECIMALS, yi
from ledger.core.errors import RuleBroken
from ledger.statements.statement import Column, Label, Row, Statement

EXTENT = "area"
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


def growth_between(first: Side, last: Side, accounts: "Accounts | None" = None) -> Growth:
    """Split the growth of GEP between two sides; refuses what a run refuses.

    A service that only one pack has goes whole to method, a region that only one case has, to
    boundary. A price is a pack's, and is the price factor where both packs price the same unit.
    """
    sides, known = (first, last), accounts or Accounts()
    found = {
        (year, method): known.by_place(sides[year], sides[method].pack)
        for year in (0, 1)
        for method in (0, 1)
    }
    places = sorted({place for each in found.values() for place in each})
    lines = tuple(Line(*place, _whole(sides, place)) for place in places)
    return growth.split(Observed((first.year, last.year), lines, *_corners(sides, found, places)))


class Accounts:
    """Accounts that several splits need, each run once; their lines that count, by place."""

    def __init__(self, made: Mapping[int, Account] | None = None, of: Side | None = None) -> None:
        self._made, self._of = made or {}, of
        self._found: dict[tuple[int, int, int], Mapping[Place, Estimated]] = {}

    def by_place(self, side: Side, under: Pack) -> Mapping[Place, Estimated]:
        """Return the lines of a side's year under a pack."""
        key = id(side.case), id(under), side.year
        if key not in self._found:
            own = self._of and side.case is self._of.case and under is self._of.pack
            made = self._made.get(side.year) if own else None
            self._found[key] = _by_place(made or run.run(side.case, under, side.year))
        return self._found[key]


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
    own = {id(each): _side(each) for each in cases}
    sides = [replace(own[id(each)], year=year) for each, year in steps]
    return growth.chained(splits(sides)), names(sides)


def splits(sides: Sequence[Side], made: Mapping[int, Account] | None = None) -> list[Growth]:
    """Split the growth from each side to the next; ``made`` are the first side's, by year."""
    accounts = Accounts(made, sides[0])
    return [growth_between(before, after, accounts) for before, after in pairwise(sides)]


def names(sides: Iterable[Side]) -> dict[str, Label]:
    """Return the names of the services of all sides."""
    return {line.service: line.name for side in sides for line in side.pack.lines}


def _side(case: Case) -> Side:
    own = case.under()
    return Side(translation.into(case, own.ecosystems), own, max(case.years))


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


def _corners(
    sides: tuple[Side, Side],
    found: Mapping[tuple[int, int], Mapping[Place, Estimated]],
    places: Sequence[Place],
) -> Iterator[Array]:
    """Yield extent, quantity and price by (year, method, boundary, place); nan where unknown.

    Outside the boundary there is nothing.
    """
    extents = _extents(sides, places)
    inside = np.array([[place[0] in side.case.regions for place in places] for side in sides])
    shape = (2, 2, 2, len(places))
    corners = np.full((3, *shape), np.nan)
    for (year, method), lines in found.items():
        own = [lines.get(place) for place in places]
        there = np.array([line is not None for line in own])
        columns = (
            np.where(there, extents[year], np.nan),
            np.array([np.nan if line is None else _quantity(line) for line in own]),
            np.array([
                np.nan if line is None else _price(found[year, year].get(place), line)
                for place, line in zip(places, own, strict=True)
            ]),
        )  # fmt: skip
        for figure, column in enumerate(columns):
            corners[figure, year, method] = np.where(inside, column, 0.0)
    yield from corners


def _extents(sides: tuple[Side, Side], places: Sequence[Place]) -> Array:
    """Return the extent of each place in hm2, by year; 1 unless both years have one."""
    cells = dict.fromkeys(place[:2] for place in places)
    for region, type_ in cells:
        at = [each.case.readings.get((EXTENT, Cell(region, type_, each.year))) for each in sides]
        read = [each.estimate if each else None for each in at]
        cells[region, type_] = (1.0, 1.0) if None in read else tuple(each or 0.0 for each in read)
    return np.array([cells[place[:2]] for place in places]).reshape(-1, 2).T


def _quantity(line: Estimated) -> float:
    return (line.value_cny or 0.0) if line.quantity is None else line.quantity


def _price(priced: Estimated | None, line: Estimated) -> float:
    """Return CNY a unit as the pack of the corner's price year has it, under its method.

    The value over the quantity, so that what a method does besides pricing stays with it.
    """
    if line.quantity is None:
        return 1.0
    implied = line.value_cny / line.quantity if line.value_cny and line.quantity else 0.0
    own, price = priced.of.price if priced else None, line.of.price
    if price is None or own is None or own is price or own.unit != price.unit:
        return implied
    return implied * float(own.decimal / price.decimal)


def _whole(sides: tuple[Side, Side], place: Place) -> Whole:
    return "method" if all(place[0] in each.case.regions for each in sides) else "boundary"


def statement(of: Growth, named: Mapping[str, Label]) -> Statement:
    """Return the growth of every service by its five factors, with GEP below, in 亿元."""
    columns = (
        *SERVICE,
        *(_money(f"value_{year}", Label(str(year), str(year))) for year in of.years),
        *(_money(factor, NAMES[factor]) for factor in FACTORS),
    )
    effects = of.by(lambda line: line.service)
    rows = tuple(
        (service, named[service].zh, named[service].en, *_values(of, service),
         *(yi(each) for each in effects[service].values()))
        for service in effects
    )  # fmt: skip
    total: Row = (GEP, GEP_NAME.zh, GEP_NAME.en, yi(float(of.before.sum())),
             yi(float(of.after.sum())), *(yi(each) for each in of.total().values()))  # fmt: skip
    first, last = of.years
    title = Label(f"{first}年至{last}年的增长", f"Growth from {first} to {last}")
    return Statement(title, columns, rows, (total,), tuple(_notes(of)))


def by_year(of: Sequence[Growth]) -> Statement:
    """Return the growth of GEP of each split by its five factors, one row for each."""
    columns = (
        Column("years", Label("时段", "Years")),
        *(_money(key, Label(zh, en)) for key, zh, en in (
            ("before", "期初", "Before"), ("after", "期末", "After"))),
        *(_money(factor, NAMES[factor]) for factor in FACTORS),
    )  # fmt: skip
    rows = tuple(
        (f"{each.years[0]}-{each.years[1]}", yi(float(each.before.sum())),
         yi(float(each.after.sum())), *(yi(effect) for effect in each.total().values()))
        for each in of
    )  # fmt: skip
    return Statement(Label("逐年增长的因素", "Growth from year to year by factor"), columns, rows)


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
    return yi(float(of.before[own].sum())), yi(float(of.after[own].sum()))


def _money(key: str, label: Label) -> Column:
    return Column(key, label, CNY_UNIT, DECIMALS, "right")
