"""The series of GEP over years: at current prices, at those of a base year, and deflated.

Three series that are never mixed. Current: each service at the prices of the year. Fixed: base-year
unit prices × current quantities. Deflated: current, by the consumer price index. A price of another
year is carried by the index [R Gaotianyan: 606.70/493.60 for 2014/2007]; a value without a unit
price (a stated output) is at fixed prices what it is deflated. That is exact: what a method gives
in CNY is proportional to all that it takes in CNY together, as its units say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from typing import Literal

from accounting import figures, graph, units
from accounting.account import Account, ServiceSum
from accounting.case import Case
from accounting.method import Parameter
from accounting.methods import CATALOGUE
from accounting.pack import GEP, GEP_NAME, GIVEN, MONEY, ServiceLine
from accounting.quantity import quantities
from accounting.tables import CNY_UNIT, SERVICE, left_out
from accounting.totals import DECIMALS, yi
from ledger.core.errors import NotFound, RuleBroken
from ledger.statements.statement import Cell, Column, Label, Row, Statement

Kind = Literal["current", "fixed", "deflated"]
KINDS: Mapping[Kind, Label] = {
    "current": Label("现价", "Current prices"),
    "fixed": Label("不变价", "Fixed prices"),
    "deflated": Label("价格指数缩减", "Deflated"),
}
INDEX = "consumer_price_index"
PERCENT_DECIMALS = 2


@dataclass(eq=False)
class NoPriceYear(RuleBroken):
    """A price of no year can stand in no series."""

    code = "series.price-without-year"
    title = "A price in a series says its year"
    service: str
    parameter: str


@dataclass(eq=False)
class MixedPriceYears(RuleBroken):
    """One service is valued with money of several years, which no index can part."""

    code = "series.mixed-price-years"
    title = "The service is valued with prices of several years at once"
    service: str
    year: int
    price_years: tuple[int, ...]


@dataclass(eq=False)
class NoBaseYear(NotFound):
    """The base year of a series is one of its years."""

    code = "series.no-base-year"
    title = "The base year is none of the years of the series"
    base_year: int
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """CNY by kind, service and year, of what counts in GEP; None where it is not known.

    ``carried`` are services with a price of another year, ``without_price`` those without any.
    ``gaps`` are, by service and year, the regions and types without an estimate; ``absent`` are
    the services without any in a year: GEP leaves both out.
    """

    region: str | None
    base_year: int
    years: tuple[int, ...]
    services: Mapping[str, Label]
    values: Mapping[Kind, Mapping[str, tuple[float | None, ...]]]
    carried: tuple[str, ...]
    without_price: tuple[str, ...]
    no_index: tuple[int, ...]
    gaps: Mapping[str, tuple[frozenset[tuple[str, str]], ...]]
    absent: frozenset[tuple[str, int]]

    def gep(self, kind: Kind) -> tuple[float | None, ...]:
        """Return GEP year by year; None where an index lacks for one of its services."""
        values = self.values[kind].items()
        return tuple(
            _added([own[at] for service, own in values if (service, year) not in self.absent])
            for at, year in enumerate(self.years)
        )

    def growth(self, kind: Kind, service: str | None = None) -> tuple[float | None, ...]:
        """Return the growth of GEP, or of a service, from each year to the next, as a ratio.

        None where other places were estimated in the one year than in the other.
        """
        values = self.values[kind][service] if service else self.gep(kind)
        own = [self.gaps[service]] if service else list(self.gaps.values())
        steps = zip(pairwise(values), zip(*map(pairwise, own), strict=True), strict=True)
        return tuple(
            b / a - 1 if a and b is not None and all(one == other for one, other in gaps) else None
            for (a, b), gaps in steps
        )


def index(case: Case, region: str | None = None) -> dict[int, float]:
    """Return the consumer price index of a region, or of what it lies in, where it was read."""
    code = region or case.tree.roots()[0]
    read = {year: case.nearest(code, INDEX, year) for year in case.years}
    return {year: value for year, value in read.items() if value}


def of(
    accounts: Sequence[Account],
    index_: Mapping[int, float],
    base_year: int | None = None,
    region: str | None = None,
) -> Series:
    """Return the three series of accounts of one case, of all of it or of one region.

    The base is the first year unless said. Refuses a price without a year, and a service that
    is valued with prices of several years at once.
    """
    accounts = sorted(accounts, key=lambda each: each.year)
    years = tuple(each.year for each in accounts)
    base = years[0] if base_year is None else base_year
    if base not in years:
        raise NoBaseYear(base, years)
    sums = [each.by_service for each in accounts]
    lines = [{x.service: x for x in each.pack.lines if x.counts_in == "gep"} for each in accounts]
    money = [{n: _Money(x, a) for n, x in own.items()}
             for a, own in zip(accounts, lines, strict=True)]  # fmt: skip
    regions = (region,) if region else accounts[0].tree.roots()
    values: dict[Kind, dict[str, tuple[float | None, ...]]] = {kind: {} for kind in KINDS}
    gaps: dict[str, tuple[frozenset[tuple[str, str]], ...]] = {}
    absent = set[tuple[str, int]]()
    for service in lines[0]:
        held = [[x[code, service] for code in regions if (code, service) in x] for x in sums]
        own = [_value(each) for each in held]
        at = [each[service] for each in money]
        for kind, scaled in _scaled(own, at, index_, years.index(base)).items():
            values[kind][service] = scaled
        gaps[service] = tuple(frozenset().union(*(x.gaps for x in each)) for each in held)
        absent |= {(service, y) for y, each in zip(years, own, strict=True) if each is None}
    return Series(
        region, base, years, {n: x.name for n, x in lines[0].items()}, values,
        tuple(n for n in lines[0] if any(x[n].price_year not in (None, x[n].year) for x in money)),
        tuple(n for n in lines[0] if lines[0][n].price is None),
        tuple(each for each in years if each not in index_), gaps, frozenset(absent),
    )  # fmt: skip


def _value(sums: Sequence[ServiceSum]) -> float | None:
    """Add up a service over regions; None where it has lines, and none with an estimate."""
    known = [each.value_cny for each in sums if each.value_cny is not None]
    return None if sums and not known else fsum(known)


class _Money:
    """The year of the money that one line was valued with, and its unit price where it has one."""

    def __init__(self, line: ServiceLine, account: Account) -> None:
        self.year = account.year
        found = set(_money_years(line, account))
        if len(found) > 1:
            raise MixedPriceYears(line.service, self.year, tuple(sorted(found)))
        self.price_year = next(iter(found), None)
        self.price: float | None = None
        if line.price:
            self.price = float(line.price.decimal) * float(units.parse(line.price.unit).factor)

    def carried(self, index_: Mapping[int, float]) -> float | None:
        """Return what carries its money to its own year; None where the index does not know."""
        if self.price_year in (None, self.year):
            return 1.0
        start, end = index_.get(self.price_year or 0), index_.get(self.year)
        return end / start if start and end else None


def _scaled(
    own: Sequence[float | None], at: Sequence[_Money], index_: Mapping[int, float], base: int
) -> dict[Kind, tuple[float | None, ...]]:
    """Return what one service comes to in each series."""
    carried = [each.carried(index_) for each in at]
    current = tuple(_times(value, ratio) for value, ratio in zip(own, carried, strict=True))
    start = index_.get(at[base].year)
    ends = [index_.get(each.year) for each in at]
    back = [start / each if start and each else None for each in ends]
    back[base] = 1.0
    prices = [_times(each.price, ratio) for each, ratio in zip(at, carried, strict=True)]
    first = prices[base]
    fixed = [first / each if each and first is not None else None for each in prices]
    if at[base].price is None:
        fixed = back
    return {
        "current": current,
        "fixed": tuple(map(_times, current, fixed)),
        "deflated": tuple(map(_times, current, back)),
    }


def _times(value: float | None, ratio: float | None) -> float | None:
    return None if value is None or ratio is None else value * ratio


def _money_years(line: ServiceLine, account: Account) -> Iterator[int]:
    """Yield the year of each price, and of each reading in money, that a line takes."""
    taken = graph.order(line, CATALOGUE)
    codes = {line.method, *(line.bind[name] for name in taken)}
    names = {name for code in codes & CATALOGUE.keys() for name in CATALOGUE[code].inputs}
    prices = (x for n, x in line.parameters.items() if n in names and _is_money(x.unit))
    yield from (_price_year(line, each) for each in prices)
    for name in (each for each in taken if _is_money(quantities()[each].unit)):
        if line.bind[name] == GIVEN:
            yield account.year
        elif line.coefficient(name) is not None:
            yield from _coefficient_years(line, name, account)


def _coefficient_years(line: ServiceLine, name: str, account: Account) -> Iterator[int]:
    """Yield the year of a coefficient in money: that of the shelf, or of the case's own reading."""
    for each in account.lines:
        if each.service == line.service:
            found = [x for x in each.coefficients if x.name == name]
            yield from (_price_year(line, x) for x in found)
            if not found:
                yield account.year


