"""Market events: the operator opens, closes and halts; whoever reads the book sees every event."""

import datetime as dt
import json
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api import auth, problems, trading
from api.caller import BookVisitor, Visitor
from api.trading import NAME_FORM, Limit, MarketName, Quoted, Watching
from ledger.core.entered import MarketEffect, MarketEvent
from ledger.core.refusals import Malformed
from ledger.core.state import REPLAYED, Outcome
from ledger.market import desk, rules
from ledger.market.booking import right_of
from ledger.market.events import CloseDay, Halt, OpenDay, Resume
from ledger.market.settling import Run
from ledger.market.watch import Watch
from ledger.proof.export import instant
from ledger.store import market_log

router = APIRouter(prefix="/v1/books/{book}", tags=["market-events"], responses=problems.DOCUMENTED)
PRODUCTS_MAX, GROUPS_MAX = 100, 10_000
PRICE = r"^[0-9]{1,18}(\.[0-9]{1,9})?$"
NAME = Field(default=None, max_length=64)
REPLAYED_TOO: dict[int | str, dict[str, Any]] = {200: {"description": "Replayed."}}


class MarketEventIn(BaseModel):
    """What an operator does: ``open-day`` and ``close-day`` with closes, ``halt`` and ``resume``.

    A day is opened with its venue, the registry and the clearing house in which it settles, and
    yesterday's closes in yuan per unit; ``rules_on`` is the day whose rules hold, the day itself
    unless said; ``groups`` names who acts in concert with whom.
    """

    model_config = ConfigDict(extra="forbid")
    id: UUID
    market: str = Field(pattern=NAME_FORM)
    event: Literal["open-day", "close-day", "halt", "resume"]
    day: dt.date | None = None
    venue: str | None = NAME
    rules_on: dt.date | None = None
    registry: str | None = Field(default=None, pattern=NAME_FORM)
    clearing: str | None = Field(default=None, pattern=NAME_FORM)
    closes: dict[str, Annotated[str, Field(pattern=PRICE)]] = Field(
        default={}, max_length=PRODUCTS_MAX
    )
    groups: dict[str, str] = Field(default={}, max_length=GROUPS_MAX)
    subject: str | None = NAME
    reason: str | None = Field(default=None, max_length=500)


class UnsettledOut(BaseModel):
    """A trade that could not be settled, and the code of why."""

    trade: str
    code: str


class ToldOut(BaseModel):
    """What became of it: its number, how many trades were settled and holdings freed with it."""

    id: UUID
    market: str
    number: int
    status: str
    settled: int
    rolled: int
    unsettled: list[UnsettledOut]


class EffectOut(BaseModel):
    """What an event came to, in whole quanta as the market counts."""

    kind: str
    product: str
    effect: dict[str, Any]


class EventOut(BaseModel):
    """An event of a market as it is stored, in whole quanta as the market counts."""

    number: int
    id: UUID
    at: str
    event: dict[str, Any]
    refusal: dict[str, Any] | None
    effects: list[EffectOut]


class EventsOut(BaseModel):
    """A page of events and the link to the next."""

    items: list[EventOut]
    next: str | None


@router.post("/market-events", status_code=201, responses=REPLAYED_TOO)
def tell(
    said: MarketEventIn, visitor: BookVisitor, watching: Watching, response: Response
) -> ToldOut:
    """Open or close a day, halt or resume. Needs registrar of the book.

    Before a day opens, what is left of days before is settled and what was bought on them is
    freed; when it closes, open orders lapse and its trades are settled.
    """
    visitor.principal.require(auth.KEEP_REGISTRY, visitor.book)
    outcome, run, rolled = _done(said, visitor, watching)
    response.status_code = 200 if outcome.status == REPLAYED else 201
    return ToldOut(
        id=said.id, market=said.market, number=outcome.seq or 0, status=outcome.status,
        settled=run.settled, rolled=rolled,
        unsettled=[UnsettledOut(trade=trade, code=why.code) for trade, why in run.refused],
    )  # fmt: skip


@router.get("/market-events")
def list_events(
    visitor: BookVisitor,
    market: MarketName,
    cursor: Annotated[int, Query(ge=0, description="The number after which to go on.")] = 0,
    limit: Limit = 50,
) -> EventsOut:
    """List every event of a market with its effects. Needs a role that reads the whole book."""
    visitor.principal.require(auth.READ, visitor.book)
    with visitor.store.reading() as connection:
        some = next(market_log.told(connection, visitor.book, market, cursor), [])
    items = [_event(each, effects) for each, effects in some[:limit]]
    if len(some) <= limit:
        return EventsOut(items=items, next=None)
    path = f"/v1/books/{visitor.book.code}/market-events"
    asked = f"market={market}&cursor={items[-1].number}&limit={limit}"
    return EventsOut(items=items, next=f"{path}?{asked}")


def _done(said: MarketEventIn, visitor: Visitor, watching: Watch) -> tuple[Outcome, Run, int]:
    where = (visitor.store, visitor.book.code, said.market, said.id)
    actor, nothing = visitor.principal.user_id, Run(0, ())
    if said.event == "open-day":
        opened = desk.open_day(*where, _opening(said), actor=actor)
        return opened.outcome, opened.settled, opened.rolled
    if said.event == "close-day":
        with (
            visitor.store.reading() as connection,
            trading.looking(connection, visitor, watching, said.market) as (_, terms),
        ):
            closes = _closes(said, terms.price_scale)
        outcome, run = desk.close_day(*where, CloseDay(0, 0, closes), actor=actor)
        return outcome, run, 0
    if said.subject is None:
        raise Malformed("subject", "is missing: a product or a holder")
    if said.event == "resume":
        return desk.tell(*where, Resume(0, 0, said.subject), actor=actor), nothing, 0
    if not said.reason:
        raise Malformed("reason", "is missing")
    return desk.tell(*where, Halt(0, 0, said.subject, said.reason), actor=actor), nothing, 0


def _opening(said: MarketEventIn) -> OpenDay:
    if said.day is None or said.venue is None or said.registry is None or said.clearing is None:
        raise Malformed("day", "a day opens with day, venue, registry and clearing")
    if not said.closes:
        raise Malformed("closes", "are missing: what is traded, and yesterday's close of each")
    closes = _closes(said, rules.find(said.venue).price_scale)
    return OpenDay(
        0, 0, said.day, said.venue, said.rules_on or said.day, closes,
        groups=said.groups, registry=said.registry, clearing=said.clearing,
    )  # fmt: skip


def _closes(said: MarketEventIn, price_scale: int) -> dict[str, int]:
    return {
        product: Quoted(right_of(product), price_scale).price(close)
        for product, close in said.closes.items()
    }


def _event(each: MarketEvent, effects: list[MarketEffect]) -> EventOut:
    return EventOut(
        number=each.number, id=each.id, at=instant(each.at_us), event=json.loads(each.event),
        refusal=json.loads(each.refusal) if each.refusal else None,
        effects=[
            EffectOut(kind=one.kind, product=one.product, effect=json.loads(one.effect))
            for one in effects
        ],
    )  # fmt: skip
