"""A case in the types of another list: its readings carried over by the shares of a crosswalk.

What adds up is shared out; what does not is the mean, weighted by the areas carried. What is read
for all types together stays as it is. A part that nobody read is never taken as 0.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from accounting import crosswalk, figures
from accounting.case import Case
from accounting.crosswalk import SHARED, Crosswalk
from accounting.figures import Figure
from accounting.quantity import quantities
from accounting.reading import ALL_TYPES, WITHOUT_VALUE, Cell, Reading, Status
from ledger.core.errors import Finding, InputRefused

AREA = "area"
SURENESS: tuple[Status, ...] = ("measured", "carried forward", "modelled")  # of a mix, the last
Readings = Mapping[tuple[str, Cell], Reading]


@dataclass(frozen=True, slots=True)
class _Part:
    """A reading of one type and the share of the type that goes where it is wanted."""

    reading: Reading
    share: Fraction


def into(case: Case, ecosystems: str) -> Case:
    """Return the case in the types of a list, by its own crosswalk or else by a shipped one.

    A case that speaks in that list already, or for which there is no crosswalk in all of its
    years, is returned as it is: a run refuses the latter. Values printed by type stay behind.
    """
    if case.ecosystems.id == ecosystems:
        return case
    walk = next((each for each in _known(case) if _fits(each, case, ecosystems)), None)
    if walk is None:
        return case
    readings, findings = carried(case.readings, walk)
    if findings:
        raise InputRefused(findings)
    digests = {**case.digests, walk.name: walk.digest}
    return replace(case, ecosystems=walk.into, readings=readings, digests=digests, by_type=None)


def _known(case: Case) -> Iterator[Crosswalk]:
    if case.crosswalk:
        yield case.crosswalk
    yield from crosswalk.shipped()


def _fits(walk: Crosswalk, case: Case, ecosystems: str) -> bool:
    lists = (walk.start.id, walk.into.id) == (case.ecosystems.id, ecosystems)
    return lists and all(walk.in_year(year) for year in case.years)


def carried(readings: Readings, walk: Crosswalk) -> tuple[Readings, tuple[Finding, ...]]:
    """Return the readings in the types of the second list, and what hinders that."""
    found: dict[tuple[str, Cell], Reading] = {}
    findings = list(_without_shares(readings, walk))
    extents = _extents(readings)
    for name, place in dict.fromkeys((n, c._replace(ecosystem_type="")) for n, c in readings):
        whole = readings.get((name, place._replace(ecosystem_type=ALL_TYPES)))
        if whole:
            found[name, whole.cell] = whole
        for target in walk.into.types:
            cell = place._replace(ecosystem_type=target)
            parts = _parts(readings, walk, name, cell)
            listed = (cell.region, cell.year) in extents
            faults = list(_faults(readings, walk, (name, cell), parts, listed)) if parts else []
            findings += faults
            if parts and not faults:
                found[name, cell] = _reading(readings, name, cell, parts)
    return found, tuple(findings)


def _without_shares(readings: Readings, walk: Crosswalk) -> Iterator[Finding]:
    for (name, cell), each in readings.items():
        if cell.ecosystem_type not in (ALL_TYPES, *walk.shares):
            title = "The crosswalk does not say what becomes of this type"
            facts = {"quantity": name, "type": cell.ecosystem_type, "crosswalk": walk.name}
            yield Finding("crosswalk.no-share", title, each.file, each.row, "ecosystem_type", facts)


def _parts(readings: Readings, walk: Crosswalk, name: str, cell: Cell) -> list[_Part]:
    """Return the readings that go into a type of the second list."""
    own = ((code, parts.get(cell.ecosystem_type)) for code, parts in walk.shares.items())
    taken = ((readings.get((name, cell._replace(ecosystem_type=c))), share) for c, share in own)
    return [_Part(reading, share) for reading, share in taken if reading and share]


def _faults(
    readings: Readings, walk: Crosswalk, of: tuple[str, Cell], parts: Sequence[_Part], listed: bool
) -> Iterator[Finding]:
    """Yield a finding for each type that the parts lack, and for each mean without its areas.

    Where extents are ``listed`` by type, a type that is not among them is nowhere to be read; one
    lake or road is of one type, and of no other.
    """
    name, cell = of
    first = parts[0].reading
    facts = {"quantity": name, "into": cell.ecosystem_type, "region": cell.region}
    read = {each.reading.cell.ecosystem_type for each in parts}
    for code, shares in walk.shares.items():
        area = readings.get((AREA, _whole(cell)._replace(ecosystem_type=code)))
        there = not cell.object and (area.estimate != 0 if area else not listed)
        if cell.ecosystem_type in shares and code not in read and there:
            title = "Other types of this sum were read and this one not: say what it is"
            more = {"type": code}
            yield Finding(
                "crosswalk.missing-part",
                title,
                first.file,
                first.row,
                "ecosystem_type",
                facts | more,
            )
    if quantities()[name].kind == "intensive" and len(parts) > 1:
        for each in parts:
            if _area(readings, each) is None:
                title = "A mean over types needs the area of each"
                own = each.reading
                yield Finding("crosswalk.no-area", title, own.file, own.row, "quantity", facts)


def _extents(readings: Readings) -> frozenset[tuple[str, int]]:
    """Return the places and years whose extent is read by type: a type without one is not there."""
    return frozenset(
        (cell.region, cell.year)
        for name, cell in readings
        if name == AREA and cell.ecosystem_type != ALL_TYPES
    )


def _whole(cell: Cell) -> Cell:
    """Return the cell that an object or an item of a series is in."""
    return cell._replace(object="", item="")


def _area(readings: Readings, part: _Part) -> Fraction | None:
    area = readings.get((AREA, _whole(part.reading.cell)))
    if area is None or area.status == "not estimated":
        return None
    return area.figure.value * part.share if area.figure else Fraction(0)


def _reading(readings: Readings, name: str, cell: Cell, parts: Sequence[_Part]) -> Reading:
    quantity = quantities()[name]
    weights = [each.share for each in parts]
    if quantity.kind == "intensive":
        areas = [_area(readings, each) or Fraction(0) for each in parts]
        whole = sum(areas, Fraction(0))
        weights = [each / whole if whole else Fraction(1, len(parts)) for each in areas]
    status = _status(parts)
    first = parts[0].reading
    figure = None if status in WITHOUT_VALUE else _figure(parts, weights)
    exact = len(parts) == 1 and weights == [1]
    notes = dict.fromkeys(note for each in parts for note in each.reading.notes)
    return Reading(
        cell, name, figure.typed if figure else "", quantity.unit, figure, status,
        _joined(each.reading.source for each in parts),
        _joined(each.reading.department for each in parts), first.row,
        (*notes, *(() if exact else (SHARED,))), first.file,
    )  # fmt: skip


def _status(parts: Sequence[_Part]) -> Status:
    """Return the least sure status of the parts; shares of a type are modelled."""
    all_ = {each.reading.status for each in parts}
    if "not estimated" in all_:
        return "not estimated"
    if all_ == {"not occurring"}:
        return "not occurring"
    if any(each.share != 1 for each in parts):
        return "modelled"
    return max(all_ - {"not occurring"}, key=SURENESS.index)


def _figure(parts: Sequence[_Part], weights: Sequence[Fraction]) -> Figure:
    taken = [(x.reading.figure, w) for x, w in zip(parts, weights, strict=True)]
    value = sum((f.value * w for f, w in taken if f), Fraction(0))
    half = sum((f.half * w for f, w in taken if f), Fraction(0))
    return Figure(figures.plain(value), value, half)


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(each for each in texts if each))
