"""Reading markets back: which there are, their events from a number on, the effects of each."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from ledger.core.book import Book
from ledger.core.entered import MarketEffect, MarketEvent
from ledger.store import tables

CHUNK = 500


def markets(connection: Connection, book: Book) -> list[str]:
    """Return the codes of the markets that were ever told anything."""
    at = tables.market_events.c
    chosen = select(at.market).where(at.book_id == book.id).distinct()
    return sorted(connection.execute(chosen).scalars())


def begun(connection: Connection, book: Book, market: str) -> int:
    """Return the number before the last event of which it is stored what stood before it."""
    at = tables.market_events.c
    stored = (at.book_id == book.id, at.market == market, at.carried.is_not(None))
    last = connection.execute(select(func.max(at.number)).where(*stored)).scalar()
    return (last or 1) - 1


def after(
    connection: Connection, book: Book, market: str, number: int, limit: int | None = None
) -> Iterator[MarketEvent]:
    """Yield the events of a market beyond a number, in order."""
    at = tables.market_events.c
    beyond = (at.book_id == book.id, at.market == market, at.number > number)
    chosen = select(*(at[name] for name in MarketEvent._fields)).where(*beyond)
    rows = connection.execute(chosen.order_by(at.number).limit(limit))
    yield from map(MarketEvent._make, rows)


def told(
    connection: Connection, book: Book, market: str, number: int = 0
) -> Iterator[list[tuple[MarketEvent, list[MarketEffect]]]]:
    """Yield the events of a market beyond a number with their effects, some hundred at a time."""
    while events := list(after(connection, book, market, number, CHUNK)):
        at, number = tables.market_effects.c, events[-1].number
        chosen = select(*(at[name] for name in MarketEffect._fields)).where(
            at.book_id == book.id, at.market == market,
            at.number >= events[0].number, at.number <= number,
        )  # fmt: skip
        found: dict[int, list[MarketEffect]] = defaultdict(list)
        for row in connection.execute(chosen.order_by(at.number, at.place)):
            found[row.number].append(MarketEffect._make(row))
        yield [(each, found[each.number]) for each in events]
