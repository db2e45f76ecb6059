"""What a SEEA EA case is about: its types, services, economic units, period and convention."""

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from accounting import ecosystem, units
from accounting.ecosystem import EcosystemList
from accounting.method import Source
from accounting.seea import reference
from accounting.seea.present_value import Discounting, Timing
from ledger.core.errors import DomainError, Finding, InputRefused
from ledger.statements.statement import Label

CASE_FILE = "seea.toml"
UnitKind = Literal["industry", "government", "households"]
FIELDS: Mapping[str, type] = {
    "id": str, "title": dict, "source": dict, "ecosystems": str, "currency": str,
    "opening": dt.date, "closing": dt.date, "discounting": dict, "service": list,
    "economic_unit": list,
    "extent": str, "condition": str, "supply": str, "use": str, "expected": str,
}  # fmt: skip


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
    return Scope(
        table["id"], Label(**table["title"]), Source(**table["source"]),
        ecosystem.load(table["ecosystems"]), table["currency"], table["opening"], table["closing"],
        Discounting(**convention),
        {e["code"]: Service(e["code"], _name(e), e["unit"], e["seea"]) for e in table["service"]},
        {e["code"]: EconomicUnit(e["code"], _name(e), e["kind"]) for e in table["economic_unit"]},
        {name: table[name] for name in names if name in table},
    )  # fmt: skip


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
    if absent:
        title = "seea.toml must say this"
        yield from (Finding("seea.missing-field", title, file, field=each) for each in absent)
        return
    for name, build in _BUILT.items():
        try:
            build(table[name])
        except DomainError as refusal:
            yield Finding(refusal.code, refusal.title, file, field=name, facts=refusal.facts())
        except (KeyError, TypeError) as error:
            title = "A part of this is missing, or of another kind"
            yield Finding("seea.malformed", title, file, field=name, facts={"why": str(error)})
    if table["opening"] >= table["closing"]:
        yield Finding("seea.no-period", "A period opens before it closes", file, field="closing")
    yield from _line_findings(file, table)


def _line_findings(file: str, table: Mapping[str, Any]) -> Iterator[Finding]:
    for place, each in enumerate(table["service"], 1):
        facts = {"service": place, "found": each.get("seea")}
        if not reference.known(str(each.get("seea"))):
            title = "No code of the reference list, nor none, abiotic or intermediate"
            yield Finding("seea.unknown-code", title, file, field="seea", facts=facts)
    for place, each in enumerate(table["economic_unit"], 1):
        facts = {"economic_unit": place, "found": each.get("kind")}
        if each.get("kind") not in get_args(UnitKind):
            title = "An economic unit is one of: " + ", ".join(get_args(UnitKind))
            yield Finding("seea.unknown-kind", title, file, field="kind", facts=facts)


def _convention(entry: Mapping[str, Any]) -> None:
    if entry["timing"] not in get_args(Timing):
        raise TypeError(f"timing is one of: {', '.join(get_args(Timing))}")
    Source(**entry["source"])
    Discounting(**entry)


def _services(entries: list[Any]) -> None:
    for each in entries:
        units.parse(each["unit"])
        Label(each["zh"], each["en"])
        str.strip(each["code"])


def _economic_units(entries: list[Any]) -> None:
    for each in entries:
        Label(each["zh"], each["en"])
        str.strip(each["code"])


_BUILT: Mapping[str, Any] = {
    "title": lambda entry: Label(**entry),
    "source": lambda entry: Source(**entry),
    "ecosystems": ecosystem.load,
    "currency": units.parse,
    "discounting": _convention,
    "service": _services,
    "economic_unit": _economic_units,
}
