"""The sections of a report that are statements and charts: totals, types, regions, years, doubt."""

from dataclasses import replace

from accounting import compared, rollup, tables
from accounting import series as prices
from accounting.pack import CLASSES
from api import i18n
from api.charts import bands, choropleth, ecosystems, series, waterfall
from api.render.printed import HIDDEN, Block, Printed, names_of, printed, table
from api.report import block
from api.report.block import Section
from api.report.material import Material
from api.report.summary import money, percent, yi
from ledger.core.errors import DomainError
from ledger.statements.statement import Statement

MAP_SHARE, DEEPER = 0.75, "　"
BLOCKS_OF_DOUBT = ("uncertainty", "variance", "range")


def totals(material: Material, locale: str) -> Section:
    """Return the totals, beside the printed ones where there are any, and why they differ."""
    shown = printed(tables.totals(material.account), locale)
    title = "合计及其差异" if locale.startswith("zh") else "Totals, and why they differ"
    return Section(title, [table(shown, (2.2, *[0] * (len(shown.columns) - 1)))])


def by_type(material: Material, locale: str) -> Section | None:
    """Return values by group and ecosystem type, where any line or print is by type."""
    account, zh = material.account, locale.startswith("zh")
    typed = any(line.cell.ecosystem_type in account.types for line in account.counted)
    if not typed and not account.by_type:
        return None
    said = "按生态系统类型的价值量" if zh else "Value by ecosystem type"
    return Section(
        "按生态系统类型" if zh else "By ecosystem type",
        [
            *block.charts(ecosystems.chart(account, locale), said),
            table(_by_type(tables.by_type(account), material, locale)),
        ],
        wide=True,
    )


def _by_type(of: Statement, material: Material, locale: str) -> Printed:
    """Name the groups in the language of the page: the statement has one name in each column."""
    hidden = frozenset({"name_en"} if locale.startswith("zh") else {"group"})
    return printed(of, locale, names_of(material.account, locale), hidden)


def by_region(material: Material, locale: str) -> Section | None:
    """Return GEP by region, with the map where the case has polygons."""
    account, zh = material.account, locale.startswith("zh")
    if len(account.regions) == 1 and not material.case.polygons:
        return None
    statement = rollup.statement(account)
    shown = printed(statement, locale, names_of(account, locale), HIDDEN | {"level"})
    inside = rollup.rolled_up(account)
    rows = tuple(
        (DEEPER * of.depth + row[0], *row[1:]) for of, row in zip(inside, shown.rows, strict=True)
    )
    places = [f"{of.region}/all/gep/{account.year}" for of in inside]
    widths = (1.6, *[0] * (len(shown.columns) - 1))
    blocks = [table(replace(shown, rows=rows), widths) | {"places": places}]
    if material.case.polygons:
        drawn = choropleth.chart(account, material.case.polygons, locale)
        said = "按地区的GEP" if zh else "GEP by region"
        blocks = [*block.charts(drawn, said, MAP_SHARE), *blocks]
    return Section("按地区" if zh else "By region", blocks)


def over_years(material: Material, locale: str) -> Section | None:
    """Return the years up to the account's, at the prices of the pack and at three others."""
    zh, years = locale.startswith("zh"), material.years
    if len(years) == 1:
        return None
    unit = "（亿元）" if zh else " (100 million CNY)"
    names = (*(each.in_(locale) for each in CLASSES.values()), "GEP")
    heads = ["年份" if zh else "Year", *(name + unit for name in names)]
    rows = [
        (str(each.year), *(yi(v, locale) for v in each.class_sums().values()),
         yi(each.gep_cny, locale))
        for each in years
    ]  # fmt: skip
    said = "各年按类别的价值量，按方法包单价" if zh else "Value by class, at the prices of the pack"
    return Section(
        "时间序列" if zh else "Over the years",
        [
            *block.charts(series.chart(years, locale), said),
            block.rows(heads, rows, (1, 2, 2, 2, 2), range(1, 5)),
            *_at_prices(material, locale),
        ],
    )


def _at_prices(material: Material, locale: str) -> list[Block]:
    """Return the three series, never mixed; what one of them lacks is said instead."""
    try:
        found = prices.of(material.years, prices.index(material.case))
    except DomainError as refused:
        return [block.text(i18n.title(refused.code, refused.title, locale))]
    shown = printed(prices.statement(found), locale, hidden=frozenset({"series", "service"}))
    zh = locale.startswith("zh")
    sums = replace(shown, rows=shown.totals, totals=())
    said = "三种价格，互不混用" if zh else "At three prices, never mixed"
    widths = (1.6, *[0] * (len(shown.columns) - 1))
    return [{"kind": "heading", "text": said}, table(sums, widths)]


def growth(material: Material, locale: str) -> Section | None:
    """Return the growth over all years by its five factors, as a waterfall and by service."""
    zh, grown = locale.startswith("zh"), material.growth
    if grown is None:
        return None
    before, after = float(grown.before.sum()), float(grown.after.sum())
    change = percent((after - before) / before) if before else ""
    first, last = grown.years
    text = (
        f"GEP由{first}年的{money(before, locale)}变为{last}年的{money(after, locale)}（{change}），"
        "分解为五个因素，无残差。"
        if zh
        else f"GEP went from {money(before, locale)} in {first} to {money(after, locale)} in {last}"
        f" ({change}), split into five factors without a residual."
    )
    said = "增长的五因素分解" if zh else "Growth by five factors"
    statement = printed(compared.statement(grown, material.services), locale)
    return Section(
        "增长" if zh else "Growth",
        [
            block.text(text),
            *block.charts(waterfall.chart(grown, locale), said),
            table(statement, (1.6, *[0] * (len(statement.columns) - 1))),
        ],
    )


def uncertainty(material: Material, locale: str) -> Section | None:
    """Return the bands, what they come from, and the range over packs, where they were drawn."""
    zh, drawn = locale.startswith("zh"), material.drawn
    if "uncertainty" not in drawn:
        return None
    said = "P5、P50与P95" if zh else "P5, P50 and P95"
    blocks = block.charts(bands.chart(drawn["uncertainty"], locale), said)
    for name in BLOCKS_OF_DOUBT:
        if name in drawn:
            shown = printed(drawn[name], locale, names_of(material.account, locale))
            widths = (1.6, *[0] * (len(shown.columns) - 1))
            heading = shown.title.rpartition("：" if zh else ": ")[2]
            heading = heading[:1].upper() + heading[1:]
            blocks += [{"kind": "heading", "text": heading}, table(shown, widths)]
    return Section("不确定性" if zh else "Uncertainty", blocks)
