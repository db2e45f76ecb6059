"""Supply and use of services: who uses what, and what is supplied and not used, by region.

What a region supplies beyond what was read of its use is shown apart (cooling on days when nobody
is hot); GEP counts supply, and this changes nothing of it. What its parts take of one another is
used within it, so that what nobody uses adds up along the tree.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import fsum

from accounting import figures
from accounting.account import Account, Line
from accounting.flow import Flow
from accounting.imports import Valued, Worth
from accounting.region import RegionTree
from accounting.tables import CNY_UNIT, SERVICE
from accounting.totals import DECIMALS, yi
from ledger.statements.statement import Cell, Column, Label, Row, Statement

PERCENT_DECIMALS = 2
EXPORT = "export"
SUPPLY, USED, EXPORTED, IMPORTED = "supply", "used", "exported", "imported"


@dataclass(frozen=True, slots=True)
class Balance:
    """One service in one region: quantities in its unit, else CNY; None where nobody read it.

    ``exported`` goes to regions outside it, ``imported`` comes from there (both kinds apart from
    supply); ``used`` is what users and its own parts take of its supply. ``unknown`` names those of
    the four that are not known whole.
    """

    region: str
    service: str
    unit: str
    supplied: float | None
    exported: float
    imported: float
    used: float | None
    price_cny: float | None
    unknown: tuple[str, ...]

    @property
    def _known(self) -> bool:
        return not {SUPPLY, USED, EXPORTED}.intersection(self.unknown)

    @property
    def not_used(self) -> float | None:
        """What is supplied beyond use and export; None where one of the three is not known."""
        if not self._known or self.supplied is None or self.used is None:
            return None
        return max(0.0, self.supplied - self.used - self.exported)

    @property
    def used_share(self) -> float | None:
        """The share of the supply that is used or exported, at most 1."""
        if not self._known or not self.supplied or self.used is None:
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
    lines: dict[str, list[Line]] = {}
    for line in account.lines:
        lines.setdefault(line.service, []).append(line)
    services = {service: at for at, service in enumerate(lines)}
    places = sorted(met, key=lambda place: (order[place[0]], services[place[1]]))
    return tuple(_balance(account, worth, at, met[at], lines[at[1]]) for at in places)


def _codes(account: Account) -> Iterator[str]:
    for root in account.tree.roots():
        yield from (code for code, _ in account.tree.within(root))


def _balance(
    account: Account, worth: Worth, place: tuple[str, str], flows: Sequence[Valued],
    lines: Sequence[Line],
) -> Balance:  # fmt: skip
    region, service = place
    inside = {code for code, _ in account.tree.within(region)}
    unit = worth.units[service]
    price = worth.prices[service] if unit else 1.0
    supply = {
        line.cell: line.quantity if unit else line.value_cny
        for line in lines
        if line.cell.region in inside
    }
    amounts: dict[str, list[float | None]] = {USED: [], EXPORTED: [], IMPORTED: []}
    for each in flows:
        amounts[_side(each.flow, inside)].append(_amount(each, unit, price))
    unread = _unread({c.region for c, x in supply.items() if x != 0}, flows, account.tree)
    unknown = [SUPPLY] * (None in supply.values()) + [USED] * unread
    unknown += [name for name, found in amounts.items() if None in found]
    return Balance(
        region, service, unit or "CNY", _added(supply.values()) if supply else 0.0,
        _added(amounts[EXPORTED]) or 0.0, _added(amounts[IMPORTED]) or 0.0,
        _added(amounts[USED]), price, tuple(dict.fromkeys(unknown)),
    )  # fmt: skip


def _side(flow: Flow, inside: AbstractSet[str]) -> str:
    """Say where a flow stands in the balance of some regions."""
    leaves = flow.kind != "use" and flow.destination not in inside
    return IMPORTED if flow.origin not in inside else EXPORTED if leaves else USED


def _unread(regions: AbstractSet[str], flows: Iterable[Valued], tree: RegionTree) -> bool:
    """Say whether the use of some region's supply was read neither there, above, nor beneath."""
    read = {each.flow.origin for each in flows if each.flow.kind == "use"}
    above = {code for each in read for code in tree.above(each)}
    return any(code not in above and read.isdisjoint((code, *tree.above(code))) for code in regions)


def _added(amounts: Iterable[float | None]) -> float | None:
    known = [each for each in amounts if each is not None]
    return fsum(known) if known else None


def _amount(of: Valued, unit: str, price: float | None) -> float | None:
    """Return a flow in the unit of its service, where it was typed in money too."""
    if not unit:
        return of.value_cny
    if of.quantity is not None or of.value_cny is None:
        return of.quantity
    return of.value_cny / price if price else None


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
        *SERVICE,
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
        Column("unknown", Label("未知", "Not known")),
    )  # fmt: skip
    rows = tuple(
        (each.region, names[each.region].zh, each.service, services[each.service].zh,
         services[each.service].en, each.unit, *_figures(each))
        for each in balances(account)
    )  # fmt: skip
    title = Label(f"{account.title.zh}：供给与使用", f"{account.title.en}: supply and use")
    note = Label(
        "未读取或未估算的项不作零：缺任何一项供给或使用时，供给而未使用的量未知。",
        "What was not read or not estimated is not 0: where any of supply, use or export is not"
        " known, neither is what is not used.",
    )
    return Statement(title, columns, rows, notes=(note,))


def users_statement(account: Account) -> Statement:
    """Return who uses what of which region's services, and what that is worth."""
    names = account.regions
    services = {line.service: line.name for line in account.lines}
    columns = (
        *SERVICE,
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
    rest = percent, yi(of.not_used_cny), ", ".join(of.unknown) or None
    return (*(_rounded(each) for each in quantities), *rest)


def _rounded(value: float | None) -> Cell:
    return None if value is None else figures.rounded(float(value), DECIMALS)


def _quantity(key: str, zh: str, en: str) -> Column:
    return Column(key, Label(zh, en), "@unit", DECIMALS, "right")
