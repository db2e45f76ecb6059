"""The accounts of a SEEA EA case as statements; floats become decimals here."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import numpy as np

from accounting import figures
from accounting.method import Array
from accounting.seea.accounts import Accounts
from accounting.seea.asset import ENTRIES
from accounting.seea.case import AREA
from accounting.seea.condition import CLASSES, GROUPS
from accounting.seea.supply_use import EXPORTS, IMPORTS, SupplyUse
from ledger.statements.statement import Column, Label, Row, Statement

QUANTITY, MONEY, INDEX = 4, 2, 4  # decimals shown
NAMED = (
    Column("code", Label("代码", "Code")),
    Column("name_zh", Label("名称", "Name (Chinese)")),
    Column("name_en", Label("英文名称", "Name")),
)
TYPE = (
    Column("type", Label("类型代码", "Type code")),
    Column("type_zh", Label("生态系统类型", "Ecosystem type (Chinese)")),
    Column("type_en", Label("英文类型", "Ecosystem type")),
)
TOTAL = Label("合计", "Total")
EXTENT = Label("生态系统范围账户", "Ecosystem extent account")
MATRIX = Label("生态系统类型变化矩阵", "Ecosystem type change matrix")
CONDITION = Label("生态系统状况账户", "Ecosystem condition account")
ASSET = Label("生态系统资产价值量账户", "Monetary ecosystem asset account")
SPLIT = Label("资产价值变化分解", "Decomposition of the change in asset value")


def statements(of: Accounts) -> dict[str, Statement]:
    """Return every account by the name of its file."""
    currency, case = of.case.scope.currency, of.case
    physical, monetary = Label("实物量", "physical"), Label("价值量", "monetary")
    return {
        "extent": extent(of),
        "change_matrix": change_matrix(of),
        "condition": condition(of),
        "supply_physical": supply(of, case.physical, physical, None),
        "use_physical": use(of, case.physical, physical, None),
        "supply_monetary": supply(of, of.monetary, monetary, currency, _product(of)),
        "use_monetary": use(of, of.monetary, monetary, currency),
        "asset": asset(of),
        "decomposition": decomposition(of),
    }


def extent(of: Accounts) -> Statement:
    """Return the extent account: opening, expansions, reductions and closing by type, in hm2."""
    areas = of.case.extent
    rows = (
        ("opening", Label("期初范围", "Opening extent"), areas.opening),
        ("managed_expansion", Label("人为扩张", "Managed expansion"), areas.managed.sum(axis=0)),
        ("unmanaged_expansion", Label("自然扩张", "Unmanaged expansion"),
         areas.unmanaged.sum(axis=0)),
        ("managed_reduction", Label("人为缩减", "Managed reduction"), areas.managed.sum(axis=1)),
        ("unmanaged_reduction", Label("自然缩减", "Unmanaged reduction"),
         areas.unmanaged.sum(axis=1)),
        ("net_change", Label("净变化", "Net change"), areas.net_change),
        ("closing", Label("期末范围", "Closing extent"), areas.closing),
    )  # fmt: skip
    body = tuple(_row(code, name, values, QUANTITY) for code, name, values in rows)
    return Statement(_title(of, EXTENT), (*NAMED, *_types(of, AREA, QUANTITY)), body)


def change_matrix(of: Accounts) -> Statement:
    """Return areas in hm2 by opening type (rows) and closing type (columns)."""
    names, matrix = of.case.scope.ecosystems.types, of.case.extent.change_matrix
    pairs = zip(names.items(), matrix, strict=True)
    return Statement(
        _title(of, MATRIX),
        (*NAMED, *_types(of, AREA, QUANTITY)),
        tuple(_row(code, name, areas, QUANTITY) for (code, name), areas in pairs),
        totals=(_row("closing", Label("期末", "Closing"), of.case.extent.closing, QUANTITY),),
    )


def condition(of: Accounts) -> Statement:
    """Return variables, indicators and indices; each type's index, whole and by group."""
    columns = (
        *TYPE,
        *NAMED,
        Column("variable", Label("变量", "Variable")),
        Column("unit", Label("单位", "Unit")),
        _number("opening", "期初值", "Opening value"),
        _number("closing", "期末值", "Closing value"),
        _number("lower", "下参照", "Lower level"),
        _number("upper", "上参照", "Upper level"),
        _number("indicator_opening", "期初指标", "Opening indicator", "1", INDEX),
        _number("indicator_closing", "期末指标", "Closing indicator", "1", INDEX),
        _number("weight", "权重", "Weight", "1", INDEX),
        _number("index_opening", "期初指数", "Opening index", "1", INDEX),
        _number("index_closing", "期末指数", "Closing index", "1", INDEX),
        _number("index_change", "指数变化", "Change of index", "1", INDEX),
    )
    totals = tuple(
        _index_row(of, type_, group, name)
        for type_ in of.case.scope.types
        for group, name in (*GROUPS.items(), ("", TOTAL))
    )
    return Statement(_title(of, CONDITION), columns, tuple(_variable_rows(of)), totals)


