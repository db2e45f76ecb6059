"""Packs: a standard or a study as data, in frozen editions, with the digest of what they say.

A line names a service, how it is valued and with which price, and where each quantity comes from:
`given` by the case, or the code of a model. Never an expression.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, get_args

from accounting import ecosystem, figures, inheritance, units
from accounting.coefficients import coefficients
from accounting.ecosystem import UnknownEcosystemList
from accounting.figures import NotANumber
from accounting.method import RECALLED, TAGS, Parameter, Source
from accounting.methods import CATALOGUE
from accounting.quantity import quantities
from accounting.seea import reference
from accounting.units import UnknownUnit
from ledger.core.errors import Finding, InputRefused, NotFound
from ledger.statements.statement import Label

Class = Literal["material", "regulating", "cultural"]
CountsIn = Literal["gep", "memo"]
CLASSES: Mapping[Class, Label] = {
    "material": Label("物质产品", "Material"),
    "regulating": Label("调节服务", "Regulating"),
    "cultural": Label("文化服务", "Cultural"),
}
GIVEN = "given"
COEFFICIENT = "coefficient"  # of the place: its type, class, region or zone, or general
OF = f"{COEFFICIENT}/"  # of one class whatever the place, such as coefficient/so2
RECONSTRUCTION = Label("重建稿", "reconstruction, not the standard")
GEP, MONEY = "gep", "CNY"
GEP_NAME = Label("生态产品总值", "GEP")
NO_TEXT, WANTS_TEXT = "pack.not-a-text", "A text stands here"
MAY = frozenset({"quantity", "types", "from_above", "apportioned"})
MUST = frozenset({"service", "name", "group", "class", "counts_in", "seea", "method", "bind"})
WORDS = MUST | MAY

Fault = tuple[str, str, str]  # code, title, field


@dataclass(eq=False)
class UnknownPack(NotFound):
    """No pack has this id, or this edition."""

    code = "pack.unknown"
    title = "There is no such pack, or no such edition of it"
    id: str
    edition: str | None
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service as a pack values it; ``arguments`` are the quantities its method takes.

    It is of the ecosystem ``types`` it lists, of all where it lists none. Readings named
    ``from_above`` serve every cell beneath where they were read; what is ``apportioned`` is
    computed above, and given to the cells beneath in proportion to a key quantity.
    """

    service: str
    name: Label
    group: str
    class_: Class
    counts_in: CountsIn
    seea: str
    method: str
    quantity: str | None
    arguments: Mapping[str, str]
    bind: Mapping[str, str]
    parameters: Mapping[str, Parameter]
    types: frozenset[str] = frozenset()
    from_above: frozenset[str] = frozenset()
    apportioned: Mapping[str, str] = field(default_factory=dict)

    def coefficient(self, name: str) -> str | None:
        """Return the class a quantity is a coefficient of, "" for that of the place; else None."""
        source = self.bind.get(name, "")
        if source == COEFFICIENT:
            return ""
        return source.removeprefix(OF) if source.startswith(OF) else None

    @property
    def price(self) -> Parameter | None:
        """The price of this line, where it has one."""
        return self.parameters.get("price")


@dataclass(frozen=True, slots=True)
class Pack:
    """One frozen edition; ``table`` is all its file says, ``digest`` is over that in one layout.

    A ``reconstruction`` is of a text that nobody read: it is not the standard, and says so.
    """

    id: str
    edition: str
    title: Label
    ecosystems: str
    source: Source
    groups: Mapping[str, Label]
    lines: tuple[ServiceLine, ...]
    digest: str
    table: Mapping[str, Any] = field(repr=False)
    reconstruction: bool = False


def known() -> dict[str, tuple[str, ...]]:
    """Return the editions of every pack there is, oldest first."""
    folders = [each for each in _shelf().iterdir() if each.is_dir()]
    return {
        folder.name: tuple(sorted(each.name.removesuffix(".toml") for each in folder.iterdir()))
        for folder in sorted(folders, key=lambda each: each.name)
    }


def load(id: str, edition: str | None = None) -> Pack:
    """Return one edition of a pack, the latest unless said; refuse an unknown one."""
    editions = known().get(id, ())
    chosen = edition or (editions[-1] if editions else None)
    if chosen not in editions:
        names = tuple(f"{name} {each}" for name, all_ in known().items() for each in all_)
        raise UnknownPack(id, edition, names)
    return read(_shelf().joinpath(id, f"{chosen}.toml"))


def read(path: Path | Traversable) -> Pack:
    """Read a pack file with all that it inherits; refuse it with all its findings."""
    return of_table(path.name, inheritance.resolved(path.name, _table(path), _on_the_shelf))


def _table(path: Path | Traversable) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        finding = Finding("pack.malformed", "Not a TOML file", path.name, facts={"why": str(error)})
        raise InputRefused((finding,)) from None


