"""What an account rests on: evidence to be confirmed, doubts, gaps, files with their digests."""

from collections.abc import Iterator, Mapping

from accounting.account import Line
from accounting.method import Source
from accounting.plausibility import audit
from api import i18n
from api.render import printed
from api.report import block
from api.report.block import Section
from api.report.material import Material
from api.report.summary import notice, tag_of
from ledger.core.errors import Finding

SURE = ("R", "C")
MILLION = 1e6


def evidence(material: Material, locale: str) -> Section:
    """Return what nobody read at its source: recalled or second-hand, to be confirmed."""
    zh, account = locale.startswith("zh"), material.account
    rows = list(dict.fromkeys(row for line in account.lines for row in _unsure(line, locale)))
    blocks = [{"kind": "notice", "text": notice(account.pack, locale)}]
    if rows:
        blocks.append(
            block.text(
                "下列公式与参数未与原文核对，是否与所列标准一致，尚待确认。"
                if zh
                else "These formulas and parameters were not checked against the text of their"
                " source; whether it says so is to be confirmed."
            )
        )
        heads = (
            ("服务", "公式或参数", "数值", "来源", "证据")
            if zh
            else ("Service", "Formula or parameter", "Value", "Source", "Evidence")
        )
        blocks.append(block.rows(heads, rows, (1.2, 1.5, 0.8, 2.1, 1.4)))
    else:
        blocks.append(
            block.text(
                "没有凭记忆录入或据转述的公式与参数。"
                if zh
                else "No formula or parameter is recalled or second-hand."
            )
        )
    return Section("证据：待核实的内容" if zh else "Evidence: what is to be confirmed", blocks)


def _unsure(line: Line, locale: str) -> Iterator[tuple[str, ...]]:
    """Yield the formulas, parameters and coefficients of a line that nobody read at source."""
    stated: list[tuple[str, str, Source]] = [(x.code, "", x.source) for x in line.formulas]
    stated += [
        (each.name, f"{each.value} {printed.unit(each.unit, locale)}", each.source)
        for each in (*line.of.parameters.values(), *line.coefficients)
    ]
    for name, shown, source in stated:
        if source.tag not in SURE:
            document = " ".join(x for x in (source.document, source.clause) if x)
            tag = tag_of(source.tag, locale)
            yield (line.name.in_(locale), name, shown, document, tag)


def doubts(material: Material, locale: str) -> Section:
    """Return what the auditor of plausibility found in the account, with its evidence."""
    zh = locale.startswith("zh")
    if not material.findings:
        none = "合理性审核没有发现问题。" if zh else "The audit of plausibility found nothing."
        return Section("合理性审核" if zh else "Plausibility", [block.text(none)])
    names = {code: name.in_(locale) for code, name in material.account.types.items()}
    heads = ("性质", "发现", "证据") if zh else ("Kind", "Finding", "Evidence")
    rows = [
        (
            _kind(each, zh),
            i18n.title(each.code, each.title, locale),
            _facts(each.facts, locale, names),
        )
        for each in material.findings
    ]
    return Section("合理性审核" if zh else "Plausibility", [block.rows(heads, rows, (0.6, 2, 3.4))])


def _kind(finding: Finding, zh: bool) -> str:
    if audit.is_doubt(finding):
        return "疑点" if zh else "doubt"
    return "问题" if zh else "fault"


def _facts(facts: Mapping[str, object], locale: str, names: Mapping[str, str]) -> str:
    zh = locale.startswith("zh")
    colon, between = ("：", "；") if zh else (": ", "; ")
    said = [
        i18n.fact(name, locale) + colon + _plain(value, zh, names)
        for name, value in facts.items()
        if value is not None
    ]
    return between.join(said)


def _plain(value: object, zh: bool, names: Mapping[str, str]) -> str:
    between = "、" if zh else ", "
    if isinstance(value, list | tuple):
        return between.join(_plain(each, zh, names) for each in value)
    if isinstance(value, dict):
        return between.join(f"{names.get(k, k)} {_plain(v, zh, names)}" for k, v in value.items())
    if isinstance(value, int | float):
        return f"{value:,.6g}" if abs(value) < MILLION else f"{value:,.0f}"
    return _in_one_language(str(value), zh)


def _in_one_language(text: str, zh: bool) -> str:
    """Keep the words of one language of a name that the audit gives in both."""
    words = text.split(" ")
    own = [each for each in words if any("一" <= char <= "鿿" for char in each) == zh]
    return " ".join(own) or text


def gaps(material: Material, locale: str) -> Section:
    """Return what counts in GEP and was not estimated: never taken as 0."""
    zh, account = locale.startswith("zh"), material.account
    title = "未核算的项目" if zh else "Not estimated"
    found = [
        line.name.in_(locale)
        + (f"（{place}）" if zh else f" ({place})")
        for line in account.not_estimated
        for place in [account.regions[line.cell.region].in_(locale)]
    ]  # fmt: skip
    if not found:
        none = "方法包所列的服务均已核算。" if zh else "Every service of the pack was estimated."
        return Section(title, [block.text(none)])
    said = "以下项目未核算，未以零计入：" if zh else "Not estimated, and not taken as 0:"
    return Section(title, [block.text(said), block.points(dict.fromkeys(found))])


def inputs(material: Material, locale: str) -> Section:
    """Return the files the account rests on, with their digests, and how to verify it."""
    zh = locale.startswith("zh")
    heads = ("输入文件", "SHA-256") if zh else ("Input", "SHA-256")
    how = (
        "复核：在核算档案文件夹上运行 gep case verify，逐数重算并核对每个文件的摘要。"
        if zh
        else "To verify: run gep case verify on the folder of the dossier; it recomputes every"
        " figure and compares the digest of every file."
    )
    rows = list(material.account.inputs.items())
    title = "附录：输入文件与摘要" if zh else "Appendix: inputs and their digests"
    return Section(title, [block.rows(heads, rows, (1, 3)), block.text(how)])
