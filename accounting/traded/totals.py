"""What ties rows of a market together: cumulative totals, the year to date, one day after another.

All files that are checked together are read as one history of each market.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from accounting import figures
from accounting.figures import Figure
from accounting.sheet import Record, Sheet
from accounting.traded import days, printed
from accounting.traded.verdict import Check, Status, equal, invented, number

Place = tuple[str, int]
KINDS = ("vol", "amt")
HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Standing:
    """A cumulative total at the end of a day, and what was traded in the span that ended then."""

    place: Place
    on: dt.date
    kind: str
    cumulative: Figure
    total: Figure | None
    year_to_date: Figure | None
    first: dt.date | None


def checks(tables: Sequence[Sheet]) -> Mapping[Place, tuple[Check, ...]]:
    """Check every cumulative total against those of other rows of the same market."""
    found: dict[Place, list[Check]] = defaultdict(list)
    for history in _histories(tables).values():
        for place, check in (*_in_order(history), *_year_ends(history), *_years(history)):
            found[place].append(check)
    return {place: tuple(each) for place, each in found.items()}


def _histories(tables: Sequence[Sheet]) -> Mapping[tuple[str, str], list[Standing]]:
    found: dict[tuple[str, str], list[Standing]] = defaultdict(list)
    for table in tables:
        for record in table.records:
            for kind in KINDS if not invented(record) else ():
                standing = _standing(table.file, record, kind)
                if standing:
                    found[record["market"], kind].append(standing)
    return {name: sorted(each, key=lambda one: one.on) for name, each in found.items()}


def _standing(file: str, record: Record, kind: str) -> Standing | None:
    on, cumulative = days.day(record), days.figure(record, f"cum_{kind}")
    if on is None or cumulative is None:
        return None
    printed_ytd = printed.YEAR_TO_DATE.search(record["note"])
    year_to_date = days.figure(record, f"ytd_{kind}")
    if year_to_date is None and printed_ytd:
        year_to_date = printed.number(printed_ytd[1 if kind == "vol" else 2])
    return Standing(
        (file, record.row), on, kind, cumulative, days.figure(record, f"total_{kind}"),
        year_to_date, _first(record, on),
    )  # fmt: skip


def _first(record: Record, on: dt.date) -> dt.date | None:
    """Return the first day that the total of a row is of."""
    if record["date"]:
        return on
    found = days.DAY.findall(record["period"])
    if len(found) == 2:  # noqa: PLR2004 - from and to
        try:
            return dt.date.fromisoformat(found[0])
        except ValueError:
            return None
    return dt.date(on.year, 1, 1) if record["kind"] == "year" else None


def _in_order(history: Sequence[Standing]) -> Iterator[tuple[Place, Check]]:
    """A cumulative total grows at least by what was traded since; the day after, exactly by it."""
    for before, after in pairwise(history):
        if after.on == before.on:
            what = f"cum_{after.kind} of {before.place[0]} row {before.place[1]}, the same day"
            yield after.place, equal(what, before.cumulative.value, after.cumulative)
            continue
        begun = after.first is not None and after.first > before.on
        least = after.total.value if after.total and begun else Fraction(0)
        grown = after.cumulative.value - before.cumulative.value
        slack = after.cumulative.half + before.cumulative.half
        slack += after.total.half if after.total else 0
        if begun and after.total and after.first == days.next_one(before.on):
            what = f"cum_{after.kind} grows since {before.on} by what was traded"
            exact = Figure(after.total.typed, after.total.value, slack)
            yield after.place, equal(what, grown, exact)
            continue
        what = f"cum_{after.kind} grows since {before.on} by at least what was traded"
        status: Status = "checked" if grown >= least - slack else "deviates"
        yield after.place, Check(what, status, figures.plain(grown), figures.plain(least))


def _year_ends(history: Sequence[Standing]) -> Iterator[tuple[Place, Check]]:
    """Cumulative less year to date is the last year's end: the same from every notice."""
    ends = {each.on.year: each for each in history if (each.on.month, each.on.day) == (12, 31)}
    seen: dict[int, tuple[Standing, Fraction]] = {}
    for each in history:
        if each.year_to_date is None:
            continue
        opening = each.cumulative.value - each.year_to_date.value
        year, what = each.on.year - 1, f"cum_{each.kind} − ytd_{each.kind}"
        if year in ends:
            named = f"{what} = cum_{each.kind} at the end of {year}"
            yield each.place, equal(named, opening, ends[year].cumulative)
        elif year in seen:
            named = f"{what} = that of {seen[year][0].on}"
            status: Status = "checked" if opening == seen[year][1] else "deviates"
            yield (
                each.place,
                Check(named, status, figures.plain(opening), figures.plain(seen[year][1])),
            )
        else:
            named = f"cum_{each.kind} at the end of {year}"
            yield each.place, Check(named, "inferred", figures.plain(opening), "", what)
        seen.setdefault(year, (each, opening))


def _years(history: Sequence[Standing]) -> Iterator[tuple[Place, Check]]:
    """A year's cumulative total is that of the year before and what it traded itself."""
    years = {
        each.on.year: each
        for each in history
        if each.total and each.first and (each.on.month, each.on.day) == (12, 31)
    }
    for year, each in years.items():
        assert each.total is not None
        opening = each.cumulative.value - each.total.value
        before = years.get(year - 1)
        what = f"cum_{each.kind} − total_{each.kind}"
        if before:
            slack = each.cumulative.half + each.total.half
            named = f"{what} = cum_{each.kind} at the end of {year - 1}"
            yield each.place, equal(named, opening, before.cumulative, slack)
        elif not opening:
            yield each.place, Check(f"{what} = 0: the first year", "checked", "0", "0")
        elif each.total.half <= HALF:
            named = f"cum_{each.kind} at the end of {year - 1}"
            yield each.place, Check(named, "inferred", figures.plain(opening), "", what)


def changes(tables: Sequence[Sheet]) -> Mapping[Place, tuple[Check, ...]]:
    """Hold the change of each close against the close before it, or infer that from the change."""
    dated = [
        (record["market"], on, table.file, record)
        for table in tables
        for record in table.records
        if record["date"] and (on := days.day(record)) and not invented(record)
    ]
    closes = {(market, on): number(record, "close") for market, on, _, record in dated}
    found: dict[Place, tuple[Check, ...]] = {}
    for market, on, file, record in dated:
        close, change = number(record, "close"), number(record, "chg_pct")
        if close is None or change is None or change.value <= -100:  # noqa: PLR2004 - percent
            continue
        before = [day for name, day in closes if name == market and day < on]
        last = max(before, default=None)
        previous = closes[market, last] if last and days.next_one(last) == on else None
        if previous is not None and previous.value:
            moved = (close.value / previous.value - 1) * 100
            found[file, record.row] = (equal("chg_pct = close ÷ close before − 1", moved, change),)
        else:
            solved = figures.rounded(close.value / (1 + change.value / 100), 2)
            what = "close of the trading day before"
            found[file, record.row] = (Check(what, "inferred", str(solved), "", "close, chg_pct"),)
    return found
