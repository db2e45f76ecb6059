"""Market data: best levels, last trades and bars, without parties, for any key of the book."""

import datetime as dt
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import Connection

from api import problems, trading
from api.caller import BookVisitor, Visitor
from api.trading import Limit, MarketName, Quoted, Watching
from ledger.core.refusals import Malformed
from ledger.market import bars as summed
from ledger.market import reading
from ledger.market.calendar import instant, midnight_after
from ledger.market.levels import OrderBook
from ledger.market.market import Product
from ledger.market.order import BUY, SELL
from ledger.market.rules import Mode
from ledger.proof.export import instant as written

router = APIRouter(
    prefix="/v1/books/{book}/market-data", tags=["market-data"], responses=problems.DOCUMENTED
)
LISTED_MAX = 100
DAYS, DAYS_MAX = 31, 366
LAST = 2**62
A_DAY = dt.timedelta(days=1)
PICKED = ("listing", "fixed-price")
"""Ways of trading in which one names the listings that one takes."""
ProductCode = Annotated[str, Query(min_length=1, max_length=24, description="The right.")]


class ListingOut(BaseModel):
    """A listing that may be picked: its number and what is open of it."""

    order: int
    quantity: str


class LevelOut(BaseModel):
    """One price level: how much, in how many orders; where one picks, which."""

    price: str
    quantity: str
    orders: int
    listings: list[ListingOut] | None


class BookOut(BaseModel):
    """The best levels of both sides in one way of trading."""

    mode: str
    bids: list[LevelOut]
    asks: list[LevelOut]


class ProductOut(BaseModel):
    """A product of the day: yesterday's close, today's turnover by way of trading, best levels."""

    product: str
    unit: str
    previous: str
    halted: bool
    traded: dict[str, str]
    books: list[BookOut]


class MarketOut(BaseModel):
    """A market at a number of its events; ``day`` is none while it is closed."""

    market: str
    number: int
    day: dt.date | None
    venue: str | None
    products: list[ProductOut]


class TickOut(BaseModel):
    """A trade as all may see it."""

    id: str
    at: str
    mode: str
    price: str
    quantity: str


class BarOut(BaseModel):
    """Trades of a span by way of trading (``price_basis``), and of all together."""

    first: dt.date
    last: dt.date
    price_basis: str
    open: str
    high: str
    low: str
    close: str
    quantity: str
    trades: int


@router.get("")
def get_market(visitor: BookVisitor, watching: Watching, market: MarketName) -> MarketOut:
    """Return what stands in a market: the best five levels of each product. Any key of the book."""
    visitor.principal.require_any(visitor.book)
    with (
        visitor.store.reading() as connection,
        trading.looking(connection, visitor, watching, market) as (floor, terms),
    ):
        day, halted = floor.market.day, floor.market.halted
        products = [
            _product(code, each, trading.quoted(terms, code), code in halted)
            for code, each in (day.products.items() if day else ())
        ]
        return MarketOut(
            market=market, number=floor.number, day=day.on if day else None,
            venue=day.rules.venue if day else None, products=products,
        )  # fmt: skip


@router.get("/trades")
def last_trades(
    visitor: BookVisitor,
    watching: Watching,
    market: MarketName,
    product: ProductCode,
    limit: Limit = 50,
) -> list[TickOut]:
    """List the last trades of a product, the latest first. Any key of the book."""
    visitor.principal.require_any(visitor.book)
    with visitor.store.reading() as connection:
        quoted = _quoted(connection, visitor, watching, market, product)
        found = reading.last_fills(
            connection, visitor.book, market, product, before=LAST, limit=limit
        )
    return [
        TickOut(
            id=f"{each.number}.{each.place}", at=written(each.at_us), mode=each.mode,
            price=quoted.shown(each.fill.price), quantity=quoted.counted(each.fill.quantity),
        )
        for each in found
    ]  # fmt: skip


@router.get("/bars")
def list_bars(
    visitor: BookVisitor,
    watching: Watching,
    market: MarketName,
    product: ProductCode,
    until: dt.date,
    since: dt.date | None = None,
    span: Literal["day", "week", "year"] = "day",
) -> list[BarOut]:
    """List bars of a product over at most 366 days. Any key of the book."""
    visitor.principal.require_any(visitor.book)
    first = since or until - dt.timedelta(days=DAYS)
    if not dt.timedelta(0) <= until - first <= dt.timedelta(days=DAYS_MAX):
        raise Malformed("since", f"is not within {DAYS_MAX} days before until")
    book = visitor.book
    with visitor.store.reading() as connection:
        quoted = _quoted(connection, visitor, watching, market, product)
        zone = book.time_zone
        span_us = (instant(midnight_after(day, zone)) for day in (first - A_DAY, until))
        told = (
            summed.Trade(
                each.number,
                each.at_us,
                book.day_of(each.at_us),
                product,
                cast("Mode", each.mode),
                each.fill.price,
                each.fill.quantity,
            )
            for each in reading.fills_between(connection, book, market, product, *span_us)
        )
        found = summed.bars(told, span)
    return [
        BarOut(
            first=each.first, last=each.last, price_basis=each.price_basis,
            open=quoted.shown(each.open), high=quoted.shown(each.high),
            low=quoted.shown(each.low), close=quoted.shown(each.close),
            quantity=quoted.counted(each.quantity), trades=each.trades,
        )
        for each in found
    ]  # fmt: skip


def _quoted(
    connection: Connection, visitor: Visitor, watching: Watching, market: str, product: str
) -> Quoted:
    with trading.looking(connection, visitor, watching, market) as (_, terms):
        return trading.quoted(terms, product)


def _product(code: str, product: Product, quoted: Quoted, halted: bool) -> ProductOut:
    return ProductOut(
        product=code, unit=quoted.commodity.unit, previous=quoted.shown(product.previous),
        halted=halted,
        traded={mode: quoted.counted(each.quantity) for mode, each in product.turnovers.items()},
        books=[
            BookOut(
                mode=mode, bids=_levels(book, BUY, quoted, mode),
                asks=_levels(book, SELL, quoted, mode),
            )
            for mode, book in product.books.items()
        ],
    )  # fmt: skip


def _levels(book: OrderBook, side: int, quoted: Quoted, mode: str) -> list[LevelOut]:
    return [
        LevelOut(
            price=quoted.shown(price),
            quantity=quoted.counted(sum(each.quantity for each in orders)), orders=len(orders),
            listings=[
                ListingOut(order=each.id, quantity=quoted.counted(each.quantity))
                for each in orders[:LISTED_MAX]
            ] if mode in PICKED else None,
        )
        for price, orders in book.side(side).best(summed.LEVELS)
    ]  # fmt: skip