def _price_year(line: ServiceLine, of: Parameter) -> int:
    if of.price_year is None:
        raise NoPriceYear(line.service, of.name)
    return of.price_year


def _is_money(unit: str) -> bool:
    return MONEY in dict(units.parse(unit).dimension)


def _added(values: Sequence[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return fsum(known) if known and len(known) == len(values) else None


def statement(series: Series) -> Statement:
    """Return the three series, one beneath the other, in 亿元 by year, each with its GEP."""
    columns = (*_names(), *(_year(year, CNY_UNIT, DECIMALS) for year in series.years))
    rows = tuple(
        (kind, service, name.zh, name.en, *(yi(each) for each in series.values[kind][service]))
        for kind in KINDS
        for service, name in series.services.items()
    )
    totals = tuple(
        (kind, GEP, f"{GEP_NAME.zh}（{name.zh}）", f"{GEP_NAME.en}, {name.en.lower()}",
         *(yi(each) for each in series.gep(kind)))
        for kind, name in KINDS.items()
    )  # fmt: skip
    base = series.base_year
    title = Label(f"三种价格的时间序列（基年{base}）", f"Series at three prices (base {base})")
    return Statement(title, columns, rows, totals, tuple(_notes(series)))


def growth_statement(series: Series) -> Statement:
    """Return the growth of each series from year to year, in percent."""
    columns = (*_names(), *(_year(year, "%", PERCENT_DECIMALS) for year in series.years[1:]))
    services = [*((n, name, n) for n, name in series.services.items()), (GEP, GEP_NAME, None)]
    rows: list[Row] = [
        (kind, service, name.zh, name.en, *map(_percent, series.growth(kind, own)))
        for kind in KINDS
        for service, name, own in services
    ]  # fmt: skip
    title = Label("三种价格的逐年增长", "Growth from year to year at three prices")
    return Statement(title, columns, tuple(rows), notes=tuple(_gaps(series)))


def _percent(ratio: float | None) -> Cell:
    return None if ratio is None else figures.rounded(ratio, PERCENT_DECIMALS, 2)


def _names() -> tuple[Column, ...]:
    return (
        Column("series", Label("序列", "Series")),
        *SERVICE,
    )


def _year(year: int, unit: str, decimals: int) -> Column:
    return Column(str(year), Label(f"{year}年", str(year)), unit, decimals, "right")


def _gaps(series: Series) -> Iterator[Label]:
    """Say of each year what its GEP leaves out, and that growth needs the same places."""
    for at, year in enumerate(series.years):
        missing = [series.services[name] for name, each in series.gaps.items() if each[at]]
        if missing:
            yield left_out(missing, Label(f"{year}年", str(year)))
    if any(len(set(each)) > 1 for each in series.gaps.values()):
        yield Label("未核算项前后不一的年份之间不计增长。",
                    "No growth between years that leave out other places.")  # fmt: skip


def _notes(series: Series) -> Iterator[Label]:
    yield from _gaps(series)
    if series.no_index:
        years = ", ".join(map(str, series.no_index))
        yield Label(f"未提供居民消费价格定基指数：{years}。", f"No price index was given: {years}.")
    if series.carried:
        zh, en = _listed(series, series.carried)
        yield Label(f"单价按指数由其年份结转：{zh}。", f"Prices carried by the index: {en}.")
    if series.without_price:
        zh, en = _listed(series, series.without_price)
        yield Label(f"无单价，不变价即为指数缩减：{zh}。",
                    f"No unit price, at fixed prices as deflated: {en}.")  # fmt: skip


def _listed(series: Series, services: Sequence[str]) -> tuple[str, str]:
    """Name services in both languages."""
    names = [series.services[each] for each in services]
    return "、".join(each.zh for each in names), ", ".join(each.en for each in names)
