"""Imports: what a region's services owe to other regions, and the account net of it.

A parent's deduction keeps only what comes from outside the parent, so that the net accounts of
its children and the flows between them make its own. Products (GB/T 46869) and intermediate
services (SEEA EA 9.18) are two deductions, which nothing adds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import fsum

from accounting import rollup
from accounting.account import Account
from accounting.flow import IMPORT_KINDS, Flow, ImportKind, unit_refusal
from accounting.pack import MONEY
from accounting.tables import CNY_UNIT, SERVICE
from accounting.totals import DECIMALS, yi
from accounting.units import DifferentDimension
from ledger.core.errors import Finding
from ledger.statements.statement import Column, Label, Row, Statement

SLACK = 1e-9  # relative: what float64 may cost where all that is supplied was imported


@dataclass(frozen=True, slots=True)
class Valued:
    """A flow with its quantity in the unit of its service and its value in CNY, where known."""

    flow: Flow
    quantity: float | None
    unit: str
    value_cny: float | None


@dataclass(frozen=True, slots=True)
class NetSum:
    """The GEP of a region in CNY: gross, what was imported, what its parts exchanged."""

    region: str
    depth: int
    gross_cny: float
    imported_cny: Mapping[ImportKind, float]
    between_cny: Mapping[ImportKind, float]
    not_estimated: tuple[str, ...]

    def net_cny(self, kind: ImportKind) -> float:
        """Return what is left when the imports of one kind are deducted."""
        return self.gross_cny - self.imported_cny[kind]


class Worth:
    """What a unit of each service is worth in an account: its whole value over its quantity."""

    def __init__(self, account: Account) -> None:
        self.sums = account.by_service
        self.units = {line.service: line.unit for line in account.lines}
        roots = account.tree.roots()
        self.prices: dict[str, float | None] = {}
        for service in self.units:
            whole = [self.sums[each, service] for each in roots if (each, service) in self.sums]
            quantity = fsum(each.quantity or 0.0 for each in whole)
            value = fsum(each.value_cny or 0.0 for each in whole)
            self.prices[service] = value / quantity if quantity else None

    def of(self, flow: Flow) -> Valued:
        """Value a flow by the price of its service; refuses a unit that is neither's."""
        unit = self.units[flow.service]
        try:
            money = flow.in_unit(MONEY)
        except DifferentDimension:
            if not unit:
                raise
            quantity, price = flow.in_unit(unit), self.prices[flow.service]
            value = None if quantity is None or price is None else quantity * price
            return Valued(flow, quantity, unit, value)
        return Valued(flow, None, unit, money)


def findings(account: Account) -> Iterator[Finding]:
    """Yield a finding for each flow of an account that its services cannot take."""
    if not (account.imports or account.use):
        return
    worth = Worth(account)
    deducted: dict[tuple[str, str, ImportKind], float] = defaultdict(float)
    for flow in (*account.imports, *account.use):
        if flow.service not in worth.units:
            title = "The pack has no service of this code"
            yield flow.finding("flow.unknown-service", title, "service", found=flow.service)
            continue
        try:
            valued = worth.of(flow)
        except DifferentDimension as refusal:
            yield unit_refusal(flow, refusal)
            continue
        if flow.figure and valued.value_cny is None:
            title = "The service has no price in this account, so that the flow has no value"
            yield flow.finding("flow.no-price", title, "quantity", service=flow.service)
        elif flow.kind != "use" and flow.destination in account.tree.regions:
            place = flow.destination, flow.service, flow.kind
            deducted[place] += valued.value_cny or 0.0
            supplied = worth.sums.get(place[:2])
            gross = (supplied.value_cny if supplied else None) or 0.0
            if deducted[place] > gross * (1 + SLACK):
                title = "More is imported than the region supplies: it was never counted"
                facts = {"imported_cny": deducted[place], "supplied_cny": gross}
                yield flow.finding("flow.exceeds-supply", title, "quantity", **facts)


def without(account: Account, faults: Iterable[Finding]) -> Account:
    """Return an account without the flows at fault, and the services of these named."""
    broken = {(each.file, each.row) for each in faults}
    kept: dict[str, tuple[Flow, ...]] = {}
    left: list[str] = []
    for name, flows in (("imports", account.imports), ("use", account.use)):
        kept[name] = tuple(each for each in flows if (each.file, each.row) not in broken)
        left += [each.service for each in flows if (each.file, each.row) in broken]
    services = tuple(dict.fromkeys(left))
    return replace(account, imports=kept["imports"], use=kept["use"], flows_left_out=services)


def net(account: Account) -> tuple[NetSum, ...]:
    """Return the gross and net sums of every region of the year, parents before children."""
    worth = Worth(account)
    counted = {line.service for line in account.counted}
    valued = [worth.of(flow) for flow in account.imports if flow.service in counted]
    return tuple(_net(account, each, valued) for each in rollup.rolled_up(account))