def _variable_rows(of: Accounts) -> Iterable[Row]:
    found = of.case.condition
    for at, each in enumerate(found.variables):
        type_ = _names(each.ecosystem_type, of.case.scope.ecosystems.types[each.ecosystem_type])
        index = found.indices[:, at]
        stated = (*found.values[:, at], found.lower[at], found.upper[at])
        worked = (*found.indicators[:, at], found.weights[at], *index, index[1] - index[0])
        yield (
            *type_, *_names(each.class_, CLASSES[each.class_]), each.name, each.unit,
            *(Decimal(repr(float(value))) for value in stated), *_cells(worked, INDEX),
        )  # fmt: skip


def _index_row(of: Accounts, type_: str, group: str, name: Label) -> Row:
    found, label = of.case.condition, of.case.scope.ecosystems.types[type_]
    opening, closing = found.index(type_, group)
    cells = _cells((found.weight(type_, group), opening, closing, closing - opening), INDEX)
    blank = (None,) * 8  # variable, unit, two values, two levels, two indicators
    return (*_names(type_, label), *_names(group or "total", name), *blank, *cells)


def supply(
    of: Accounts, flows: SupplyUse, kind: Label, unit: str | None, *notes: Label
) -> Statement:
    """Return the supply table: services by ecosystem type, and imports."""
    title = Label(f"生态系统服务供给表（{kind.zh}）", f"Supply of ecosystem services, {kind.en}")
    names = {**of.case.scope.ecosystems.types, **IMPORTS}
    return _flows(of, title, flows.supply, names, unit, *notes)


def use(of: Accounts, flows: SupplyUse, kind: Label, unit: str | None) -> Statement:
    """Return the use table: services by economic unit, by ecosystem type, and exports."""
    title = Label(f"生态系统服务使用表（{kind.zh}）", f"Use of ecosystem services, {kind.en}")
    units = {code: each.name for code, each in of.case.scope.economic_units.items()}
    types = {
        code: Label(f"{name.zh}（中间）", f"{name.en} (intermediate)")
        for code, name in of.case.scope.ecosystems.types.items()
    }
    return _flows(of, title, flows.use, {**units, **types, **EXPORTS}, unit)


def _flows(
    of: Accounts,
    title: Label,
    flows: Array,
    names: Mapping[str, Label],
    unit: str | None,
    *notes: Label,
) -> Statement:
    decimals = MONEY if unit else QUANTITY
    columns = (
        *NAMED,
        Column("seea", Label("SEEA代码", "SEEA code")),
        Column("unit", Label("单位", "Unit")),
        *(_number(code, each.zh, each.en, unit, decimals) for code, each in names.items()),
        _number("total", TOTAL.zh, TOTAL.en, unit, decimals),
    )
    rows: tuple[Row, ...] = tuple(
        (*_names(each.code, each.name), each.seea, unit or each.unit,
         *_cells((*values, values.sum()), decimals))
        for each, values in zip(of.case.scope.services.values(), flows, strict=True)
    )  # fmt: skip
    whole = (*flows.sum(axis=0), flows.sum())
    totals = ((*_names("total", TOTAL), None, unit, *_cells(whole, decimals)),) if unit else ()
    return Statement(_title(of, title), columns, rows, totals, (*_notes(of), *notes))


