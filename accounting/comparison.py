"""Regions beside one another, or years: each service's value, its share of GEP, and by area."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from accounting import figures
from accounting.account import Account, ServiceSum
from accounting.tables import CNY_UNIT, WAN
from accounting.totals import DECIMALS, yi
from ledger.core.errors import NotFound
from ledger.statements.statement import Cell, Column, Label, Row, Statement

GEP = "gep"
VALUE, SHARE, BY_AREA = "value", "share", "per_km2"
MEASURES: Mapping[str, tuple[Label, str]] = {
    VALUE: (Label("价值量", "value"), CNY_UNIT),
    SHARE: (Label("占GEP", "share of GEP"), "%"),
    BY_AREA: (Label("单位面积", "per km2"), "1e4 CNY/km2"),
}
PERCENT_DECIMALS = 2


@dataclass(eq=False)
class UnknownRegion(NotFound):
    """The case has no such region."""

    code = "comparison.unknown-region"
    title = "The case has no such region"
    region: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """One column: CNY by service, of what counts in GEP, and the land in km2 where it was read."""

    key: str
    label: Label
    values: Mapping[str, float]
    land_km2: float | None

    @property
    def gep_cny(self) -> float:
        """What the services come to."""
        return fsum(self.values.values())


def regions(account: Account, within: str | None = None) -> tuple[Beside, ...]:
    """Return the regions that lie directly in one (the roots unless said), of one year."""
    tree = account.tree
    if within is not None and within not in tree.regions:
        raise UnknownRegion(within, tuple(tree.regions))
    roots = tree.roots()
    whole = within or (roots[0] if len(roots) == 1 else None)
    codes = tree.children(whole) if whole else roots
    sums = account.by_service
    return tuple(
        Beside(code, tree.names[code], _values(account, sums, (code,)), _land(account, (code,)))
        for code in codes or (whole or "",)
        if tree.regions[code].in_year(account.year)
    )


def years(accounts: Sequence[Account], region: str | None = None) -> tuple[Beside, ...]:
    """Return the years of one region, or of all of them."""
    found = []
    for account in accounts:
        if region is not None and region not in account.regions:
            raise UnknownRegion(region, tuple(account.regions))
        codes = (region,) if region else account.tree.roots()
        values = _values(account, account.by_service, codes)
        year = str(account.year)
        found.append(Beside(year, Label(f"{year}年", year), values, _land(account, codes)))
    return tuple(found)


def _values(
    account: Account, sums: Mapping[tuple[str, str], ServiceSum], codes: Sequence[str]
) -> dict[str, float]:
    counted = [each.service for each in account.pack.lines if each.counts_in == "gep"]
    return {
        service: fsum(sums[code, service].value_cny for code in codes if (code, service) in sums)
        for service in counted
    }


def _land(account: Account, codes: Sequence[str]) -> float | None:
    read = [account.context.get("land_area", {}).get(code) for code in codes]
    known = [each for each in read if each]
    return fsum(known) if known and len(known) == len(codes) else None


def statement(title: Label, columns: Sequence[Beside], named: Mapping[str, Label]) -> Statement:
    """Return the columns side by side: values, shares of GEP, and by area, GEP below each."""
    heads = (
        Column("measure", Label("口径", "Measure")),
        Column("service", Label("服务", "Service")),
        Column("name_zh", Label("名称", "Name (Chinese)")),
        Column("name_en", Label("英文名称", "Name")),
        Column("unit", Label("单位", "Unit")),
        *(Column(each.key, each.label, "@unit", None, "right") for each in columns),
    )
    services = dict.fromkeys(service for each in columns for service in each.values)
    return Statement(title, heads, tuple(_rows(columns, [*services, GEP], named)))


def _rows(
    columns: Sequence[Beside], services: Sequence[str], named: Mapping[str, Label]
) -> Iterator[Row]:
    for measure, (label, unit) in MEASURES.items():
        for service in services:
            name = named.get(service, Label("生态产品总值", "GEP"))
            head = (measure, service, f"{name.zh}（{label.zh}）", f"{name.en}: {label.en}")
            yield (*head, unit, *(_cell(measure, service, each) for each in columns))


def _cell(measure: str, service: str, of: Beside) -> Cell:
    value = of.gep_cny if service == GEP else of.values.get(service)
    if measure == VALUE or value is None:
        return yi(value)
    if measure == SHARE:
        return figures.rounded(100 * value / of.gep_cny, PERCENT_DECIMALS) if of.gep_cny else None
    return figures.rounded(value / of.land_km2 / WAN, DECIMALS) if of.land_km2 else None
