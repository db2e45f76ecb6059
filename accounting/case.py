"""A case: the regions and years of one account, its readings, and what was published about it."""

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import fsum
from pathlib import Path
from typing import Any, TypeVar

from accounting import (
    by_type,
    crosswalk,
    ecosystem,
    flow,
    pack,
    price_list,
    published,
    reading,
    region,
)
from accounting import polygons as drawn
from accounting.by_type import ByType
from accounting.crosswalk import Crosswalk
from accounting.ecosystem import EcosystemList, UnknownEcosystemList
from accounting.flow import Flow
from accounting.pack import Pack
from accounting.polygons import Polygons
from accounting.price_list import PriceList
from accounting.published import PublishedCheck
from accounting.reading import ALL_TYPES, Cell, Reading, Scope
from accounting.region import RegionTree
from ledger.core.errors import Finding, InputRefused
from ledger.statements.statement import Label

Part = TypeVar("Part")
Findings = Iterable[Finding]

CASE_FILE = "case.toml"
UNREADABLE = "case.unreadable"
YEARS = range(1000, 10_000)
PARTS = (
    "readings", "published", "published_by_type", "crosswalk", "imports", "use", "prices",
    "pack_file", "polygons",
)  # fmt: skip
"""The words of case.toml that name a file."""
FIELDS: Mapping[str, type] = {
    "id": str, "title": dict, "pack": str, "edition": str, "ecosystems": str, "years": list,
    "readings": str, "region": list,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A case as read; ``digests`` are those of its files, by name."""

    id: str
    title: Label
    pack: str
    edition: str
    ecosystems: EcosystemList
    tree: RegionTree
    years: tuple[int, ...]
    readings_file: str
    readings: Mapping[tuple[str, Cell], Reading]
    digests: Mapping[str, str]
    published: PublishedCheck | None = None
    by_type: ByType | None = None
    crosswalk: Crosswalk | None = None
    imports: tuple[Flow, ...] = ()
    use: tuple[Flow, ...] = ()
    prices: PriceList = field(default_factory=PriceList)
    own_pack: Pack | None = None
    polygons: Polygons | None = None
    _placed: Mapping[tuple[str, int], dict[Cell, Reading]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        placed: dict[tuple[str, int], dict[Cell, Reading]] = {}
        for (quantity, cell), each in self.readings.items():
            placed.setdefault((quantity, cell.year), {})[cell] = each
        object.__setattr__(self, "_placed", placed)

    def of(self, quantity: str, year: int) -> Mapping[Cell, Reading]:
        """Return the readings of one quantity in one year, by region and type."""
        return self._placed.get((quantity, year), {})

    def under(self, id: str | None = None, edition: str | None = None) -> Pack:
        """Return the pack it is accounted under, or another of the shelf; refuse an unknown one."""
        if id is None and edition is None and self.own_pack:
            return self.own_pack
        return pack.load(id or self.pack, edition or (None if id else self.edition))

    @property
    def regions(self) -> Mapping[str, Label]:
        """The name of each region, by code."""
        return self.tree.names

    def total(self, quantity: str, year: int) -> float | None:
        """Add up a quantity over the regions of a year, where it was read for all types at once."""
        return self._added(quantity, year, self.tree.roots())

    def total_of(self, region: str, quantity: str, year: int) -> float | None:
        """Return what was read for a region, or what those in it add up to; None if unknown."""
        reading = self.readings.get((quantity, Cell(region, ALL_TYPES, year)))
        if reading:
            return reading.estimate
        return self._added(quantity, year, self.tree.children(region))

    def nearest(self, region: str, quantity: str, year: int) -> float | None:
        """Return what was read for a region, or for the nearest above it: of what does not add."""
        for code in (region, *self.tree.above(region)):
            reading = self.readings.get((quantity, Cell(code, ALL_TYPES, year)))
            if reading:
                return reading.estimate
        return None

    def _added(self, quantity: str, year: int, regions: Iterable[str]) -> float | None:
        here = [each for each in regions if self.tree.regions[each].in_year(year)]
        found = [self.total_of(each, quantity, year) for each in here]
        values = [each for each in found if each is not None]
        return fsum(values) if values and len(values) == len(here) else None


class _Folder:
    """The files of one case folder as they are read: their digests and findings add up here."""

    def __init__(self, folder: Path, table: Mapping[str, Any]) -> None:
        self.folder, self.table = folder, table
        self.digests: dict[str, str] = {}
        self.findings: list[Finding] = []

    def part(
        self, name: str, read_: Callable[[Path], tuple[Part | None, Findings, str]]
    ) -> Part | None:
        """Read one file of the case, where it names one."""
        assert name in PARTS
        if name not in self.table:
            return None
        if not isinstance(self.table[name], str):
            title = "case.toml names a file here"
            self.findings.append(Finding("case.no-file-name", title, CASE_FILE, field=name))
            return None
        try:
            part, findings, digest = read_(self.folder / self.table[name])
        except InputRefused as refused:
            self.findings += refused.findings
            return None
        self.findings += findings
        self.digests[self.table[name]] = digest
        return part


def read(path: Path | str) -> Case:
    """Read a case folder (or its case.toml); refuse it with every finding of every file."""
    folder = Path(path)
    folder = folder.parent if folder.name == CASE_FILE else folder
    table, digest = _table(folder / CASE_FILE)
    scope = _scope(table)
    files = _Folder(folder, table)
    readings = files.part("readings", lambda each: reading.read(each, scope))
    check = files.part("published", _published)
    types = files.part("published_by_type", lambda each: by_type.read(each, scope.ecosystems))
    walk = files.part("crosswalk", lambda each: _crosswalk(each, scope, table))
    imports = files.part("imports", lambda each: flow.read_imports(each, scope))
    use = files.part("use", lambda each: flow.read_use(each, scope))
    prices = files.part("prices", lambda each: price_list.read(each, scope))
    own_pack = files.part("pack_file", lambda each: _pack(each, table))
    polygons = files.part("polygons", lambda each: drawn.read(each, scope.tree.regions))
    if files.findings:
        raise InputRefused(tuple(files.findings))
    return Case(
        table["id"], Label(table["title"]["zh"], table["title"]["en"]), table["pack"],
        table["edition"], scope.ecosystems, scope.tree, tuple(table["years"]), table["readings"],
        readings or {}, {CASE_FILE: digest} | files.digests, check, types, walk, imports or (),
        use or (), prices or PriceList(), own_pack, polygons,
    )  # fmt: skip


def _published(path: Path) -> tuple[PublishedCheck, Findings, str]:
    """Check the published table; what it finds there is reported, and hinders no run."""
    check = published.check(path)
    return check, (), check.digest


def _pack(path: Path, table: Mapping[str, Any]) -> tuple[Pack, Findings, str]:
    """Read the pack that lies beside the case; it must be the one that the case names."""
    try:
        found, digest = pack.read(path), hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        title, facts = "The pack cannot be read", {"why": error.strerror}
        raise InputRefused((Finding("pack.unreadable", title, path.name, facts=facts),)) from None
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        title, facts = "Not a pack that can be read", {"why": str(error)}
        raise InputRefused((Finding("pack.malformed", title, path.name, facts=facts),)) from None
    if (found.id, found.edition) != (table["pack"], table["edition"]):
        title = "The pack beside the case is not the one that the case names"
        other = Finding("case.other-pack", title, path.name, None, "id", {"found": found.id})
        return found, (other,), digest
    return found, (), digest


def _crosswalk(
    path: Path, scope: Scope, table: Mapping[str, Any]
) -> tuple[Crosswalk, Findings, str]:
    return crosswalk.read(path, scope.ecosystems, _list_named(table, "crosswalk_into"))


def _list_named(table: Mapping[str, Any], name: str) -> EcosystemList:
    try:
        return ecosystem.load(str(table.get(name)))
    except UnknownEcosystemList as unknown:
        found = Finding(unknown.code, unknown.title, CASE_FILE, None, name, unknown.facts())
        raise InputRefused((found,)) from None


def _table(path: Path) -> tuple[dict[str, Any], str]:
    try:
        content = path.read_bytes()
        return tomllib.loads(content.decode()), hashlib.sha256(content).hexdigest()
    except OSError as error:
        why, title = error.strerror or "cannot be read", "The folder holds no readable case.toml"
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        why, title = str(error), "Not a TOML file"
    raise InputRefused((Finding(UNREADABLE, title, path.name, facts={"why": why}),))


def _scope(table: Mapping[str, Any]) -> Scope:
    findings = list(_findings(table))
    try:
        ecosystems = _list_named(table, "ecosystems")
    except InputRefused as refused:
        findings += refused.findings
    if findings:
        raise InputRefused(tuple(findings))
    tree, faults = region.read(table["region"])
    if faults:
        file, name = CASE_FILE, "region"
        raise InputRefused(tuple(Finding(c, t, file, None, name, f) for c, t, f in faults))
    return Scope(tree, table["years"], ecosystems)


def _findings(table: Mapping[str, Any]) -> Iterator[Finding]:
    for name, kind in FIELDS.items():
        if not isinstance(table.get(name), kind) or not table[name]:
            title = "case.toml must say this"
            yield Finding("case.missing-field", title, CASE_FILE, field=name)
    if not _named(table.get("title")):
        title = "A title has zh and en, in characters that can be printed"
        yield Finding("case.unnamed", title, CASE_FILE, field="title")
    years = _list(table, "years")
    if not all(type(year) is int and year in YEARS for year in years):
        title, facts = "A year is a whole number of four digits", {"found": years}
        yield Finding("case.not-a-year", title, CASE_FILE, None, "years", facts)
    elif len(set(years)) < len(years):
        title, facts = "A year is listed once", {"found": years}
        yield Finding("case.year-twice", title, CASE_FILE, None, "years", facts)
    for each in _list(table, "region"):
        if not _named(each) or not _is_code(each.get("code")):
            title = "A region has code (without a slash), zh and en, in characters to be printed"
            yield Finding("case.unnamed", title, CASE_FILE, field="region")


def _list(table: Mapping[str, Any], name: str) -> list[Any]:
    return table[name] if isinstance(table.get(name), list) else []


def _named(entry: object) -> bool:
    return isinstance(entry, dict) and all(_printable(entry.get(x)) for x in ("zh", "en"))


def _is_code(code: object) -> bool:
    """Say whether a text can name a region, also where a slash parts it from a type."""
    return _printable(code) and "/" not in str(code)


def _printable(said: object) -> bool:
    return isinstance(said, str) and bool(said.strip()) and said.isprintable()
