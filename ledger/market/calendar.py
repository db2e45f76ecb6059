"""Business days and the hours of a venue, as instants; days come from a dated calendar.

An instant is a whole number of microseconds since 1970 in UTC: the time of an event is one of its
fields, and nothing here reads a clock.
"""

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from ledger.market.refusals import NoVenueRule

PATH = Path(__file__).parent / "venues" / "calendar.toml"
SATURDAY = 5
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)

Window = tuple[int, int]
"""From the first instant to the one at which it is over."""


def instant(at: dt.datetime) -> int:
    """Write a moment with its zone as an instant."""
    return (at - EPOCH) // MICROSECOND


def moment(at: int) -> dt.datetime:
    """Read an instant as a moment in UTC."""
    return EPOCH + at * MICROSECOND


def trades_on(day: dt.date) -> bool:
    """Say whether markets are open; refuse a year of which the holidays are not known."""
    holidays = _holidays()
    if day.year not in holidays:
        raise NoVenueRule("calendar", "holidays", day.isoformat())
    if day.weekday() >= SATURDAY:
        return False
    return not any(first <= day <= last for first, last in holidays[day.year])


def windows(hours: str, day: dt.date, zone: str) -> tuple[Window, ...]:
    """Read hours such as ``09:30-11:30 13:00-15:00`` as the windows of a day."""
    return tuple(
        (_instant(day, first, zone), _instant(day, last, zone))
        for first, last in (span.split("-") for span in hours.split())
    )


def midnight_after(day: dt.date, zone: str) -> dt.datetime:
    """Return the moment at which a day is over in a zone, in UTC."""
    over = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(zone))
    return over.astimezone(dt.UTC)


def _instant(day: dt.date, time: str, zone: str) -> int:
    at = dt.datetime.combine(day, dt.time.fromisoformat(time), ZoneInfo(zone))
    return instant(at.astimezone(dt.UTC))


@cache
def _holidays() -> Mapping[int, tuple[tuple[dt.date, dt.date], ...]]:
    stated = tomllib.loads(PATH.read_text("utf-8"))["year"]
    return {
        each["year"]: tuple((first, last) for first, last in each["holidays"]) for each in stated
    }
