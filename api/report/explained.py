"""One figure of an account with its numbers: the steps it is computed in, or its parts."""

from accounting.explain import Explanation, Step, Taken
from accounting.quantity import quantities
from api import i18n
from api.render import printed
from api.render.printed import Block
from api.report import block
from api.report.lines import plain
from api.report.material import Material
from api.report.summary import tag_of, yi
from ledger.core.label import Label

STEP_ZH = ("指标", "数值", "单位", "算法或来源", "依据")
STEP_EN = ("Quantity", "Value", "Unit", "How, or where from", "Evidence")
PRICE = Label("单价", "price")
PART_ZH = ("地区", "生态系统类型", "服务", "实物量", "单位", "价值量（亿元）")
PART_EN = ("Region", "Ecosystem type", "Service", "Quantity", "Unit", "Value (100 million CNY)")


def blocks(of: Explanation, material: Material, locale: str) -> list[Block]:
    """Say what a figure comes to, then how: a cell by its steps, a total by its parts."""
    said = [block.text(_result(of, locale))]
    if of.steps:
        said.append(_steps(of, locale))
    if of.parts:
        said.append(_parts(of, material, locale))
    return said


def _result(of: Explanation, locale: str) -> str:
    zh = locale.startswith("zh")
    value = "未核算" if zh else "not estimated"
    if of.value_cny is not None:
        value = f"{yi(of.value_cny, locale)}{'亿元' if zh else ' (100 million CNY)'}"
    unit = printed.unit(of.unit, locale)
    physical = "" if of.quantity is None else f"{plain(of.quantity, locale)} {unit}"
    if zh:
        return f"价值量：{value}" + (f"；实物量：{physical}" if physical else "") + "。"
    return f"Value: {value}" + (f"; quantity: {physical}" if physical else "") + "."


def _steps(of: Explanation, locale: str) -> Block:
    rows = [row for step in of.steps for row in _rows(step, locale)]
    heads = STEP_ZH if locale.startswith("zh") else STEP_EN
    return block.rows(heads, rows, (1.2, 1, 0.8, 3, 1), (1,))


def _rows(step: Step, locale: str) -> list[tuple[str, ...]]:
    """Return the parameters of a step, then the step itself."""
    value = "" if step.value is None else plain(step.value, locale)
    source = tag_of(step.source.tag, locale) if step.source else ""
    how = f"{step.method}: {i18n.formula(step.formula, locale)}" if step.method else ""
    if step.reading:
        read = step.reading
        status = printed.words(locale).get(read.status, read.status)
        typed = f"{read.typed} {printed.unit(read.unit, locale)}"
        how = f"{typed} · {status} · {read.source} · {read.file}:{read.row}"
    name = step.name.in_(locale)
    unit = printed.unit(step.unit, locale)
    return [*(_taken(each, locale) for each in step.parameters), (name, value, unit, how, source)]


def _taken(of: Taken, locale: str) -> tuple[str, ...]:
    each = of.parameter
    known = quantities().get(each.name)
    name = (
        known.name.in_(locale)
        if known
        else PRICE.in_(locale)
        if each.name == "price"
        else each.name
    )
    year = f" ({each.price_year})" if each.price_year else ""
    document = " ".join(x for x in (each.source.document, each.source.clause) if x)
    where = f" · {of.file}:{of.row}" if of.file else ""
    tag = tag_of(each.source.tag, locale)
    return (name, each.value, printed.unit(each.unit, locale), document + year + where, tag)


def _parts(of: Explanation, material: Material, locale: str) -> Block:
    names = printed.names_of(material.account, locale)
    rows = [
        (
            names["region"].get(part.region, part.region),
            names["ecosystem_type"].get(part.ecosystem_type, part.ecosystem_type),
            part.name.in_(locale),
            "" if part.quantity is None else plain(part.quantity, locale),
            printed.unit(part.unit, locale),
            "" if part.value_cny is None else yi(part.value_cny, locale),
        )
        for part in of.parts
    ]
    heads = PART_ZH if locale.startswith("zh") else PART_EN
    made = block.rows(heads, rows, (1, 1, 1, 1, 1, 1), (3, 5))
    places = [f"{x.region}/{x.ecosystem_type}/{x.service}/{of.year}" for x in of.parts]
    return made | {"places": places}