def _net(account: Account, of: rollup.RegionSum, flows: Iterable[Valued]) -> NetSum:
    tree = account.tree
    inside = {code for code, _ in tree.within(of.region)}
    own = {c: next((k for k in tree.children(of.region) if k in (c, *tree.above(c))), of.region)
           for c in inside}  # fmt: skip
    imported = [x for x in flows if x.flow.destination in inside and x.flow.origin not in inside]
    between = [
        x for x in flows
        if x.flow.destination in inside and x.flow.origin in inside
        and own[x.flow.destination] != own[x.flow.origin]
    ]  # fmt: skip
    unknown = [x.flow.service for x in imported if x.value_cny is None]
    return NetSum(
        of.region, of.depth, of.gep_cny, _by_kind(imported), _by_kind(between),
        tuple(dict.fromkeys((*of.not_estimated, *unknown))),
    )  # fmt: skip


def _by_kind(flows: Iterable[Valued]) -> dict[ImportKind, float]:
    flows = list(flows)
    return {
        kind: fsum(each.value_cny or 0.0 for each in flows if each.flow.kind == kind)
        for kind in IMPORT_KINDS
    }


def statement(account: Account) -> Statement:
    """Return gross and net GEP by region, in 亿元."""
    names = account.regions
    columns = (
        Column("region", Label("地区", "Region")),
        Column("level", Label("层级", "Level"), None, 0, "right"),
        Column("name_zh", Label("名称", "Name (Chinese)")),
        Column("name_en", Label("英文名称", "Name")),
        _money("gross", "总额（未扣除）", "Gross"),
        _money("product_imports", "扣除：区外产品", "Less products from outside"),
        _money("net", "净额（扣除区外产品）", "Net of products"),
        _money("intermediate_imports", "区外中间服务", "Intermediate services from outside"),
        _money("net_of_intermediate", "净额（扣除区外中间服务）", "Net of intermediate services"),
        _money("between", "下级之间的产品流动", "Products between its parts"),
        Column("not_estimated", Label("未估算", "Not estimated")),
    )
    title = Label(f"{account.title.zh}：进口与净额", f"{account.title.en}: imports and net account")
    note = Label(
        "上级只扣除来源在其区外的流动：下级净额之和加下级之间的流动等于上级净额；两种扣除不相加。",
        "A parent deducts only what comes from outside it: the net of its parts and the flows"
        " between them make its own; the two deductions are never added.",
    )
    rows = tuple(_row(each, names[each.region]) for each in net(account))
    return Statement(title, columns, rows, notes=(note, *_left_out(account)))


def _left_out(account: Account) -> Iterator[Label]:
    if account.flows_left_out:
        services = ", ".join(account.flows_left_out)
        yield Label(
            f"方法包{account.pack.id}无法计入下列服务的流动：{services}。",
            f"Pack {account.pack.id} cannot take the flows of: {services}.",
        )


def flows_statement(account: Account) -> Statement:
    """Return every import of an account with its origin and its value."""
    worth, names = Worth(account), account.regions
    services = {line.service: line.name for line in account.lines}
    columns = (
        *SERVICE,
        Column("kind", Label("类别", "Kind")),
        Column("from_region", Label("来源地区", "From")),
        Column("to_region", Label("去向地区", "To")),
        Column("quantity", Label("数量", "Quantity"), "@unit", None, "right"),
        Column("unit", Label("单位", "Unit")),
        _money("value", "价值量", "Value"),
        Column("status", Label("状态", "Status")),
        Column("source", Label("来源", "Source")),
    )
    rows = tuple(
        (x.flow.service, services[x.flow.service].zh, services[x.flow.service].en, x.flow.kind,
         _named(x.flow.origin, names), _named(x.flow.destination, names),
         x.flow.figure.decimal if x.flow.figure else None, x.flow.unit, yi(x.value_cny),
         x.flow.status, x.flow.source)
        for x in map(worth.of, account.imports)
    )  # fmt: skip
    title = Label(f"{account.title.zh}：进口明细", f"{account.title.en}: imports by origin")
    return Statement(title, columns, rows)


def _named(code: str, names: Mapping[str, Label]) -> str:
    return f"{names[code].zh} {code}" if code in names else code


def _row(of: NetSum, name: Label) -> Row:
    figures_ = (
        of.gross_cny, of.imported_cny["product"], of.net_cny("product"),
        of.imported_cny["intermediate"], of.net_cny("intermediate"), of.between_cny["product"],
    )  # fmt: skip
    missing = ", ".join(of.not_estimated) or None
    return (of.region, of.depth, name.zh, name.en, *(yi(each) for each in figures_), missing)


def _money(key: str, zh: str, en: str) -> Column:
    return Column(key, Label(zh, en), CNY_UNIT, DECIMALS, "right")
