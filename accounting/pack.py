"""Packs: a standard or a study as data, in frozen editions, with the digest of what they say.

A line names a service, how it is valued and with which price, and where each quantity comes from:
`given` by the case, or the code of a model. Never an expression.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, get_args

from accounting import ecosystem, figures, inheritance, units
from accounting.coefficients import coefficients
from accounting.ecosystem import UnknownEcosystemList
from accounting.figures import NotANumber
from accounting.method import TAGS, Method, Parameter, Source
from accounting.methods import METHODS
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
MAY = frozenset({"quantity", "types", "from_above", "apportioned"})
MUST = frozenset({"service", "name", "group", "class", "counts_in", "seea", "method", "bind"})
WORDS = MUST | MAY
_CATALOGUE: Mapping[str, Method] = {method.code: method for method in METHODS}


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
    except tomllib.TOMLDecodeError as error:
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
    return Parameter(name, entry["value"], entry["unit"], own, year, region)


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
    for place, entry in enumerate(table.get("line", ()), 1):
        faults = (*_line_faults(entry, table.get("groups", {})), *_reach_faults(entry, types))
        for code, title, name in faults:
            facts = {"line": place, "service": entry.get("service")}
            yield Finding(code, title, file, field=name, facts=facts)


def _titled(title: Mapping[str, str]) -> bool:
    zh, en = title.get("zh", ""), title.get("en", "")
    return RECONSTRUCTION.zh in zh and RECONSTRUCTION.en in en


def _line_faults(
    entry: Mapping[str, Any], groups: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    absent = MUST - entry.keys()
    yield from (("pack.missing-field", "A line must say this", each) for each in sorted(absent))
    if entry.get("group") not in groups:
        yield "pack.unknown-group", "The pack lists no such group", "group"
    if entry.get("class") not in CLASSES:
        yield "pack.unknown-class", "A class is material, regulating or cultural", "class"
    if entry.get("counts_in") not in get_args(CountsIn):
        yield "pack.unknown-account", "A line counts in gep or in memo", "counts_in"
    if not reference.known(str(entry.get("seea"))):
        title = "No code of the SEEA reference list, nor none, abiotic or intermediate"
        yield "pack.unknown-seea-code", title, "seea"
    method = _CATALOGUE.get(entry.get("method", ""))
    if method is None:
        yield "pack.unknown-method", "There is no such method", "method"
    elif method.series:
        title = "Bind what adds over a series to a quantity, and take that"
        yield "pack.method-of-a-series", title, "method"
    for name, value in entry.items():
        if name not in WORDS and isinstance(value, dict):
            yield from ((code, title, name) for code, title in _parameter_faults(name, value))


def _reach_faults(entry: Mapping[str, Any], types: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with where a line takes its quantities from, and of which types."""
    for name, source in entry.get("bind", {}).items():
        if name not in quantities():
            yield "pack.unknown-quantity", "The dictionary of quantities has no such code", name
        elif source.startswith(COEFFICIENT) and name not in coefficients():
            yield "pack.no-coefficient", "No coefficient of this quantity is on the shelf", name
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


def _parameter_faults(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    try:
        figures.read(str(entry.get("value", "")))
        units.parse(str(entry.get("unit", "")))
    except (NotANumber, UnknownUnit) as refusal:
        yield refusal.code, refusal.title
    if name == "price" and not isinstance(entry.get("price_year"), int):
        yield "pack.price-without-year", "A price says its year"
    if entry.get("source", {}).get("tag", "R") not in TAGS:
        yield "pack.unknown-tag", "A source is tagged R, R*, K or C"
