"""What parts two packs, line by line: added, dropped, another method, parameter, class or reach."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from accounting.method import Parameter
from accounting.pack import Pack, ServiceLine
from accounting.pack_tables import cited
from accounting.tables import SERVICE
from ledger.statements.statement import Column, Label, Statement

KINDS: Mapping[str, Label] = {
    "added": Label("新增", "added"),
    "dropped": Label("删去", "dropped"),
    "method": Label("方法不同", "other method"),
    "parameter": Label("参数不同", "other parameter"),
    "class": Label("类别不同", "other class"),
    "account": Label("计入不同", "counts elsewhere"),
    "seea": Label("SEEA编码不同", "other SEEA code"),
    "reach": Label("取数范围不同", "other reach"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference of a line: of what kind, in what, from what to what."""

    service: str
    name: Label
    kind: str
    what: str
    first: str
    second: str


def between(first: Pack, second: Pack) -> tuple[Difference, ...]:
    """Return every difference from one pack to another, in the order of their lines."""
    old, new = ({line.service: line for line in of.lines} for of in (first, second))
    found: list[Difference] = []
    for service in dict.fromkeys((*old, *new)):
        one, other = old.get(service), new.get(service)
        if one and other:
            found += _of_lines(one, other)
        elif one:
            found.append(Difference(service, one.name, "dropped", "line", one.method, ""))
        elif other:
            found.append(Difference(service, other.name, "added", "line", "", other.method))
    return tuple(found)


def _of_lines(one: ServiceLine, other: ServiceLine) -> Iterator[Difference]:
    for kind, what, first, second in _facts(one, other):
        if first != second:
            yield Difference(other.service, other.name, kind, what, first, second)


def _facts(one: ServiceLine, other: ServiceLine) -> Iterator[tuple[str, str, str, str]]:
    yield "class", "class", one.class_, other.class_
    yield "class", "group", one.group, other.group
    yield "account", "counts_in", one.counts_in, other.counts_in
    yield "seea", "seea", one.seea, other.seea
    yield "method", "method", one.method, other.method
    yield "method", "quantity", one.quantity or "", other.quantity or ""
    for kind, first, second in (
        ("method", one.arguments, other.arguments),
        ("method", one.bind, other.bind),
        ("reach", one.apportioned, other.apportioned),
        ("parameter", _said(one), _said(other)),
    ):
        for name in sorted({*first, *second}):
            yield kind, name, first.get(name, ""), second.get(name, "")
    for what, mine, yours in (
        ("types", one.types, other.types), ("from_above", one.from_above, other.from_above),
    ):  # fmt: skip
        yield "reach", what, ", ".join(sorted(mine)), ", ".join(sorted(yours))


def _said(line: ServiceLine) -> dict[str, str]:
    return {name: _parameter(each) for name, each in line.parameters.items()}


def _parameter(of: Parameter) -> str:
    year = f" ({of.price_year})" if of.price_year else ""
    region = f" {of.region}" if of.region else ""
    return f"{of.value} {of.unit}{year}{region} [{of.source.tag}] {cited(of.source)}"


def statement(first: Pack, second: Pack) -> Statement:
    """Return the differences of two packs as a table."""
    columns = (
        *SERVICE,
        Column("kind", Label("差异（代码）", "Kind (code)")),
        Column("kind_zh", Label("差异", "Kind (Chinese)")),
        Column("kind_en", Label("差异（英文）", "Kind")),
        Column("what", Label("项目", "What")),
        Column("first", Label(f"{first.id} {first.edition}", f"{first.id} {first.edition}")),
        Column("second", Label(f"{second.id} {second.edition}", f"{second.id} {second.edition}")),
    )
    rows = tuple(
        (x.service, x.name.zh, x.name.en, x.kind, KINDS[x.kind].zh, KINDS[x.kind].en, x.what,
         x.first, x.second)
        for x in between(first, second)
    )  # fmt: skip
    return Statement(Label("方法包差异", "Differences between packs"), columns, rows)
