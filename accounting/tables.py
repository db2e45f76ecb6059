"""An account as statements: floats become decimals here, at the decimals each column declares."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import fsum

from accounting import figures
from accounting import totals as compared
from accounting.account import Account, Line, added
from accounting.pack import CLASSES, GEP_NAME, RECONSTRUCTION, Class, Pack
from accounting.reading import ALL_TYPES
from accounting.totals import yi
from ledger.statements.statement import Column, Label, Row, Statement

DECIMALS = compared.DECIMALS
WAN = 10**4  # 万, the display scale per person
CNY_UNIT = "1e8 CNY"

SERVICE = (
    Column("service", Label("服务", "Service")),
    Column("name_zh", Label("名称", "Name (Chinese)")),
    Column("name_en", Label("英文名称", "Name")),
)
REGION = (
    Column("region", Label("地区", "Region")),
    Column("level", Label("层级", "Level"), None, 0, "right"),
    Column("name_zh", Label("名称", "Name (Chinese)")),
    Column("name_en", Label("英文名称", "Name")),
)
PLACE = (
    Column("region", Label("地区", "Region")),
    Column("ecosystem_type", Label("生态系统类型", "Ecosystem type")),
    Column("class", Label("类别", "Class")),
    Column("group", Label("科目", "Group")),
    *SERVICE,
)
Values = Mapping[tuple[str, str], Sequence[float]]  # CNY by group and ecosystem type
NOT_PUBLISHED = Label("未公布", "not published")
COMPUTED = Label("实物量×单价之和", "From quantity × price")
LINES = Label("各项公布值之和", "Services as printed, added up")
PRINTED = Label("公布的总值", "The printed total")


def _number(
    key: str, zh: str, en: str, unit: str | None = None, decimals: int | None = None
) -> Column:
    return Column(key, Label(zh, en), unit, decimals, "right")


def physical(account: Account) -> Statement:
    """Return what each service supplied, in the digits and units the readings were typed in."""
    columns = (
        *PLACE,
        _number("quantity", "实物量", "Quantity", "@unit"),
        Column("unit", Label("单位", "Unit")),
        Column("status", Label("状态", "Status")),
        Column("source", Label("来源", "Source")),
    )
    return Statement(
        Label(f"{account.title.zh}：实物量账户", f"{account.title.en}: physical account"),
        columns,
        tuple((*_place(line), *_quantity(line), *_origin(line)) for line in account.lines),
        notes=(
            Label(
                f"按生态系统类型的实物量：{NOT_PUBLISHED.zh}，不作分摊。",
                f"Physical quantities by ecosystem type: {NOT_PUBLISHED.en}, and never prorated.",
            ),
        ) if account.by_type else (),
    )  # fmt: skip


def monetary(account: Account) -> Statement:
    """Return what each service is worth, beside what was printed, with subtotals and GEP."""
    columns = (
        *PLACE,
        _number("quantity", "实物量", "Quantity", "@unit"),
        Column("unit", Label("单位", "Unit")),
        _number("price", "单价", "Price", "@price_unit"),
        Column("price_unit", Label("单价单位", "Price unit")),
        _number("value", "价值量", "Value", CNY_UNIT, DECIMALS),
        _number("printed", "公布值", "As printed", CNY_UNIT),
        _number("difference", "差", "Difference", CNY_UNIT, DECIMALS),
        Column("check", Label("核对", "Check")),
    )
    return Statement(
        Label(f"{account.title.zh}：价值量账户", f"{account.title.en}: monetary account"),
        columns,
        tuple(
            (*_place(line), *_quantity(line), *_price(line), *_value(line))
            for line in account.lines
        ),
        totals=tuple(_monetary_totals(account)),
        notes=_gaps(account),
    )


def by_type(account: Account) -> Statement:
    """Return values by group and ecosystem type: as published, or else as computed.

    Published cells are compared with their printed totals and with the lines of the run; they
    never enter it.
    """
    values = _values(account)
    columns = (
        Column("group", Label("科目", "Group")),
        Column("name_en", Label("英文名称", "Name")),
        *(_number(code, name.zh, name.en, CNY_UNIT) for code, name in _types(account).items()),
        _number("sum", "各类型之和", "Sum of types", CNY_UNIT),
        _number("printed_total", "公布行合计", "Printed total", CNY_UNIT),
        _number("lines_printed", "各项公布值之和", "Lines as printed", CNY_UNIT, DECIMALS),
        _number("computed", "本次核算", "Computed", CNY_UNIT, DECIMALS),
    )
    return Statement(
        Label(f"{account.title.zh}：按生态系统类型", f"{account.title.en}: by ecosystem type"),
        columns,
        tuple(_group_row(account, group, values) for group in account.pack.groups),
        totals=tuple(_type_totals(account, values)),
        notes=_type_notes(account),
    )


def totals(account: Account) -> Statement:
    """Return GEP and its classes: computed, added up from the lines as printed, and as printed."""
    columns = (
        Column("total", Label("合计", "Total")),
        Column("name_zh", Label("说明", "Meaning (Chinese)")),
        Column("name_en", Label("英文说明", "Meaning")),
        *(_number(code, name.zh, name.en, CNY_UNIT) for code, name in CLASSES.items()),
        _number("gep", "GEP", "GEP", CNY_UNIT, 2),
        _number("gep_exact", "GEP（未舍入）", "GEP, not rounded", CNY_UNIT),
        _number("per_person", "人均", "Per person", "1e4 CNY/person", 2),
    )
    return Statement(
        Label(f"{account.title.zh}：合计", f"{account.title.en}: totals"),
        columns,
        tuple(_totals_rows(account)),
        notes=(*compared.reasons(account), *_gaps(account)),
    )


def marked(pack: Pack, statement: Statement) -> Statement:
    """Return a statement that says on its face where the pack is no standard that was read."""
    return reconstructed(statement, pack.id, pack.edition) if pack.reconstruction else statement


def reconstructed(statement: Statement, pack: str, edition: str) -> Statement:
    """Say in title and notes that a statement rests on a reconstruction."""
    title = statement.title
    if RECONSTRUCTION.zh not in title.zh:
        zh, en = f"{title.zh}（{RECONSTRUCTION.zh}）", f"{title.en} ({RECONSTRUCTION.en})"
        title = Label(zh, en)
    note = Label(
        f"方法包 {pack} {edition} 为{RECONSTRUCTION.zh}：标准原文未读，不是该标准。",
        f"Pack {pack} {edition} is a {RECONSTRUCTION.en}: its text was not read.",
    )
    return replace(statement, title=title, notes=(note, *statement.notes))


def _totals_rows(account: Account) -> list[Row]:
    computed = {code: Fraction(repr(value)) for code, value in account.class_sums().items()}
    rows = [_totals_row(account, "computed", COMPUTED, computed, Fraction(repr(account.gep_cny)))]
    if (lines := account.as_printed()) is not None:
        classes = compared.class_totals_as_printed(account)
        rows.append(_totals_row(account, "lines_as_printed", LINES, classes, lines))
    if account.printed_total:
        classes = compared.class_totals_printed(account)
        total = account.printed_total.value
        decimals = compared.places(account.printed_total)
        rows.append(_totals_row(account, "printed", PRINTED, classes, total, decimals))
    return rows


def _totals_row(
    account: Account,
    key: str,
    name: Label,
    classes: Mapping[Class, Fraction | None],
    gep: Fraction,
    decimals: int = DECIMALS,
) -> Row:
    people = account.population
    per_person = figures.rounded(gep / Fraction(repr(people)) / WAN, 2) if people else None
    by_class = (yi(classes[code], decimals) for code in CLASSES)
    return (key, name.zh, name.en, *by_class, yi(gep, 2), yi(gep, decimals), per_person)


def _place(line: Line) -> Row:
    cell = line.cell
    name = line.name
    return (
        cell.region,
        cell.ecosystem_type,
        line.class_,
        line.group,
        line.service,
        name.zh,
        name.en,
    )


def _quantity(line: Line) -> Row:
    """Return the quantity as typed where it was read, else as computed."""
    if line.reading and line.reading.figure:
        return (line.reading.figure.decimal, line.reading.unit)
    if line.quantity is None:
        return (None, line.unit)
    return (figures.rounded(line.quantity, DECIMALS), line.unit)


def _origin(line: Line) -> Row:
    if line.reading:
        return (line.reading.status, line.reading.source)
    return (NOT_PUBLISHED.en if line.quantity is None else "computed", "")


def _price(line: Line) -> Row:
    price = line.of.price
    return (price.decimal, price.unit) if price else (None, "")


def _value(line: Line) -> Row:
    printed = compared.decimal(line.printed) if line.printed else None
    status = line.check.status if line.check else ""
    if line.value_cny is None:
        return (None, printed, None, status)
    value = Fraction(repr(line.value_cny))
    gap = yi(value - line.printed.value) if line.printed else None
    return (yi(value), printed, gap, status)


def _monetary_totals(account: Account) -> list[Row]:
    lines = compared.class_totals_as_printed(account)
    rows = [
        _sum_row(name, Fraction(repr(account.class_sums()[code])), lines[code])
        for code, name in CLASSES.items()
    ]
    gep = Fraction(repr(account.gep_cny))
    return [*rows, _sum_row(GEP_NAME, gep, account.as_printed())]


def _sum_row(name: Label, value: Fraction, printed: Fraction | None) -> Row:
    gap = None if printed is None else yi(value - printed)
    blank = (None, None, None, None)
    return (*(None,) * 5, name.zh, name.en, *blank, yi(value), yi(printed), gap, None)


def left_out(services: Iterable[Label], of: Label | None = None) -> Label:
    """Say which services the totals (of one year or region) leave out, each once."""
    names = tuple(dict.fromkeys(services))
    zh, en = "、".join(each.zh for each in names), ", ".join(each.en for each in names)
    before = Label(f"{of.zh}：", f"{of.en}: ") if of else Label("", "")
    return Label(
        f"{before.zh}合计不含未核算项：{zh}。", f"{before.en}Totals leave out, not estimated: {en}."
    )


def left_out_by_year(accounts: Iterable[Account]) -> tuple[Label, ...]:
    """Say of each year which services its totals leave out."""
    return tuple(
        left_out(
            (line.name for line in each.not_estimated), Label(f"{each.year}年", str(each.year))
        )
        for each in accounts
        if each.not_estimated
    )


def _gaps(account: Account) -> tuple[Label, ...]:
    notes = []
    if account.not_estimated:
        notes.append(left_out(line.name for line in account.not_estimated))
    if account.recalled():
        named = _named(line for line in account.lines if line.recalled)
        text = f"Rests on recalled formulas or figures, to be confirmed: {named.en}."
        notes.append(Label(f"以下服务的公式或参数凭记忆录入，待核实：{named.zh}。", text))
    return tuple(notes)


def _named(lines: Iterable[Line]) -> Label:
    """Name the services of lines, each once."""
    names = tuple(dict.fromkeys(line.name for line in lines))
    return Label("、".join(each.zh for each in names), ", ".join(each.en for each in names))


def _types(account: Account) -> Mapping[str, Label]:
    """Return the types that were printed, or else those of the lines: few of a long list."""
    if account.by_type:
        return account.types
    there = {line.cell.ecosystem_type for line in account.counted}
    every = {**account.types, ALL_TYPES: Label("全部类型", "all types together")}
    return {code: name for code, name in every.items() if code in there}


def _group_row(account: Account, group: str, values: Values) -> Row:
    row = [_cell(account, values, (group, code)) for code in _types(account)]
    printed = account.by_type.group_totals.get(group) if account.by_type else None
    lines = added(line.printed for line in account.counted if line.group == group)
    computed = _computed(values, group)
    return (
        group, account.pack.groups[group].en, *row,
        _added(row) if account.by_type else computed,
        compared.decimal(printed) if printed else None, yi(lines), computed,
    )  # fmt: skip


def _values(account: Account) -> Values:
    """Return what was estimated by group and ecosystem type, in CNY."""
    values: dict[tuple[str, str], list[float]] = {}
    for line in account.counted:
        if line.value_cny is not None:
            values.setdefault((line.group, line.cell.ecosystem_type), []).append(line.value_cny)
    return values


def _computed(values: Values, group: str | None = None, type_: str | None = None) -> Decimal | None:
    """Add up a group, a type or all in 亿元, rounded once; None where nothing was estimated."""
    found = (v for (g, t), v in values.items() if group in (None, g) and type_ in (None, t))
    known = [each for own in found for each in own]
    return yi(fsum(known)) if known else None


def _cell(account: Account, values: Values, place: tuple[str, str]) -> Decimal | None:
    """Return a cell as published where there are published ones, else as computed."""
    if account.by_type is None:
        return _computed(values, *place)
    figure = account.by_type.cells.get(place)
    return compared.decimal(figure) if figure else None


def _added(cells: Sequence[Decimal | None]) -> Decimal | None:
    known = [each for each in cells if each is not None]
    return sum(known, Decimal(0)) if known else None


def _type_totals(account: Account, values: Values) -> list[Row]:
    blank = (None, None, None)
    sums = [_type_sum(account, values, code) for code in _types(account)]
    whole = _added(sums) if account.by_type else _computed(values)
    rows: list[Row] = [("各科目之和", "Sum of groups", *sums, whole, *blank)]
    if account.by_type:
        totals_ = account.by_type.type_totals
        printed = [compared.decimal(totals_[c]) if c in totals_ else None for c in _types(account)]
        total = account.by_type.total
        said = compared.decimal(total) if total else None
        rows.append(("公布列合计", "Printed total", *printed, said, *blank))
    return rows


def _type_sum(account: Account, values: Values, code: str) -> Decimal | None:
    if account.by_type is None:
        return _computed(values, type_=code)
    cells = account.by_type.cells.items()
    return _added([compared.decimal(each) for (_, type_), each in cells if type_ == code])


def _type_notes(account: Account) -> tuple[Label, ...]:
    if not account.by_type:
        return ()
    columns = account.by_type.type_differences()
    off = [(account.types[each.name], each) for each in columns if each.difference]
    zh = "、".join(f"{name.zh}{compared.signed(each.difference)}" for name, each in off)
    en = ", ".join(f"{name.en} {compared.signed(each.difference)}" for name, each in off)
    inside = all(each.within_half_units for each in columns + account.by_type.group_differences())
    notes = [
        Label(
            "按生态系统类型的价值为公布值，仅作核对，不进入核算；实物量未按类型公布，不作分摊。",
            "Values by type are as published: compared, never part of the run; physical quantities"
            " by type were not published and are never prorated.",
        ),
        Label(
            f"公布列合计减各行之和：{zh}；{'均在' if inside else '有的超出'}末位半单位之内。",
            f"Printed column totals less the sums of their cells: {en};"
            f" {'all' if inside else 'not all'} within the propagated half-units.",
        ),
    ]
    return tuple(notes)