def asset(of: Accounts) -> Statement:
    """Return the monetary asset account: opening value, entries, closing value by type."""
    account = of.asset
    rows = (
        ("opening", Label("期初价值", "Opening value"), account.opening),
        *((code, name, account.entries[code]) for code, name in ENTRIES.items()),
        ("net_change", Label("净变化", "Net change"), account.net_change),
        ("closing", Label("期末价值", "Closing value"), account.closing),
    )
    body = tuple(_row(code, name, values, MONEY) for code, name, values in rows)
    columns = (*NAMED, *_types(of, of.case.scope.currency, MONEY))
    return Statement(_title(of, ASSET), columns, body, notes=(_convention(of),))


def decomposition(of: Accounts) -> Statement:
    """Return the value of each service of each type, its change, and the three effects."""
    currency = of.case.scope.currency
    columns = (
        *TYPE,
        *NAMED,
        *(
            _number(key, zh, en, currency, MONEY)
            for key, zh, en in (
                ("opening", "期初价值", "Opening value"), ("area", "面积效应", "Area effect"),
                ("volume", "物量效应", "Volume effect"), ("price", "价格效应", "Price effect"),
                ("change", "合计变化", "Change"), ("closing", "期末价值", "Closing value"),
            )
        ),
    )  # fmt: skip
    effects, (opening, closing) = of.effects, of.present_values
    parts = np.stack((opening, effects.area, effects.volume, effects.price, effects.total, closing))
    rows: tuple[Row, ...] = tuple(
        (*_names(type_, name), *_names(each.code, each.name), *_cells(parts[:, s, t], MONEY))
        for t, (type_, name) in enumerate(of.case.scope.ecosystems.types.items())
        for s, each in enumerate(of.case.scope.services.values())
        if parts[:, s, t].any()
    )
    whole = (*(None,) * 3, *_names("total", TOTAL), *_cells(parts.sum(axis=(1, 2)), MONEY))
    return Statement(_title(of, SPLIT), columns, rows, (whole,), (_convention(of),))


def _convention(of: Accounts) -> Label:
    said = of.case.scope.discounting
    rate, years = f"{figures.rounded(said.rate * 100, 4).normalize():f} %", said.life
    moment = Label("期末", "end") if said.timing == "period-end" else Label("期初", "start")
    factor = figures.rounded(said.annuity_factor, 4)
    return Label(
        f"净现值：{years}年，实际折现率{rate}，收入在每年{moment.zh}，年金系数{factor}。",
        f"Net present value over {years} years at {rate} real, income at the {moment.en} of each"
        f" year: annuity factor {factor}.",
    )


def _product(of: Accounts) -> Label:
    product = figures.rounded(of.monetary.gross_ecosystem_product(), MONEY)
    currency = of.case.scope.currency
    return Label(
        f"生态系统生产总值（最终服务减中间服务净进口）：{product} {currency}。",
        f"Gross ecosystem product, final services less net imports of intermediate ones: {product}"
        f" {currency}.",
    )


def _notes(of: Accounts) -> tuple[Label, ...]:
    return tuple(Label(each, each) for each in of.case.notes)


def _title(of: Accounts, name: Label) -> Label:
    scope = of.case.scope
    days = f"{scope.opening} – {scope.closing}"
    return Label(f"{scope.title.zh}：{name.zh}，{days}", f"{scope.title.en}: {name.en}, {days}")


def _types(of: Accounts, unit: str, decimals: int) -> tuple[Column, ...]:
    names = {**of.case.scope.ecosystems.types, "total": TOTAL}
    return tuple(_number(code, each.zh, each.en, unit, decimals) for code, each in names.items())


def _number(
    key: str, zh: str, en: str, unit: str | None = None, decimals: int | None = None
) -> Column:
    return Column(key, Label(zh, en), unit, decimals, "right")


def _names(code: str, name: Label) -> tuple[str, str, str]:
    return code, name.zh, name.en


def _row(code: str, name: Label, values: Array, decimals: int) -> Row:
    return (*_names(code, name), *_cells((*values, values.sum()), decimals))


def _cells(values: Iterable[float], decimals: int) -> tuple[Decimal, ...]:
    return tuple(figures.rounded(float(value), decimals) for value in values)
