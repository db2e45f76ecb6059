"""Orders: entered with what they reserve, read, withdrawn; traders those of their own party."""

from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api import auth, problems, trading
from api.caller import BookVisitor, Visitor
from api.trading import NAME_FORM, Limit, MarketName, Watching
from ledger.core.refusals import Malformed
from ledger.core.state import REPLAYED
from ledger.market import reading
from ledger.market.booking import Terms
from ledger.market.desk import tell
from ledger.market.events import AnyEvent, Submit, Take, Withdraw
from ledger.market.order import SIDES
from ledger.market.reading import OrderState
from ledger.market.refusals import UnknownOrderId
from ledger.market.rules import MODES
from ledger.proof.export import instant

router = APIRouter(prefix="/v1/books/{book}", tags=["orders"], responses=problems.DOCUMENTED)
AMOUNT = r"^\+?[0-9]{1,18}(\.[0-9]{1,9})?$"
SIDE_NAMES = {sign: name for name, sign in SIDES.items()}
WITHDRAW = "withdraw"
PICKS_MAX = 1_000
REPLAYED_TOO: dict[int | str, dict[str, Any]] = {200: {"description": "Replayed."}}


class PickIn(BaseModel):
    """A listing that is taken, by its number in the market, and how much of it."""

    model_config = ConfigDict(extra="forbid")
    order: int = Field(ge=1, le=2**53)
    quantity: str = Field(pattern=AMOUNT)


class OrderIn(BaseModel):
    """An order: at a price, or taking listings that are named; amounts are decimal strings."""

    model_config = ConfigDict(extra="forbid")
    id: UUID
    market: str = Field(pattern=NAME_FORM)
    product: str = Field(min_length=1, max_length=24)
    holder: str = Field(pattern=NAME_FORM, description="Whose account in the registry.")
    side: str = Field(pattern="^(buy|sell)$")
    mode: str = Field(pattern=f"^({'|'.join(MODES)})$")
    price: str | None = Field(default=None, pattern=AMOUNT, description="Yuan per unit.")
    quantity: str | None = Field(default=None, pattern=AMOUNT)
    picks: list[PickIn] | None = Field(default=None, min_length=1, max_length=PICKS_MAX)


class PickOut(BaseModel):
    """A listing that was taken, and how much of it."""

    order: int
    quantity: str


class OrderOut(BaseModel):
    """An order as it stands: accepted, part-filled, filled, withdrawn, lapsed or refused."""

    id: UUID
    market: str
    number: int
    at: str
    product: str
    holder: str
    side: str
    mode: str
    price: str | None
    picks: list[PickOut] | None
    quantity: str
    filled: str
    open: str
    state: str


class OrdersOut(BaseModel):
    """A page of orders and the link to the next."""

    items: list[OrderOut]
    next: str | None


@router.post("/orders", status_code=201, responses=REPLAYED_TOO)
def enter(said: OrderIn, visitor: BookVisitor, watching: Watching, response: Response) -> OrderOut:
    """Enter an order with what it reserves (201, 200 replayed). Needs trader of the holder's party.

    It is matched, and settled where the venue settles with the fill, before the answer.
    """
    visitor.principal.require_some(auth.TRADE, visitor.book)
    terms = _terms(visitor, watching, said.market)
    trading.require_trader(visitor, terms, said.holder)
    event = _event(said, terms)
    actor = visitor.principal.user_id
    outcome = tell(visitor.store, visitor.book.code, said.market, said.id, event, actor=actor)
    response.status_code = 200 if outcome.status == REPLAYED else 201
    return _read(visitor, said.id, terms, {said.holder})


@router.get("/orders")
def list_orders(
    visitor: BookVisitor,
    watching: Watching,
    market: MarketName,
    cursor: Annotated[int, Query(ge=0, description="The number after which to go on.")] = 0,
    limit: Limit = 50,
) -> OrdersOut:
    """List orders as they stand, the oldest first. Traders and lenders see their own party's."""
    visitor.principal.require_some_read(visitor.book)
    terms = _terms(visitor, watching, market)
    book = visitor.book
    with visitor.store.reading() as connection:
        own = trading.parties(connection, visitor, terms)
        found = reading.orders(connection, book, market, own, after=cursor, limit=limit + 1)
    items = [_shown(each, terms) for each in found[:limit]]
    if len(found) <= limit:
        return OrdersOut(items=items, next=None)
    asked = f"market={market}&cursor={items[-1].number}&limit={limit}"
    return OrdersOut(items=items, next=f"/v1/books/{book.code}/orders?{asked}")


