"""Regions beside one another, or years: each service's value, its share of GEP, and by area."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from accounting import figures
from accounting.account import Account
from accounting.pack import GEP, GEP_NAME
from accounting.tables import CNY_UNIT, SERVICE, WAN, left_out
from accounting.totals import DECIMALS, yi
from ledger.core.errors import NotFound
from ledger.statements.statement import Cell, Column, Label, Row, Statement

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
    """One column: CNY by service, of what counts in GEP, and the land in km2 where it was read.

    A service without any estimate is None; ``gaps`` are those that lack the estimate of a place.
    """

    key: str
    label: Label
    values: Mapping[str, float | None]
    gaps: tuple[str, ...]
    land_km2: float | None

    @property
    def gep_cny(self) -> float:
        """What the services come to."""
        return fsum(each or 0.0 for each in self.values.values())


def regions(account: Account, within: str | None = None) -> tuple[Beside, ...]:
    """Return the regions that lie directly in one (the roots unless said), of one year."""
    tree = account.tree
    if within is not None and within not in tree.regions:
        raise UnknownRegion(within, tuple(tree.regions))
    roots = tree.roots()
    whole = within or (roots[0] if len(roots) == 1 else None)
    codes = tree.children(whole) if whole else roots
    return tuple(
        _beside(account, code, tree.names[code], (code,))
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
        year = str(account.year)
        found.append(_beside(account, year, Label(f"{year}年", year), codes))
    return tuple(found)


def _beside(account: Account, key: str, label: Label, codes: Sequence[str]) -> Beside:
    values: dict[str, float | None] = {}
    gaps: list[str] = []
    for line in account.pack.lines:
        if line.counts_in == "gep":
            places = ((code, line.service) for code in codes)
            sums = [account.by_service[each] for each in places if each in account.by_service]
            known = [each.value_cny for each in sums if each.value_cny is not None]
            values[line.service] = None if sums and not known else fsum(known)
            gaps += [line.service] * any(each.gaps for each in sums)
    return Beside(key, label, values, tuple(gaps), _land(account, codes))


def _land(account: Account, codes: Sequence[str]) -> float | None:
    read = [account.context.get("land_area", {}).get(code) for code in codes]
    known = [each for each in read if each]
    return fsum(known) if known and len(known) == len(codes) else None


def statement(title: Label, columns: Sequence[Beside], named: Mapping[str, Label]) -> Statement:
    """Return the columns side by side: values, shares of GEP, and by area, GEP below each."""
    heads = (
        Column("measure", Label("口径", "Measure")),
        *SERVICE,
        Column("unit", Label("单位", "Unit")),
        *(Column(each.key, each.label, "@unit", None, "right") for each in columns),
    )
    services = dict.fromkeys(service for each in columns for service in each.values)
    rows = tuple(_rows(columns, [*services, GEP], named))
    return Statement(title, heads, rows, notes=_notes(columns, named))


def _notes(columns: Sequence[Beside], named: Mapping[str, Label]) -> tuple[Label, ...]:
    """Say of each column which services lack an estimate."""
    return tuple(
        left_out([named.get(x, Label(x, x)) for x in each.gaps], each.label)
        for each in columns
        if each.gaps
    )


def _rows(
    columns: Sequence[Beside], services: Sequence[str], named: Mapping[str, Label]
) -> Iterator[Row]:
    for measure, (label, unit) in MEASURES.items():
        for service in services:
            name = named.get(service, GEP_NAME)
            head = (measure, service, f"{name.zh}（{label.zh}）", f"{name.en}: {label.en}")
            yield (*head, unit, *(_cell(measure, service, each) for each in columns))


def _cell(measure: str, service: str, of: Beside) -> Cell:
    value = of.gep_cny if service == GEP else of.values.get(service)
    if measure == VALUE or value is None:
        return yi(value)
    if measure == SHARE:
        return figures.rounded(100 * value / of.gep_cny, PERCENT_DECIMALS) if of.gep_cny else None
    return figures.rounded(value / of.land_km2 / WAN, DECIMALS) if of.land_km2 else None
