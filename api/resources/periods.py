"""Periods: which stand how, and turning them."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api import auth, problems, signing
from api.caller import BookVisitor
from ledger import periods
from ledger.core.command import Turn

router = APIRouter(prefix="/v1/books/{book}", tags=["periods"], responses=problems.DOCUMENTED)


class PeriodOut(BaseModel):
    """A period that somebody has turned; the seal is that of its last event, if a close."""

    entity: str
    basis: str
    period: str
    state: str
    reason: str
    seal: str | None
    seq: int


class TurnIn(BaseModel):
    """Into which state a period is brought; a closed one is reopened with a reason."""

    model_config = ConfigDict(extra="forbid")
    entity: str = Field(min_length=1, max_length=120)
    basis: str
    period: str = Field(description="YYYY-MM; a month 13 is allowed.")
    state: str = Field(pattern="^(open|closing|closed|reopened)$")
    reason: str = Field(default="", max_length=2_000)


class TurnedOut(BaseModel):
    """The state a period stands in now; ``seq`` is none where it stood so already."""

    status: str
    state: str
    seq: int | None


class AgeOut(BaseModel):
    """An always-zero account that is not zero; ``over`` are the days beyond its limit."""

    account: str
    entity: str
    basis: str
    commodity: str
    balance: str
    since: dt.date
    seq: int
    days: int
    limit: int
    over: int


@router.get("/periods/ages")
def list_ages(
    visitor: BookVisitor,
    on: Annotated[dt.date | None, Query(description="How old on this day; else today.")] = None,
) -> list[AgeOut]:
    """List always-zero accounts that are not zero, with age. Roles that read, of what they read."""
    visitor.principal.require_some(auth.READ, visitor.book)
    today = on or visitor.book.day_of(visitor.store.clock())
    with visitor.store.reading() as connection:
        found = list(periods.ages(connection, visitor.book, today))
    return [
        AgeOut(**each.written)
        for each in found
        if visitor.principal.reads_entity(visitor.book, each.account.entity)
    ]


@router.get("/periods")
def list_periods(visitor: BookVisitor) -> list[PeriodOut]:
    """List how periods stand that were ever turned. Roles that read, of the entities they read."""
    visitor.principal.require_some(auth.READ, visitor.book)
    with visitor.store.reading() as connection:
        found = list(periods.standing(connection, visitor.book))
    return [
        PeriodOut(**each._asdict() | {"seal": each.seal.hex() if each.seal else None})
        for each in found
        if visitor.principal.reads_entity(visitor.book, each.entity)
    ]


@router.post("/periods")
def turn_period(turn: TurnIn, visitor: BookVisitor) -> TurnedOut:
    """Open, close (it is sealed) or reopen a period. Needs ``finance.approver`` on the entity."""
    visitor.principal.require(auth.CLOSE, visitor.book, {turn.entity})
    asked = Turn(turn.entity, turn.basis, turn.period, turn.state, turn.reason)
    actor = visitor.principal.user_id
    outcome = signing.turn(visitor.store, visitor.book, asked, actor=actor)
    return TurnedOut(status=outcome.status, state=turn.state, seq=outcome.seq)
