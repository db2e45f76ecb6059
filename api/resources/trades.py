"""Trades: the fills of one's own orders, each with the transaction that booked it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api import problems, trading
from api.caller import BookVisitor
from api.trading import Limit, MarketName, Watching
from ledger.market import reading
from ledger.market.booking import Terms
from ledger.market.order import BUY
from ledger.market.reading import FillRead
from ledger.proof.export import instant

router = APIRouter(prefix="/v1/books/{book}", tags=["trades"], responses=problems.DOCUMENTED)
START = "0.0"
PLACE = r"^[0-9]{1,18}\.[0-9]{1,9}$"


class TradeOut(BaseModel):
    """A fill of orders that the caller may see; of the other side there is nothing."""

    id: str
    at: str
    product: str
    mode: str
    price: str
    quantity: str
    buyer: str | None
    buy_order: UUID | None
    seller: str | None
    sell_order: UUID | None
    transaction: UUID


class TradesOut(BaseModel):
    """A page of trades and the link to the next."""

    items: list[TradeOut]
    next: str | None


@router.get("/trades")
def list_trades(
    visitor: BookVisitor,
    watching: Watching,
    market: MarketName,
    cursor: Annotated[
        str, Query(pattern=PLACE, description="The trade after which to go on.")
    ] = START,
    limit: Limit = 50,
) -> TradesOut:
    """List trades, the oldest first. Traders and lenders see their own party's, and its side."""
    visitor.principal.require_some_read(visitor.book)
    number, _, place = cursor.partition(".")
    with visitor.store.reading() as connection:
        with trading.looking(connection, visitor, watching, market) as (_, terms):
            pass
        own = trading.parties(connection, visitor, terms)
        found = reading.fills_of(
            connection, visitor.book, market, own, after=(int(number), int(place)), limit=limit + 1
        )
    items = [_shown(each, orders, terms) for each, orders in found[:limit]]
    if len(found) <= limit:
        return TradesOut(items=items, next=None)
    asked = f"market={market}&cursor={items[-1].id}&limit={limit}"
    return TradesOut(items=items, next=f"/v1/books/{visitor.book.code}/trades?{asked}")


def _shown(each: FillRead, orders: dict[int, tuple[UUID, str]], terms: Terms) -> TradeOut:
    fill, quoted = each.fill, trading.quoted(terms, each.product)
    numbers = (fill.incoming, fill.resting)
    bought, sold = numbers if fill.side == BUY else numbers[::-1]
    buy_order, buyer = orders.get(bought, (None, None))
    sell_order, seller = orders.get(sold, (None, None))
    return TradeOut(
        id=f"{each.number}.{each.place}", at=instant(each.at_us), product=each.product,
        mode=each.mode, price=quoted.shown(fill.price), quantity=quoted.counted(fill.quantity),
        buyer=buyer, buy_order=buy_order, seller=seller, sell_order=sell_order,
        transaction=each.transaction,
    )  # fmt: skip