def _on_the_shelf(id: str, edition: str | None) -> Mapping[str, Any] | None:
    """Return an edition as its file says it, or None; an inherited edition is always named."""
    if edition not in known().get(id, ()):
        return None
    return _table(_shelf().joinpath(id, f"{edition}.toml"))


def of_table(file: str, table: Mapping[str, Any]) -> Pack:
    """Make a pack of all that its file says; refuse it with all its findings."""
    findings = tuple(_findings(file, table))
    if findings:
        raise InputRefused(findings)
    source = Source(**table["source"])
    return Pack(
        id=table["id"],
        edition=table["edition"],
        title=Label(**table["title"]),
        ecosystems=table["ecosystems"],
        source=source,
        groups={zh: Label(zh, en) for zh, en in table["groups"].items()},
        lines=tuple(_line(each, source) for each in table["line"]),
        digest=_digest(table),
        table=table,
        reconstruction=table.get("reconstruction", False),
    )


def _shelf() -> Traversable:
    return resources.files("accounting").joinpath("packs")


def _line(entry: Mapping[str, Any], source: Source) -> ServiceLine:
    others = {name: value for name, value in entry.items() if name not in WORDS}
    parameters = {n: _parameter(n, v, source) for n, v in others.items() if isinstance(v, dict)}
    arguments = {name: value for name, value in others.items() if isinstance(value, str)}
    return ServiceLine(
        service=entry["service"],
        name=Label(**entry["name"]),
        group=entry["group"],
        class_=entry["class"],
        counts_in=entry["counts_in"],
        seea=entry["seea"],
        method=entry["method"],
        quantity=entry.get("quantity"),
        arguments=arguments,
        bind=entry.get("bind", {}),
        parameters=parameters,
        types=frozenset(entry.get("types", ())),
        from_above=frozenset(entry.get("from_above", ())),
        apportioned=entry.get("apportioned", {}),
    )


def _parameter(name: str, entry: Mapping[str, Any], source: Source) -> Parameter:
    """Read a parameter; where it names no source of its own, it is the pack's."""
    own = Source(**entry["source"]) if "source" in entry else source
    year, region = entry.get("price_year"), entry.get("region", "")
    typed = figures.read(entry["value"]).typed
    return Parameter(name, typed, entry["unit"], own, year, region)


