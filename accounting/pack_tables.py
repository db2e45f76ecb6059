"""Packs as statements: the shelf with its evidence; of one edition lines, graph, parameters."""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from accounting import figures, graph, pack
from accounting.coefficients import coefficients
from accounting.method import TAGS, Method, Parameter, Source
from accounting.methods import CATALOGUE
from accounting.pack import Pack, ServiceLine
from accounting.quantity import quantities
from accounting.tables import SERVICE, marked
from ledger.statements.statement import Column, Label, Row, Statement

DIGEST_SHOWN = 16


def statements(of: Pack) -> dict[str, Statement]:
    """Return what one edition says: its lines, where each quantity comes from, its parameters."""
    said = {"lines": lines(of), "graph": bindings(of), "parameters": parameters(of)}
    return {name: marked(of, each) for name, each in said.items()}


def shelf() -> Statement:
    """Return every edition there is, and what share of it rests on what evidence."""
    columns = (
        Column("id", Label("方法包", "Pack")),
        Column("edition", Label("版次", "Edition")),
        Column("title_zh", Label("名称", "Title (Chinese)")),
        Column("title_en", Label("英文名称", "Title")),
        Column("services", Label("项数", "Services"), None, 0, "right"),
        *(
            Column(f"formulas_{tag}", Label(f"公式 {tag}", f"Formulas {tag}"), "%", 0, "right")
            for tag in TAGS
        ),
        *(
            Column(f"parameters_{tag}", Label(f"参数 {tag}", f"Figures {tag}"), "%", 0, "right")
            for tag in TAGS
        ),
        Column("digest", Label("摘要", "Digest")),
    )
    editions = [(id, each) for id, all_ in pack.known().items() for each in all_]
    rows = tuple(_edition(pack.load(id, edition)) for id, edition in editions)
    tags = "; ".join(f"{tag}: {meaning}" for tag, meaning in TAGS.items())
    note = Label(
        f"公式与参数按证据等级的百分比：{tags}。",
        f"Formulas and figures in per cent by what they rest on: {tags}.",
    )
    return Statement(Label("方法包", "Packs"), columns, rows, notes=(note,))


def _edition(of: Pack) -> Row:
    formulas = {each.code: each for line in of.lines for each in graph.formulas(line, CATALOGUE)}
    taken = {each for line in of.lines for each in _figures(line)}
    return (
        of.id, of.edition, of.title.zh, of.title.en, len(of.lines),
        *_shares(each.source for each in formulas.values()),
        *_shares(each.source for each in taken),
        of.digest[:DIGEST_SHOWN],
    )  # fmt: skip


def _shares(sources: Iterable[Source]) -> Iterator[Decimal]:
    """Yield the per cent that rest on each tag; nothing rests on any where there is nothing."""
    counted: Counter[str] = Counter(each.tag for each in sources)
    for tag in TAGS:
        yield figures.rounded(100 * counted[tag] / (counted.total() or 1), 0)


def _figures(line: ServiceLine) -> Iterator[Parameter]:
    """Yield the parameters of a line and every coefficient on the shelf that it may take."""
    yield from line.parameters.values()
    for name in graph.order(line, CATALOGUE):
        of = line.coefficient(name)
        if of is not None:
            known = coefficients()[name]
            yield from (x.parameter for code, x in known.items() if of in ("", code))


def lines(of: Pack) -> Statement:
    """Return each service: its class, account and SEEA code, and how it is valued."""
    columns = (
        *SERVICE,
        Column("group", Label("科目", "Group")),
        Column("class", Label("类别", "Class")),
        Column("counts_in", Label("计入", "Counts in")),
        Column("seea", Label("SEEA", "SEEA")),
        Column("method", Label("方法", "Method")),
        Column("quantity", Label("实物量", "Quantity")),
        Column("types", Label("生态系统类型", "Ecosystem types")),
    )
    rows = tuple(
        (*_named(line), line.group, line.class_, line.counts_in, line.seea, line.method,
         line.quantity or "", ", ".join(sorted(line.types)) or "all")
        for line in of.lines
    )  # fmt: skip
    return Statement(_titled(of), columns, rows)


def bindings(of: Pack) -> Statement:
    """Return the graph of each line: every quantity, where it comes from, what that takes."""
    columns = (
        *SERVICE,
        Column("quantity", Label("指标", "Quantity")),
        Column("unit", Label("单位", "Unit")),
        Column("comes_from", Label("来源", "Comes from")),
        Column("takes", Label("取自", "Takes")),
        Column("reach", Label("范围", "Reach")),
        Column("tag", Label("证据", "Evidence")),
    )
    rows = tuple(
        (*_named(line), name, quantities()[name].unit, line.bind[name],
         *_taken(line, CATALOGUE.get(line.bind[name])), _reach(line, name),
         _tag(line, name))
        for line in of.lines
        for name in graph.order(line, CATALOGUE)
    )  # fmt: skip
    return Statement(Label(f"{of.title.zh}：取数关系", f"{of.title.en}: graph"), columns, rows)


def _taken(line: ServiceLine, model: Method | None) -> tuple[str]:
    if model is None:
        return ("",)
    own = [name for name in model.inputs if name in line.parameters]
    return (", ".join((*graph.named(line, model).values(), *own)),)


def _reach(line: ServiceLine, name: str) -> str:
    if name in line.apportioned:
        return f"apportioned by {line.apportioned[name]}"
    return "from above" if name in line.from_above else ""


def _tag(line: ServiceLine, name: str) -> str:
    model = CATALOGUE.get(line.bind[name])
    if model:
        return model.source.tag
    of = line.coefficient(name)
    if of is None:
        return ""
    known = coefficients()[name]
    return ", ".join(sorted({x.parameter.source.tag for c, x in known.items() if of in ("", c)}))


def parameters(of: Pack) -> Statement:
    """Return every parameter of every line, with its source."""
    columns = (
        *SERVICE,
        Column("parameter", Label("参数", "Parameter")),
        Column("value", Label("数值", "Value"), None, None, "right"),
        Column("unit", Label("单位", "Unit")),
        Column("price_year", Label("价格年份", "Price year")),
        Column("tag", Label("证据", "Evidence")),
        Column("document", Label("文件", "Document")),
    )
    rows = tuple(
        (*_named(line), each.name, each.value, each.unit, str(each.price_year or ""),
         each.source.tag, cited(each.source))
        for line in of.lines
        for each in line.parameters.values()
    )  # fmt: skip
    return Statement(Label(f"{of.title.zh}：参数", f"{of.title.en}: parameters"), columns, rows)


def cited(source: Source) -> str:
    """Return the document, clause and title of a source."""
    return "; ".join(each for each in (source.document, source.clause, source.title) if each)


def _named(line: ServiceLine) -> Row:
    return (line.service, line.name.zh, line.name.en)


def _titled(of: Pack) -> Label:
    said = f"{of.id} {of.edition} {of.digest[:DIGEST_SHOWN]}"
    return Label(f"{of.title.zh} {said}", f"{of.title.en} {said}")
