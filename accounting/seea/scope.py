"""What a SEEA EA case is about: its types, services, economic units, period and convention."""

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from accounting import ecosystem, units
from accounting.ecosystem import EcosystemList
from accounting.method import Source
from accounting.seea import reference
from accounting.seea.present_value import Discounting, Timing
from ledger.core.errors import DomainError, Finding, InputRefused, RuleBroken
from ledger.statements.statement import Label

CASE_FILE = "seea.toml"
UnitKind = Literal["industry", "government", "households"]
FIELDS: Mapping[str, type] = {
    "id": str, "title": dict, "source": dict, "ecosystems": str, "currency": str,
    "opening": dt.date, "closing": dt.date, "discounting": dict, "service": list,
    "economic_unit": list,
    "extent": str, "condition": str, "supply": str, "use": str, "expected": str,
}  # fmt: skip


@dataclass(eq=False)
class UnknownWord(RuleBroken):
    """A field of a case says a word that is not one of its list."""

    code = "seea.unknown-word"
    title = "This field knows other words"
    at: str
    found: str
    known: tuple[str, ...]


@dataclass(eq=False)
class ListedTwice(RuleBroken):
    """A case lists a service or an economic unit twice."""

    code = "seea.listed-twice"
    title = "A code is listed once"
    found: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the case: its name, the unit of its flow, its code on the reference list."""

    code: str
    name: Label
    unit: str
    seea: str


@dataclass(frozen=True, slots=True)
class EconomicUnit:
    """Who uses services: an industry, the government, households."""

    code: str
    name: Label
    kind: UnitKind


@dataclass(frozen=True, slots=True)
class Scope:
    """What the tables of a case may name, and the convention its assets are valued by."""

    id: str
    title: Label
    source: Source
    ecosystems: EcosystemList
    currency: str
    opening: dt.date
    closing: dt.date
    discounting: Discounting
    services: Mapping[str, Service]
    economic_units: Mapping[str, EconomicUnit]
    files: Mapping[str, str]

    @property
    def types(self) -> tuple[str, ...]:
        """The codes of the ecosystem types, in the order of their list."""
        return tuple(self.ecosystems.types)

    def price_unit(self, service: str) -> str:
        """Return the unit in which a service's price is held."""
        return f"{self.currency}/({self.services[service].unit})"


def read(path: Path) -> Scope:
    """Read a seea.toml; refuse it with all its findings."""
    table = _table(path)
    findings = tuple(_findings(path.name, table))
    if findings:
        raise InputRefused(findings)
    names = ("extent", "condition", "supply", "use", "expected", "losses")
    convention = dict(table["discounting"])
    convention["source"] = Source(**convention["source"])
    scope = Scope(
        table["id"], Label(**table["title"]), Source(**table["source"]),
        ecosystem.load(table["ecosystems"]), table["currency"], table["opening"], table["closing"],
        Discounting(**convention),
        {e["code"]: Service(e["code"], _name(e), e["unit"], e["seea"]) for e in table["service"]},
        {e["code"]: EconomicUnit(e["code"], _name(e), e["kind"]) for e in table["economic_unit"]},
        {name: table[name] for name in names if name in table},
    )  # fmt: skip
    _named_apart(path.name, scope)
    return scope


def _name(entry: Mapping[str, Any]) -> Label:
    return Label(entry["zh"], entry["en"])


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        why = error.strerror or "cannot be read"
        title = "The folder holds no readable seea.toml"
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        why, title = str(error), "Not a TOML file"
    raise InputRefused((Finding("seea.unreadable", title, path.name, facts={"why": why}),))


def _findings(file: str, table: Mapping[str, Any]) -> Iterator[Finding]:
    absent = [name for name, kind in FIELDS.items() if not isinstance(table.get(name), kind)]
    for name in absent:
        yield Finding("seea.missing-field", "seea.toml must say this", file, field=name)
    for name, built in BUILT.items():
        try:
            if name not in absent:
                built(table[name])
        except DomainError as refusal:
            yield Finding(refusal.code, refusal.title, file, field=name, facts=refusal.facts())
        except (KeyError, TypeError, AttributeError) as error:
            title, facts = "A part of this is missing, or of another kind", {"why": str(error)}
            yield Finding("seea.malformed", title, file, field=name, facts=facts)
    if not absent and table["opening"] >= table["closing"]:
        yield Finding("seea.no-period", "A period opens before it closes", file, field="closing")


def _named_apart(file: str, scope: Scope) -> None:
    """Refuse an economic unit with the code of an ecosystem type: both are users of services."""
    both = [code for code in scope.economic_units if code in scope.ecosystems.types]
    if both:
        facts = {"found": both[0]}
        finding = Finding(
            ListedTwice.code, ListedTwice.title, file, field="economic_unit", facts=facts
        )
        raise InputRefused((finding,))


def _discounting(entry: Mapping[str, Any]) -> None:
    Source(**entry["source"])
    if not isinstance(entry["life"], int):
        raise TypeError("an asset lives whole years")
    if entry["timing"] not in get_args(Timing):
        raise UnknownWord("timing", entry["timing"], get_args(Timing))
    Discounting(**entry)


def _services(entries: list[Any]) -> None:
    _listed_once(entries)
    for each in entries:
        units.parse(each["unit"])
        if not reference.known(each["seea"]):
            raise UnknownWord("seea", each["seea"], tuple(reference.OFF_THE_LIST))


def _economic_units(entries: list[Any]) -> None:
    _listed_once(entries)
    for each in entries:
        if each["kind"] not in get_args(UnitKind):
            raise UnknownWord("kind", each["kind"], get_args(UnitKind))


def _listed_once(entries: list[Any]) -> None:
    codes = Counter(each["code"] for each in entries)
    for each in entries:
        if codes[each["code"]] > 1:
            raise ListedTwice(each["code"])
        _name(each)


BUILT: Mapping[str, Callable[[Any], object]] = {
    "title": lambda entry: Label(**entry),
    "source": lambda entry: Source(**entry),
    "ecosystems": ecosystem.load,
    "currency": units.parse,
    "discounting": _discounting,
    "service": _services,
    "economic_unit": _economic_units,
}
