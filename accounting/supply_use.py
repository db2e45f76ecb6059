"""Supply and use of services: who uses what, and what is supplied and not used, by region.

What a region supplies beyond what was read of its use is shown apart (cooling on days when nobody
is hot); GEP counts supply, and this changes nothing of it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum

from accounting import figures
from accounting.account import Account
from accounting.imports import Valued, Worth
from accounting.tables import CNY_UNIT
from accounting.totals import DECIMALS, yi
from ledger.statements.statement import Cell, Column, Label, Row, Statement

PERCENT_DECIMALS = 2
EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Balance:
    """One service in one region: quantities in its unit, else CNY; None where nobody read it.

    ``exported`` goes to regions outside it, ``imported`` comes from there (both kinds apart from
    supply); ``used`` is what its users take of its own supply.
    """

    region: str
    service: str
    unit: str
    supplied: float
    exported: float
    imported: float
    used: float | None
    price_cny: float | None

    @property
    def not_used(self) -> float | None:
        """What is supplied beyond use and export; None where no use was read."""
        if self.used is None:
            return None
        return max(0.0, self.supplied - self.used - self.exported)

    @property
    def used_share(self) -> float | None:
        """The share of the supply that is used or exported, at most 1."""
        if self.used is None or not self.supplied:
            return None
        return min(1.0, (self.used + self.exported) / self.supplied)

    @property
    def not_used_cny(self) -> float | None:
        """What the supply beyond use is valued at."""
        if self.not_used is None or self.price_cny is None:
            return None
        return self.not_used * self.price_cny


@dataclass(frozen=True, slots=True)
class Used:
    """What one user, or a region downstream, takes of a service of a region."""

    region: str
    service: str
    user: str
    kind: str
    of: Valued


def balances(account: Account) -> tuple[Balance, ...]:
    """Return supply beside use for every region and service of which a use or a flow was read."""
    worth, tree = Worth(account), account.tree
    flows = [worth.of(each) for each in (*account.imports, *account.use)]
    met: dict[tuple[str, str], list[Valued]] = defaultdict(list)
    for each in flows:
        ends = (each.flow.origin, each.flow.destination)
        regions = {
            above for end in ends if end in tree.regions for above in (end, *tree.above(end))
        }
        for region in regions:
            met[region, each.flow.service].append(each)
    order = {code: at for at, code in enumerate(_codes(account))}
    services = {line.service: at for at, line in enumerate(account.lines)}
    places = sorted(met, key=lambda place: (order[place[0]], services[place[1]]))
    return tuple(_balance(account, worth, place, met[place]) for place in places)


def _codes(account: Account) -> Iterator[str]:
    for root in account.tree.roots():
        yield from (code for code, _ in account.tree.within(root))


def _balance(
    account: Account, worth: Worth, place: tuple[str, str], flows: list[Valued]
) -> Balance:
    region, service = place
    inside = {code for code, _ in account.tree.within(region)}
    own, unit = worth.sums.get(place), worth.units[service]
    price = worth.prices[service] if unit else 1.0
    amounts: dict[str, list[float]] = {"in": [], "out": [], "use": []}
    for each in flows:
        amount = _amount(each, unit, price)
        if each.flow.kind == "use":
            amounts["use"].append(amount)
        elif (each.flow.origin in inside) != (each.flow.destination in inside):
            amounts["out" if each.flow.origin in inside else "in"].append(amount)
    supplied = (own.quantity if unit else own.value_cny) if own else 0.0
    return Balance(
        region, service, unit or "CNY", supplied or 0.0, fsum(amounts["out"]), fsum(amounts["in"]),
        fsum(amounts["use"]) if amounts["use"] else None, price,
    )  # fmt: skip


def _amount(of: Valued, unit: str, price: float | None) -> float:
    """Return a flow in the unit of its service, where it was typed in money too."""
    if not unit:
        return of.value_cny or 0.0
    if of.quantity is not None:
        return of.quantity
    return (of.value_cny or 0.0) / price if price else 0.0


def users(account: Account) -> tuple[Used, ...]:
    """Return who uses what, row by row: beneficiaries, and regions downstream."""
    worth, tree = Worth(account), account.tree
    uses = [
        Used(each.origin, each.service, each.destination, "use", worth.of(each))
        for each in account.use
    ]
    downstream = [
        Used(each.origin, each.service, each.destination, EXPORT, worth.of(each))
        for each in account.imports
        if each.origin in tree.regions
    ]
    return (*uses, *downstream)


def statement(account: Account) -> Statement:
    """Return supply and use by region and service; what is supplied and not used stands apart."""
    names = account.regions
    services = {line.service: line.name for line in account.lines}
    columns = (
        Column("region", Label("地区", "Region")),
        Column("region_zh", Label("地区名称", "Region (Chinese)")),
        Column("service", Label("服务", "Service")),
        Column("name_zh", Label("名称", "Name (Chinese)")),
        Column("name_en", Label("英文名称", "Name")),
        Column("unit", Label("单位", "Unit")),
        *(_quantity(key, zh, en) for key, zh, en in (
            ("supply", "供给", "Supply"), ("used", "本地使用", "Used here"),
            ("exported", "供区外使用", "Used elsewhere"),
            ("not_used", "供给而未使用", "Supplied, not used"),
            ("imported", "来自区外", "From elsewhere"),
        )),
        Column("used_share", Label("使用占供给", "Share used"), "%", PERCENT_DECIMALS, "right"),
        Column("not_used_value", Label("供给而未使用的价值", "Value of what is not used"), CNY_UNIT,
               DECIMALS, "right"),
    )  # fmt: skip
    rows = tuple(
        (each.region, names[each.region].zh, each.service, services[each.service].zh,
         services[each.service].en, each.unit, *_figures(each))
        for each in balances(account)
    )  # fmt: skip
    title = Label(f"{account.title.zh}：供给与使用", f"{account.title.en}: supply and use")
    note = Label("无使用数据的栏为空，不作零。", "Where no use was read the cell is empty, not 0.")
    return Statement(title, columns, rows, notes=(note,))


def users_statement(account: Account) -> Statement:
    """Return who uses what of which region's services, and what that is worth."""
    names = account.regions
    services = {line.service: line.name for line in account.lines}
    columns = (
        Column("service", Label("服务", "Service")),
        Column("name_zh", Label("名称", "Name (Chinese)")),
        Column("name_en", Label("英文名称", "Name")),
        Column("region", Label("供给地区", "Region that supplies")),
        Column("user", Label("使用者或下游地区", "User or region downstream")),
        Column("kind", Label("类别", "Kind")),
        _quantity("quantity", "数量", "Quantity"),
        Column("unit", Label("单位", "Unit")),
        Column("value", Label("价值量", "Value"), CNY_UNIT, DECIMALS, "right"),
    )
    rows = tuple(
        (each.service, services[each.service].zh, services[each.service].en, each.region,
         names[each.user].zh if each.user in names else each.user, each.kind,
         _rounded(each.of.value_cny if each.of.quantity is None else each.of.quantity),
         "CNY" if each.of.quantity is None else each.of.unit,
         yi(each.of.value_cny))
        for each in users(account)
    )  # fmt: skip
    title = Label(f"{account.title.zh}：使用者", f"{account.title.en}: users")
    return Statement(title, columns, rows)


def _figures(of: Balance) -> Row:
    share = of.used_share
    quantities = (of.supplied, of.used, of.exported, of.not_used, of.imported)
    percent = None if share is None else figures.rounded(100 * share, PERCENT_DECIMALS)
    return (*(_rounded(each) for each in quantities), percent, yi(of.not_used_cny))


def _rounded(value: float | None) -> Cell:
    return None if value is None else figures.rounded(float(value), DECIMALS)


def _quantity(key: str, zh: str, en: str) -> Column:
    return Column(key, Label(zh, en), "@unit", DECIMALS, "right")