def _digest(table: Mapping[str, Any]) -> str:
    text = json.dumps(table, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _findings(file: str, table: Mapping[str, Any]) -> Iterator[Finding]:
    for name in ("id", "edition", "title", "ecosystems", "source", "groups", "line"):
        if name not in table:
            yield Finding("pack.missing-field", "A pack must say this", file, field=name)
    if inheritance.INHERITS in table:
        title = "What a pack inherits must be resolved before it is used"
        yield Finding("pack.not-resolved", title, file, field=inheritance.INHERITS)
    if table.get("reconstruction") and not _titled(table.get("title", {})):
        title = f"A reconstruction is titled {RECONSTRUCTION.zh} {RECONSTRUCTION.en}"
        yield Finding("pack.untitled-reconstruction", title, file, field="title")
    try:
        types = set(ecosystem.load(str(table.get("ecosystems"))).types)
    except UnknownEcosystemList as unknown:
        types = set()
        yield Finding(unknown.code, unknown.title, file, None, "ecosystems", unknown.facts())
    for code, title, name in _head_faults(table):
        yield Finding(code, title, file, field=name)
    seen: set[str] = set()
    for place, entry in enumerate(table.get("line", ()), 1):
        faults = (
            *_line_faults(entry, table.get("groups", {})), *_reach_faults(entry, types),
            *_name_faults(entry, seen),
        )  # fmt: skip
        for code, title, name in faults:
            facts = {"line": place, "service": entry.get("service")}
            yield Finding(code, title, file, field=name, facts=facts)


def _titled(title: Mapping[str, str]) -> bool:
    zh, en = title.get("zh", ""), title.get("en", "")
    return RECONSTRUCTION.zh in zh and RECONSTRUCTION.en in en


def _head_faults(table: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with what a pack says of itself."""
    yield from _text_faults(table, ("id", "edition"), ("title", "groups"))
    yield from _source_faults("source", table.get("source", {}))


def _text_faults(
    said: Mapping[str, Any], names: Sequence[str], tables: Sequence[str]
) -> Iterator[Fault]:
    """Yield a fault for each of some names, and of some tables of names, that is no text."""
    texts = [(name, said[name]) for name in names if name in said]
    texts += [(name, each) for name in tables for each in said.get(name, {}).values()]
    for name, each in texts:
        if not isinstance(each, str) or not each.strip():
            yield NO_TEXT, WANTS_TEXT, name


def _source_faults(name: str, source: Mapping[str, Any]) -> Iterator[Fault]:
    if not all(isinstance(each, str) for each in source.values()):
        yield NO_TEXT, WANTS_TEXT, name
    elif source.get("tag", RECALLED) not in TAGS:
        yield "pack.unknown-tag", "A source is tagged R, R*, K or C", name


def _name_faults(entry: Mapping[str, Any], seen: set[str]) -> Iterator[Fault]:
    """Yield what is wrong with the names of a line; remember its service among those ``seen``."""
    yield from _text_faults(entry, ("service", "method", "quantity"), ("name",))
    service = entry.get("service")
    if service in seen:
        yield "pack.duplicate-service", "The pack has this service twice", "service"
    if service in (GEP, *CLASSES):
        yield "pack.reserved-service", "This is the name of a total", "service"
    seen.add(str(service))
    codes = [entry.get("method"), *entry.get("bind", {}).values()]
    known_ = {name for each in codes if each in CATALOGUE for name in CATALOGUE[each].inputs}
    for name, value in entry.items():
        if name not in WORDS and (name not in known_ or not isinstance(value, dict | str)):
            yield "pack.unknown-word", "No method of the line takes this, and no line says it", name


def _line_faults(entry: Mapping[str, Any], groups: Mapping[str, str]) -> Iterator[Fault]:
    absent = MUST - entry.keys()
    yield from (("pack.missing-field", "A line must say this", each) for each in sorted(absent))
    if entry.get("group") not in groups:
        yield "pack.unknown-group", "The pack lists no such group", "group"
    if entry.get("class") not in CLASSES:
        yield "pack.unknown-class", "A class is material, regulating or cultural", "class"
    if entry.get("counts_in") not in get_args(CountsIn):
        yield "pack.unknown-account", "A line counts in gep or in memo", "counts_in"
    if not isinstance(entry.get("seea"), str) or not reference.known(entry["seea"]):
        title = "No code of the SEEA reference list, nor none, abiotic or intermediate"
        yield "pack.unknown-seea-code", title, "seea"
    method = CATALOGUE.get(entry.get("method", ""))
    if method is None:
        yield "pack.unknown-method", "There is no such method", "method"
    elif method.unit != MONEY:
        yield "pack.method-not-money", f"What a line is worth is in {MONEY}", "method"
    elif method.series:
        title = "Bind what adds over a series to a quantity, and take that"
        yield "pack.method-of-a-series", title, "method"
    for name, value in entry.items():
        if name not in WORDS and isinstance(value, dict):
            yield from _parameter_faults(name, value)


def _reach_faults(entry: Mapping[str, Any], types: set[str]) -> Iterator[Fault]:
    """Yield what is wrong with where a line takes its quantities from, and of which types."""
    yield from _bind_faults(entry.get("bind", {}))
    known_ = quantities()
    for each in sorted(set(entry.get("types", ())) - types):
        yield "pack.unknown-type", "The list of ecosystem types has no such type", str(each)
    for name in entry.get("from_above", ()):
        if name not in known_ or known_[name].kind == "extensive":
            yield "pack.not-from-above", "What adds up would count again in every cell", str(name)
    for name, key in entry.get("apportioned", {}).items():
        for each in (name, key):
            if each not in known_ or known_[each].kind == "intensive":
                title = "What is apportioned, and by which key, adds up"
                yield "pack.not-apportioned", title, str(each)


def _bind_faults(bind: Mapping[str, str]) -> Iterator[Fault]:
    for name, source in bind.items():
        if name not in quantities():
            yield "pack.unknown-quantity", "The dictionary of quantities has no such code", name
        elif source.startswith(COEFFICIENT) and name not in coefficients():
            yield "pack.no-coefficient", "No coefficient of this quantity is on the shelf", name
        elif source in CATALOGUE and CATALOGUE[source].gives not in (None, name):
            title = f"This model gives {CATALOGUE[source].gives}"
            yield "pack.model-of-another", title, name


def _parameter_faults(name: str, entry: Mapping[str, Any]) -> Iterator[Fault]:
    value, year = entry.get("value", ""), entry.get("price_year")
    if not isinstance(value, str):
        yield NO_TEXT, "A figure stands between quotes, so that its digits are kept", name
        return
    try:
        units.parse(str(entry.get("unit", "")))
        if figures.read(value).value < 0 and name == "price":
            yield "pack.negative-price", "A price is not negative", name
    except (NotANumber, UnknownUnit) as refusal:
        yield refusal.code, refusal.title, name
    if (name == "price" or year is not None) and type(year) is not int:
        yield "pack.price-without-year", "A price says its year", name
    if not isinstance(entry.get("region", ""), str):
        yield NO_TEXT, WANTS_TEXT, name
    yield from _source_faults(name, entry.get("source", {}))
