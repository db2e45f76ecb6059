"""Crosswalks: shares that carry one list of ecosystem types into another, each type's summing to 1.

They are dated. Shipped ones stand in `crosswalks/`; a case may bring its own as a table
`from_type, to_type, share, source`.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any

from accounting import ecosystem, figures, sheet
from accounting.ecosystem import EcosystemList
from accounting.figures import NotANumber
from accounting.method import Source
from ledger.core.errors import Finding

COLUMNS = ("from_type", "to_type", "share", "source")
SHARED = "crosswalk.shared"  # a value is no longer what was read: shares made it

Fault = tuple[str, str, str, Mapping[str, object]]
Shares = Mapping[str, Mapping[str, Fraction]]


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """From one list into another: for each type of the first, its shares in types of the second."""

    name: str
    start: EcosystemList
    into: EcosystemList
    shares: Shares
    digest: str
    source: Source | None = None
    since: int | None = None
    until: int | None = None

    def in_year(self, year: int) -> bool:
        """Say whether it holds in a year."""
        return (self.since or year) <= year <= (self.until or year)


@dataclass(frozen=True, slots=True)
class _Share:
    row: int | None
    start: str
    into: str
    typed: str


def shipped() -> tuple[Crosswalk, ...]:
    """Return the crosswalks that come with the product."""
    folder = resources.files("accounting").joinpath("crosswalks")
    return tuple(
        _shipped(each.name.removesuffix(".toml"), each.read_bytes())
        for each in sorted(folder.iterdir(), key=lambda each: each.name)
    )


def _shipped(name: str, content: bytes) -> Crosswalk:
    table: Mapping[str, Any] = tomllib.loads(content.decode())
    start, into = ecosystem.load(table["from"]), ecosystem.load(table["into"])
    shares = {
        code: {each: Fraction(share) for each, share in parts.items()}
        for code, parts in table["shares"].items()
    }
    digest = hashlib.sha256(content).hexdigest()
    source = Source(**table["source"])
    return Crosswalk(
        name, start, into, shares, digest, source, table.get("since"), table.get("until")
    )


def read(
    path: Path, start: EcosystemList, into: EcosystemList
) -> tuple[Crosswalk, tuple[Finding, ...], str]:
    """Read a case's own crosswalk with everything that is wrong in it."""
    table = sheet.read(path, COLUMNS)
    findings = list(table.findings)
    given: list[_Share] = []
    for record in table.records:
        of = _Share(record.row, record["from_type"], record["to_type"], record["share"])
        faults = list(_faults(of, start, into))
        if not record["source"]:
            faults.append(("crosswalk.no-source", "A share says where it comes from", "source", {}))
        findings += [Finding(c, t, table.file, of.row, name, f) for c, t, name, f in faults]
        given += [] if faults else [of]
    shares = _gathered(given, start, into)
    if not findings:
        rows = {start.named(each.start): each.row for each in reversed(given)}
        findings += _sums(table.file, rows, shares)
    own = Crosswalk(table.file, start, into, shares, table.digest)
    return own, tuple(findings), table.digest


def _faults(of: _Share, start: EcosystemList, into: EcosystemList) -> Iterator[Fault]:
    for text, list_, name in ((of.start, start, "from_type"), (of.into, into, "to_type")):
        if list_.named(text) is None:
            facts = {"found": text, "list": list_.id}
            yield "crosswalk.unknown-type", "The list has no such type", name, facts
    try:
        share = figures.read(of.typed).value
    except NotANumber as refusal:
        yield refusal.code, refusal.title, "share", refusal.facts()
    else:
        if not 0 < share <= 1:
            title = "A share is above 0 and at most 1"
            yield "crosswalk.not-a-share", title, "share", {"found": of.typed}


def _gathered(given: Iterable[_Share], start: EcosystemList, into: EcosystemList) -> Shares:
    shares: dict[str, dict[str, Fraction]] = {}
    for each in given:
        parts = shares.setdefault(start.named(each.start) or "", {})
        code = into.named(each.into) or ""
        parts[code] = parts.get(code, Fraction(0)) + figures.read(each.typed).value
    return shares


def _sums(file: str, rows: Mapping[str | None, int | None], shares: Shares) -> Iterator[Finding]:
    """Yield a finding for each type whose shares do not add up, at its first row."""
    for code, parts in shares.items():
        if sum(parts.values()) != 1:
            title = "The shares of a type add up to 1"
            facts = {"type": code, "sum": figures.plain(sum(parts.values(), Fraction(0)))}
            yield Finding("crosswalk.not-one", title, file, rows[code], "share", facts)