@router.get("/orders/{id}")
def get_order(id: UUID, visitor: BookVisitor, watching: Watching) -> OrderOut:
    """Return one order as it stands. Needs its party's key, or a role that reads the book."""
    visitor.principal.require_some_read(visitor.book)
    found, terms = _own(visitor, watching, id)
    return _shown(found, terms)


@router.post("/orders/{id}/withdraw")
def withdraw(id: UUID, visitor: BookVisitor, watching: Watching) -> OrderOut:
    """Take an open order back. Needs trader of its party, or registrar of registry and clearing."""
    principal, book = visitor.principal, visitor.book
    principal.require_some_read(book)
    found, terms = _own(visitor, watching, id)
    entities = {terms.registry.code, terms.clearing.code}
    if not principal.covers(auth.KEEP_REGISTRY, book, entities):
        trading.require_trader(visitor, terms, found.order.party)
    event = Withdraw(0, 0, found.order.product, found.order.party, found.number)
    tell(
        visitor.store, book.code, found.market, uuid5(id, WITHDRAW), event,
        actor=principal.user_id,
    )  # fmt: skip
    return _read(visitor, id, terms, {found.order.party})


def _terms(visitor: Visitor, watching: Watching, market: str) -> Terms:
    with (
        visitor.store.reading() as connection,
        trading.looking(connection, visitor, watching, market) as (_, terms),
    ):
        return terms


def _own(visitor: Visitor, watching: Watching, id: UUID) -> tuple[OrderState, Terms]:
    """Return an order that the caller may see; to others it is unknown."""
    with visitor.store.reading() as connection:
        found = reading.order(connection, visitor.book, id, None)
    if found is not None:
        terms = _terms(visitor, watching, found.market)
        with visitor.store.reading() as connection:
            own = trading.parties(connection, visitor, terms)
        if own is None or found.order.party in own:
            return found, terms
    raise UnknownOrderId(str(id))


def _event(said: OrderIn, terms: Terms) -> AnyEvent:
    quoted, side = trading.quoted(terms, said.product), SIDES[said.side]
    if said.picks is not None:
        if said.price is not None or said.quantity is not None:
            raise Malformed("picks", "have the prices and quantities of what is picked")
        picks = tuple((each.order, quoted.quantity(each.quantity)) for each in said.picks)
        return Take(0, 0, said.product, said.holder, side, picks, said.mode)  # type: ignore[arg-type]
    if said.price is None or said.quantity is None:
        raise Malformed("price", "price and quantity are missing, or picks")
    price, quantity = quoted.price(said.price), quoted.quantity(said.quantity)
    return Submit(0, 0, said.product, said.holder, side, price, quantity, said.mode)  # type: ignore[arg-type]


def _read(visitor: Visitor, id: UUID, terms: Terms, parties: set[str]) -> OrderOut:
    with visitor.store.reading() as connection:
        found = reading.order(connection, visitor.book, id, parties)
    if found is None:
        raise UnknownOrderId(str(id))
    return _shown(found, terms)


def _shown(found: OrderState, terms: Terms) -> OrderOut:
    order, quoted = found.order, trading.quoted(terms, found.order.product)
    picks = [
        PickOut(order=number, quantity=quoted.counted(quantity)) for number, quantity in order.picks
    ] if isinstance(order, Take) else None  # fmt: skip
    return OrderOut(
        id=found.id, market=found.market, number=found.number, at=instant(found.at_us),
        product=order.product, holder=order.party, side=SIDE_NAMES[order.side], mode=order.mode,
        price=quoted.shown(order.price) if isinstance(order, Submit) else None, picks=picks,
        quantity=quoted.counted(found.quantity), filled=quoted.counted(found.filled),
        open=quoted.counted(found.open), state=found.state,
    )  # fmt: skip
