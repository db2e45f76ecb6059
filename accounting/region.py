"""The region tree of a case: who lies in whom, from GB/T 2260 codes and townships, with years."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.statements.statement import Label

COUNTY, TOWNSHIP, VILLAGE = 6, 9, 12  # digits of GB/T 2260, of townships and villages beneath
ENDS = (2, 4, COUNTY, TOWNSHIP)  # where the code of a province, prefecture, county, township ends

Fault = tuple[str, str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Region:
    """One region; ``since`` and ``until`` are the first and last year of its boundary.

    ``zone`` is the natural region it lies in, by which some coefficients are told apart.
    """

    code: str
    name: Label
    since: int | None = None
    until: int | None = None
    zone: str = ""

    def in_year(self, year: int) -> bool:
        """Say whether it has this boundary in a year."""
        begun = self.since is None or self.since <= year
        return begun and (self.until is None or year <= self.until)


@dataclass(frozen=True, slots=True)
class RegionTree:
    """Regions by code and the parent of each that has one; never a circle."""

    regions: Mapping[str, Region]
    parents: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Label] = field(init=False)
    _children: Mapping[str, tuple[str, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        children: dict[str, tuple[str, ...]] = {}
        for code in self.regions:
            if code in self.parents:
                parent = self.parents[code]
                children[parent] = (*children.get(parent, ()), code)
        object.__setattr__(self, "names", {c: each.name for c, each in self.regions.items()})
        object.__setattr__(self, "_children", children)

    def roots(self) -> tuple[str, ...]:
        """Return the regions that lie in no other, in the order of the case."""
        return tuple(code for code in self.regions if code not in self.parents)

    def children(self, code: str) -> tuple[str, ...]:
        """Return the regions that lie directly in one, in the order of the case."""
        return self._children.get(code, ())

    def above(self, code: str) -> Iterator[str]:
        """Yield the regions that one lies in, the nearest first."""
        while code in self.parents:
            code = self.parents[code]
            yield code

    def within(self, code: str) -> Iterator[tuple[str, int]]:
        """Yield a region and all that lies in it, parents before children, with the depth."""
        waiting = [(code, 0)]
        while waiting:
            each, depth = waiting.pop()
            yield each, depth
            waiting += [(child, depth + 1) for child in reversed(self.children(each))]


def ancestors(code: str) -> tuple[str, ...]:
    """Return the codes that a code lies in by its own digits, the nearest first.

    510000, 513300, 513321 in GB/T 2260; townships and villages add three digits each (recalled).
    Another code says nothing of itself.
    """
    if not _official(code):
        return ()
    above = {code[:end].ljust(COUNTY, "0") for end in ENDS if end < len(code)} - {code}
    return tuple(sorted(above, key=lambda each: (len(each), len(each.rstrip("0"))), reverse=True))


def _official(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) in (COUNTY, TOWNSHIP, VILLAGE)


def read(table: Sequence[Mapping[str, Any]]) -> tuple[RegionTree, tuple[Fault, ...]]:
    """Read the regions of a case; a parent is the one said, else the nearest by code."""
    if wrong := tuple(_wrong_words(table)):
        return RegionTree({}), wrong
    regions = {each["code"]: _region(each) for each in table}
    parents: dict[str, str] = {}
    for each in table:
        by_code = next((above for above in ancestors(each["code"]) if above in regions), None)
        parent = each.get("parent", by_code)
        if parent is not None:
            parents[each["code"]] = parent
    tree = RegionTree(regions, parents)
    return tree, tuple(_faults(table, tree))


def _wrong_words(table: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    for each in table:
        for name in ("parent", "zone"):
            if not isinstance(each.get(name, ""), str):
                yield "region.not-a-text", f"{name} is a text", {"code": each["code"]}
        years = [each[name] for name in ("since", "until") if name in each]
        if not all(type(year) is int for year in years) or years != sorted(years):
            title = "since and until are years, the first no later than the last"
            yield "region.not-a-span", title, {"code": each["code"]}


def _region(entry: Mapping[str, Any]) -> Region:
    name = Label(entry["zh"], entry["en"])
    return Region(
        entry["code"], name, entry.get("since"), entry.get("until"), entry.get("zone", "")
    )


def _faults(table: Sequence[Mapping[str, Any]], tree: RegionTree) -> Iterator[Fault]:
    seen: set[str] = set()
    for each in table:
        code, said = each["code"], each.get("parent")
        if code in seen:
            yield "region.duplicate", "This region is listed twice", {"code": code}
        seen.add(code)
        if said is not None and said not in tree.regions:
            facts = {"code": code, "parent": said}
            yield "region.unknown-parent", "The case has no such region", facts
        elif said is not None and _official(said) and said not in (ancestors(code) or (said,)):
            facts = {"code": code, "parent": said}
            yield "region.parent-of-another", "By its code it lies elsewhere", facts
    for code in tree.regions:
        if _circles(tree.parents, code):
            yield "region.circle", "This region lies in itself", {"code": code}


def _circles(parents: Mapping[str, str], code: str) -> bool:
    each, steps = parents.get(code), 0
    while each is not None and each != code and steps <= len(parents):
        each, steps = parents.get(each), steps + 1
    return each == code
