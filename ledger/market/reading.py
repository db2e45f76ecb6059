"""What became of orders: read from the events of a market and their effects, once committed."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, false, or_, select, true, tuple_

from ledger.core.book import Book
from ledger.core.entered import MarketEvent
from ledger.market.events import Submit, Take, decode
from ledger.market.order import Fill, Withdrawal
from ledger.store import tables

ORDERS = ("submit", "take")

Parties = Collection[str] | None
"""Whose orders are read; none: everybody's."""


class OrderState(NamedTuple):
    """An order as it stands: what of its quantity was filled, what left unfilled, and why."""

    id: UUID
    number: int
    market: str
    at_us: int
    order: Submit | Take
    refusal: str | None
    filled: int = 0
    gone: int = 0
    cause: str = ""

    @property
    def quantity(self) -> int:
        """What was asked for."""
        if isinstance(self.order, Submit):
            return self.order.quantity
        return sum(quantity for _, quantity in self.order.picks)

    @property
    def open(self) -> int:
        """What may still be filled."""
        return 0 if self.refusal else self.quantity - self.filled - self.gone

    @property
    def state(self) -> str:
        """What it is called."""
        if self.refusal is not None:
            return "refused"
        if self.open:
            return "part-filled" if self.filled else "accepted"
        if not self.gone:
            return "filled"
        return "lapsed" if self.cause == "lapsed" else "withdrawn"


class FillRead(NamedTuple):
    """One fill as it is stored, with the transaction that booked it."""

    transaction: UUID
    market: str
    number: int
    place: int
    at_us: int
    product: str
    mode: str
    fill: Fill


def orders(
    connection: Connection, book: Book, market: str, parties: Parties, *, after: int, limit: int
) -> list[OrderState]:
    """Return the orders of parties in a market beyond a number, each as it stands."""
    at = tables.market_events.c
    return _orders(connection, book, (at.market == market, _of(parties), at.number > after), limit)


def order(connection: Connection, book: Book, id: UUID, parties: Parties) -> OrderState | None:
    """Return one order; none where the parties have none of this id."""
    at = tables.market_events.c
    found = _orders(connection, book, (at.id == id, _of(parties)), 1)
    return found[0] if found else None


def fills_of(
    connection: Connection, book: Book, market: str, parties: Parties,
    *, after: tuple[int, int], limit: int,
) -> list[tuple[FillRead, dict[int, tuple[UUID, str]]]]:  # fmt: skip
    """Return the fills of parties beyond a place, with those of the orders that are theirs.

    Such an order has its id and its party by its number.
    """
    at, own = tables.market_effects.c, tables.market_events.c
    theirs = select(own.number).where(
        own.book_id == book.id, own.market == market, _of(parties), own.kind.in_(ORDERS)
    )
    beyond = tuple_(at.number, at.place) > tuple_(*after)
    wanted = beyond if parties is None else and_(
        beyond, or_(at.one.in_(theirs), at.other.in_(theirs))
    )  # fmt: skip
    fills = list(_fills(connection, book, market, wanted, limit))
    numbers = {number for each in fills for number in (each.fill.incoming, each.fill.resting)}
    chosen = select(own.number, own.id, own.party).where(
        own.book_id == book.id, own.market == market, own.number.in_(numbers), _of(parties)
    )
    mine = {row.number: (row.id, row.party) for row in connection.execute(chosen)}
    return [
        (each, {number: mine[number] for number in (each.fill.incoming, each.fill.resting)
                if number in mine})
        for each in fills
    ]  # fmt: skip


def last_fills(
    connection: Connection, book: Book, market: str, product: str, *, before: int, limit: int
) -> list[FillRead]:
    """Return the last fills of a product, the latest first, of events before a number."""
    at = tables.market_effects.c
    wanted = and_(at.product == product, at.number < before)
    return list(_fills(connection, book, market, wanted, limit, latest=True))


def fills_between(
    connection: Connection, book: Book, market: str, product: str, first_us: int, end_us: int
) -> Iterator[FillRead]:
    """Yield the fills of a product from the first day that opened after an instant to another."""
    day = tables.market_events.c
    opened = select(day.number).where(
        day.book_id == book.id, day.market == market, day.carried.is_not(None),
        day.at_us >= first_us,
    )  # fmt: skip
    first = connection.execute(opened.order_by(day.number).limit(1)).scalar()
    if first is not None:
        at = tables.market_effects.c
        wanted = and_(at.product == product, at.number >= first, day.at_us < end_us)
        yield from _fills(connection, book, market, wanted, None)


def _of(parties: Parties) -> ColumnElement[bool]:
    if parties is None:
        return true()
    return tables.market_events.c.party.in_(list(parties)) if parties else false()


def _orders(
    connection: Connection, book: Book, wanted: Sequence[ColumnElement[bool]], limit: int
) -> list[OrderState]:
    at = tables.market_events.c
    chosen = select(*(at[name] for name in MarketEvent._fields)).where(
        at.book_id == book.id, at.kind.in_(ORDERS), *wanted
    )
    rows = connection.execute(chosen.order_by(at.number).limit(limit))
    found: dict[tuple[str, int], OrderState] = {}
    for each in map(MarketEvent._make, rows):
        said = decode(each.event.encode())
        assert isinstance(said, Submit | Take)
        key = each.market, each.number
        found[key] = OrderState(each.id, each.number, each.market, each.at_us, said, each.refusal)
    by_market: dict[str, list[int]] = defaultdict(list)
    for market, number in found:
        by_market[market].append(number)
    for market, numbers in by_market.items():
        for row in _concerning(connection, book, market, numbers):
            for number in (row.one, row.other):
                if (market, number) in found:
                    found[market, number] = _after(found[market, number], row)
    return list(found.values())


def _concerning(
    connection: Connection, book: Book, market: str, numbers: Sequence[int]
) -> Iterator[Any]:
    at = tables.market_effects.c
    there = (at.book_id == book.id, at.market == market)
    either = [
        select(tables.market_effects).where(*there, at[name].in_(numbers))
        for name in ("one", "other")
    ]
    yield from connection.execute(either[0].union(either[1]).order_by("number", "place"))


def _after(state: OrderState, row: Any) -> OrderState:
    if row.kind == "fill":
        fill = msgspec.json.decode(row.effect, type=Fill)
        return state._replace(filled=state.filled + fill.quantity)
    gone = msgspec.json.decode(row.effect, type=Withdrawal)
    return state._replace(gone=state.gone + gone.quantity, cause=gone.cause)


def _fills(
    connection: Connection, book: Book, market: str, wanted: ColumnElement[bool],
    limit: int | None, *, latest: bool = False,
) -> Iterator[FillRead]:  # fmt: skip
    at, event = tables.market_effects.c, tables.market_events.c
    same = and_(event.book_id == at.book_id, event.market == at.market, event.number == at.number)
    order = (at.number.desc(), at.place.desc()) if latest else (at.number, at.place)
    chosen = (
        select(at.number, at.place, event.at_us, at.product, at.mode, at.effect)
        .join(tables.market_events, same)
        .where(at.book_id == book.id, at.market == market, at.kind == "fill", wanted)
        .order_by(*order)
        .limit(limit)
    )
    for row in connection.execute(chosen):
        fill = msgspec.json.decode(row.effect, type=Fill)
        id = uuid5(book.uuid, f"{market}/{row.number}/{row.place}")
        yield FillRead(id, market, row.number, row.place, row.at_us, row.product, row.mode, fill)
