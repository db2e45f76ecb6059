"""The bridge from gross ecosystem product to SEEA EA as statements, in 亿元 as accounts are."""

from accounting.pack import CLASSES, GEP_NAME
from accounting.seea import reference
from accounting.seea.bridge import ITEMS, Bridge
from accounting.tables import CNY_UNIT, DECIMALS
from accounting.totals import yi
from ledger.statements.statement import Cell, Column, Label, Row, Statement

BRIDGE = Label("GEP与SEEA EA对照表", "bridge between GEP and SEEA EA")
SUMS = Label("SEEA EA服务合计", "SEEA EA services")
SEEA = Label("SEEA EA最终服务", "Final services of SEEA EA")
EXCHANGE = Label(
    "价值取自方法包：是否为交换价值，此表不作判断；未含进口中间服务。",
    "Values are the pack's: whether they are exchange values is not judged here; imports of"
    " intermediate services are not in them.",
)
MONEY = (
    Column("gep", Label("计入GEP", "In GEP"), CNY_UNIT, DECIMALS, "right"),
    Column("seea", Label("计入SEEA", "In SEEA EA"), CNY_UNIT, DECIMALS, "right"),
)


def statements(of: Bridge) -> dict[str, Statement]:
    """Return the bridge line by line, and the SEEA side by code, by the name of their file."""
    return {"bridge": bridge(of), "seea": by_code(of)}


def bridge(of: Bridge) -> Statement:
    """Return every line with its one code, and what leads from one total to the other."""
    columns = (
        Column("service", Label("服务", "Service")),
        Column("name_zh", Label("名称", "Name (Chinese)")),
        Column("name_en", Label("英文名称", "Name")),
        Column("class", Label("类别", "Class")),
        Column("counts_in", Label("计入", "Counts in")),
        Column("code", Label("SEEA代码", "SEEA code")),
        Column("code_zh", Label("SEEA服务", "SEEA service (Chinese)")),
        Column("code_en", Label("SEEA英文名称", "SEEA service")),
        *MONEY,
    )
    rows: tuple[Row, ...] = tuple(
        (
            each.line.service, each.line.name.zh, each.line.name.en,
            CLASSES[each.line.class_].en, each.line.of.counts_in, each.code, each.name.zh,
            each.name.en, yi(each.gep_cny), yi(each.seea_cny),
        )
        for each in of.lines
    )  # fmt: skip
    items = tuple(_total(ITEMS[name], None, yi(value)) for name, value in of.items.items() if value)
    ends = _total(GEP_NAME, yi(of.gep_cny), yi(of.gep_cny)), _total(SEEA, None, yi(of.seea_cny))
    return Statement(_title(of, BRIDGE), columns, rows, (ends[0], *items, ends[1]), _notes(of))


def by_code(of: Bridge) -> Statement:
    """Return what SEEA EA counts by code of the reference list."""
    columns = (
        Column("code", Label("SEEA代码", "SEEA code")),
        Column("name_zh", Label("名称", "Name (Chinese)")),
        Column("name_en", Label("英文名称", "Name")),
        MONEY[1],
    )
    names = {code: each.name for code, each in reference.services().items()}
    rows: tuple[Row, ...] = tuple(
        (code, names[code].zh, names[code].en, yi(value)) for code, value in of.by_code().items()
    )
    total = (None, SEEA.zh, SEEA.en, yi(of.seea_cny))
    return Statement(_title(of, SUMS), columns, rows, (total,), _notes(of))


def _total(name: Label, gep: Cell, seea: Cell) -> Row:
    return (None, name.zh, name.en, *(None,) * 5, gep, seea)


def _notes(of: Bridge) -> tuple[Label, ...]:
    missing = [each.line.name for each in of.lines if each.line.value_cny is None]
    if not missing:
        return (EXCHANGE,)
    zh, en = "、".join(each.zh for each in missing), ", ".join(each.en for each in missing)
    return EXCHANGE, Label(f"未核算：{zh}。", f"Not estimated: {en}.")


def _title(of: Bridge, name: Label) -> Label:
    title = of.account.title
    return Label(f"{title.zh}：{name.zh}", f"{title.en}: {name.en}")
