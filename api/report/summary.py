"""The cover and the summary: what the account is, and what it comes to, in words."""

import math
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from accounting import figures
from accounting.account import Account
from accounting.method import TAGS
from accounting.pack import CLASSES, Pack
from accounting.totals import YI
from api.charts import classes, services
from api.render.printed import TAGS_ZH, Block
from api.render.text import number
from api.report import block
from api.report.block import Section
from api.report.material import Material
from ledger.core.label import Label

LARGEST = 3
BILLION = 10**9
RECONSTRUCTION = Label(
    "重建稿，非标准原文：本方法包凭记忆录入，待与标准原文核实；核算结果只代表重建稿，不代表该标准。",
    "Reconstruction, not the standard: this pack is recalled, to be confirmed against the text of"
    " the standard; what is computed with it stands for the reconstruction alone.",
)
BY_TAG = Label("方法包依据：{document}（{tag}）。", "The pack rests on: {document} ({tag}).")
ESTIMATES = Label(
    "本报告中的价值量为估算值，不是货币，也不是可处分的资产。",
    "The values of this report are estimates: no money, and nothing that can be disposed of.",
)
RECALLED = Label(
    "部分服务的参数凭记忆录入，待核实，见“证据”一节。",
    "Some services rest on recalled parameters, to be confirmed: see Evidence.",
)


def yi(cny: float, locale: str, decimals: int = 4) -> str:
    """Write CNY as a figure in 亿元."""
    return number(figures.rounded(Fraction(repr(cny)) / YI, decimals), locale)


def money(cny: float, locale: str) -> str:
    """Write CNY as a sentence has it: in 亿元, or with the same digits in billions."""
    if locale.startswith("zh"):
        return f"{yi(cny, locale, 2)}亿元"
    return f"{number(figures.rounded(Fraction(repr(cny)) / BILLION, 3), locale)} billion CNY"


def percent(share: float) -> str:
    """Write a share with one decimal."""
    return f"{figures.rounded(Fraction(repr(share)) * 100, 1)}%"


def tag_of(tag: str, locale: str) -> str:
    """Say what a tag of evidence means."""
    return TAGS_ZH[tag] if locale.startswith("zh") else TAGS[tag]


def notice(pack: Pack, locale: str) -> str:
    """Say what a pack rests on; one that nobody read the standard for says so first."""
    if pack.reconstruction:
        return RECONSTRUCTION.in_(locale)
    document = " ".join(each for each in (pack.source.document, pack.source.clause) if each)
    tag = tag_of(pack.source.tag, locale)
    return BY_TAG.in_(locale).format(document=document, tag=tag)


def cover(account: Account, locale: str) -> list[Block]:
    """Say which region, year and pack, on what evidence, with the digests that bind it."""
    zh, pack = locale.startswith("zh"), account.pack
    tree = account.tree
    places = ("、" if zh else ", ").join(
        f"{account.regions[code].in_(locale)}" for code in tree.roots()
    )
    inside = len(account.regions) - len(tree.roots())
    more = f"（含{inside}个下级地区）" if zh else f" ({inside} regions in it)"
    facts = [
        ("核算区域" if zh else "Region", places + (more if inside else "")),
        ("核算年份" if zh else "Year", str(account.year)),
        ("核算方法包" if zh else "Pack", pack.title.in_(locale)),
        ("编号与版次" if zh else "Id and edition", f"{pack.id} {pack.edition}"),
        ("方法包摘要（SHA-256）" if zh else "Digest of the pack (SHA-256)", pack.digest),
        ("核算账户摘要（SHA-256）" if zh else "Digest of the account (SHA-256)", account.digest),
    ]
    heads = ("项目", "内容") if zh else ("What", "Which")
    return [
        {"kind": "notice", "text": notice(pack, locale)},
        block.rows(heads, facts, (1, 3)),
        block.text(ESTIMATES.in_(locale)),
    ]


def summary(material: Material, locale: str) -> Section:
    """Say what the account comes to, in a few sentences and two charts."""
    account = material.account
    zh = locale.startswith("zh")
    said = [*_figures(account, locale), *_drawn(material, locale), *_gaps(account, locale)]
    drawn = [
        *block.charts(
            classes.chart(account, locale), "按服务类别的价值量" if zh else "Value by class"
        ),
        *block.charts(
            services.chart(account, locale), "按服务的价值量" if zh else "Value by service"
        ),
    ]
    return Section("概要" if zh else "Summary", [*map(block.text, said), *drawn])


def _figures(account: Account, locale: str) -> Iterator[str]:
    zh, gep = locale.startswith("zh"), account.gep_cny
    head = account.gep_per_person_cny
    if zh:
        each = "" if head is None else f"，人均{number(figures.rounded(head, 0), locale)}元"
        yield f"{account.year}年生态系统生产总值（GEP）为{money(gep, locale)}{each}。"
    else:
        each = "" if head is None else f", {number(figures.rounded(head, 0), locale)} CNY a head"
        yield f"GEP of {account.year} is {money(gep, locale)}{each}."
    if not gep:
        return
    parts = [
        (CLASSES[name].in_(locale), money(value, locale), percent(value / gep))
        for name, value in account.class_sums().items()
    ]
    by_class = [f"{n}{v}，占{s}" if zh else f"{n} {v} ({s})" for n, v, s in parts]
    yield "其中" + "；".join(by_class) + "。" if zh else "Of it: " + "; ".join(by_class) + "."
    sums: dict[str, list[float]] = defaultdict(list)
    for line in account.counted:
        sums[line.name.in_(locale)].append(line.value_cny or 0.0)
    largest = sorted(((math.fsum(v), name) for name, v in sums.items()), reverse=True)[:LARGEST]
    named = [f"{name}（{money(v, locale)}）" if zh else f"{name} ({money(v, locale)})"
             for v, name in largest]  # fmt: skip
    if zh:
        yield f"价值量最大的{len(named)}项服务：" + "、".join(named) + "。"
    else:
        yield f"The {len(named)} largest services: " + ", ".join(named) + "."


def _drawn(material: Material, locale: str) -> Iterator[str]:
    """Say between what GEP lies in nine draws of ten, where it was drawn."""
    of = material.drawn.get("uncertainty")
    gep = next((row for row in of.totals if row[0] == "gep"), None) if of else None
    if of is None or gep is None:
        return
    found = dict(zip((column.key for column in of.columns), gep, strict=True))
    if found["p5"] is None:
        return
    low, high = (money(float(str(found[key])) * YI, locale) for key in ("p5", "p95"))
    if locale.startswith("zh"):
        yield f"抽样中九成的GEP在{low}至{high}之间。"
    else:
        yield f"In nine draws of ten GEP lies between {low} and {high}."


def _gaps(account: Account, locale: str) -> Iterator[str]:
    zh = locale.startswith("zh")
    if missing := dict.fromkeys(line.name.in_(locale) for line in account.not_estimated):
        yield ("合计不含未核算项：" + "、".join(missing) + "。" if zh else
               "Totals leave out what was not estimated: " + ", ".join(missing) + ".")  # fmt: skip
    if account.recalled():
        yield RECALLED.in_(locale)
