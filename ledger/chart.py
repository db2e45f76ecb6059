"""A chart of accounts as a file: commodities, parties and accounts, loaded as often as you like."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from ledger.core.account import ANY_COMMODITY, Account, Bound, Side, normal_side
from ledger.core.amount import Commodity, decimal_of
from ledger.core.command import Command, Declare, Item, Open, Party
from ledger.core.errors import DomainError, Finding, InputRefused
from ledger.core.refusals import Malformed
from ledger.core.state import Outcome
from ledger.store.store import Store
from ledger.writer import submit

PARTY_NAMESPACE = UUID("5b0d1a52-6f5e-5b0c-9a6e-1d8b2b8a7c01")
PARTY_KINDS = ("org", "person", "group-unnamed")
SIDES = {"debit": Side.DEBIT, "credit": Side.CREDIT}
KEYS = {
    "commodity": {"code", "unit", "scale", "kind", "instrument"},
    "party": {"code", "kind", "name"},
    "account": {
        "code", "class", "basis", "normal", "party", "kinds", "floor", "ceiling", "bounds",
        "always_zero_days", "state",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart file declares."""

    commodities: tuple[Commodity, ...]
    parties: tuple[Party, ...]
    accounts: tuple[Account, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """What the writer is asked to do, in the order in which it can be done."""
        return (
            *(Declare(each) for each in self.commodities),
            *self.parties,
            *(Open(each) for each in self.accounts),
        )


def read(path: Path) -> Chart:
    """Read a chart; refuse it with every finding at once (the row is the entry's number)."""
    try:
        parsed = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        unreadable = Finding("chart.unreadable", str(error), str(path))
        raise InputRefused((unreadable,)) from error
    findings = [
        Finding("chart.unknown-section", "No such section", path.name, None, section)
        for section in sorted(set(parsed) - set(KEYS))
    ]
    chart = Chart(
        *(
            tuple(_entries(parsed, section, build, path, findings))
            for section, build in (
                ("commodity", _commodity), ("party", _party), ("account", _account),
            )
        )
    )  # fmt: skip
    if findings:
        raise InputRefused(tuple(findings))
    return chart


def load(store: Store, book: str, chart: Chart, *, actor: UUID | None) -> tuple[Outcome, ...]:
    """Load a chart into a book, all of it or nothing; what is there already stays as it is."""
    return submit(store, book, Command(chart.items, actor)) if chart.items else ()


def party_id(code: str) -> UUID:
    """Return the id of an organisation that a chart names by code; of a person, the code is it."""
    try:
        return UUID(code)
    except ValueError:
        return uuid5(PARTY_NAMESPACE, code)


def _entries(
    parsed: Mapping[str, Any],
    section: str,
    build: Callable[[Mapping[str, Any]], Any],
    path: Path,
    findings: list[Finding],
) -> list[Any]:
    built = []
    entries = parsed.get(section, [])
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries], start=1):
        try:
            built.append(build(_known(entry, section)))
        except DomainError as error:
            facts = error.facts()
            at = f"{section}.{str(facts.get('at', 'code')).removeprefix(section + '.')}"
            findings.append(Finding(error.code, error.title, path.name, number, at, facts))
    return built


def _known(entry: object, section: str) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise Malformed(section, "is not a table ([[…]])")
    unknown = sorted(set(entry) - KEYS[section])
    if unknown:
        raise Malformed(unknown[0], f"is no key of [[{section}]]")
    return entry


def _text(entry: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = entry.get(key, default)
    if not isinstance(value, str) or (not value and default is None):
        raise Malformed(key, "is missing or is not a string")
    return value


def _commodity(entry: Mapping[str, Any]) -> Commodity:
    scale = entry.get("scale")
    if not isinstance(scale, int) or isinstance(scale, bool):
        raise Malformed("scale", "is missing or is not a whole number")
    return Commodity(
        _text(entry, "code"), _text(entry, "unit"), scale, _text(entry, "kind"),
        _text(entry, "instrument", ""),
    )  # fmt: skip


def _party(entry: Mapping[str, Any]) -> Party:
    kind = _text(entry, "kind", "org")
    if kind not in PARTY_KINDS:
        raise Malformed("kind", f"{kind!r} is none of {', '.join(PARTY_KINDS)}")
    if kind == "person":
        raise Malformed("kind", "a natural person's name does not belong in a chart")
    return Party(party_id(_text(entry, "code")), kind, _text(entry, "name"))


def _account(entry: Mapping[str, Any]) -> Account:
    class_ = _text(entry, "class")
    party = entry.get("party")
    side = _text(entry, "normal", "debit" if normal_side(class_) is Side.DEBIT else "credit")
    if side not in SIDES:
        raise Malformed("normal", f"{side!r} is neither debit nor credit")
    kinds = entry.get("kinds", [])
    if not isinstance(kinds, list):
        raise Malformed("kinds", "is not a list")
    days = entry.get("always_zero_days")
    if days is not None and (not isinstance(days, int) or days < 0):
        raise Malformed("always_zero_days", "is not a whole number of days")
    return Account(
        code=_text(entry, "code"),
        class_=class_,
        basis=_text(entry, "basis"),
        normal=SIDES[side],
        party=None if party is None else party_id(_text(entry, "party")),
        kinds=tuple(str(kind) for kind in kinds),
        bounds=tuple(_bounds(entry)),
        always_zero_days=days,
        state=_text(entry, "state", "open"),
    )


def _bounds(entry: Mapping[str, Any]) -> list[Bound]:
    stated: dict[str, Any] = {}
    if entry.get("floor") is not None or entry.get("ceiling") is not None:
        stated[ANY_COMMODITY] = entry
    given = entry.get("bounds", {})
    if not isinstance(given, Mapping):
        raise Malformed("bounds", "is not a table of commodities")
    stated.update(given)
    return [
        Bound(code, _limit(limits, "floor"), _limit(limits, "ceiling"))
        for code, limits in sorted(stated.items())
    ]


def _limit(limits: Mapping[str, Any], key: str) -> Decimal | None:
    value = limits.get(key)
    return None if value is None else decimal_of(value, key)
