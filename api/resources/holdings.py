"""Holdings: who has which right in which state, and what moves from holder to holder."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api import problems, registry_desk
from api.caller import BodyBytes, BookVisitor
from api.registry_desk import ANSWERS, SENT, EnteredOut
from ledger.balances import balances, held_back
from ledger.core.amount import Amount
from ledger.rights.instrument import right_of
from ledger.rights.loading import blocks_of
from ledger.rights.registry import STATES, holder_of, place_of
from ledger.rights.serials import joined

router = APIRouter(prefix="/v1/books/{book}", tags=["holdings"], responses=problems.DOCUMENTED)
EVENTS = (
    "transfer", "fill", "settle", "roll", "succeed", "lease", "pledge", "release", "foreclose",
    "freeze", "unfreeze", "recover", "budget-grant", "budget-commit", "budget-free", "budget-use",
    "budget-void", "budget-adjust", "budget-carry",
)  # fmt: skip


class HoldingOut(BaseModel):
    """What one holder has of one right in one state; ``locked`` is reserved, by orders or else."""

    registry: str
    holder: str
    state: str
    lender: str | None
    right: str
    unit: str
    amount: str
    locked: str
    serials: list[tuple[int, int]] | None


@router.post("/holdings", status_code=201, responses=ANSWERS, openapi_extra=SENT)
def enter(visitor: BookVisitor, sent: BodyBytes, response: Response) -> EnteredOut:
    """Enter a transfer, lease, pledge, freeze. Needs registrar of the book, or of the registry."""
    return registry_desk.enter(visitor, sent, response, EVENTS)


@router.get("/holdings")
def list_holdings(
    visitor: BookVisitor,
    as_of: Annotated[dt.date | None, Query(description="Of this day; locks are of now.")] = None,
    right: Annotated[str | None, Query(description="One right; its serial blocks too.")] = None,
) -> list[HoldingOut]:
    """List holdings. Any role; traders see their own, lenders also what is pledged to them."""
    visitor.principal.require_some_read(visitor.book)
    with visitor.store.reading() as connection:
        seen = registry_desk.accounts(connection, visitor)
        locked = held_back(connection, visitor.book) if as_of is None else {}
        found = [
            each
            for each in balances(connection, visitor.book, as_of=as_of)
            if each.account.code in seen and place_of(each.account.code) in STATES
            and right_of(each.commodity) is not None and each.normal.quanta
            and right in {None, each.commodity.code}
        ]  # fmt: skip
        blocks = blocks_of(connection, visitor.book, found[0].commodity) if right and found else {}
    return [
        HoldingOut(
            registry=each.account.entity, holder=holder_of(each.account.code),
            state=place_of(each.account.code) or "", lender=_lender(each.account.code),
            right=each.commodity.code, unit=each.commodity.unit, amount=str(each.normal),
            locked=str(Amount(locked.get((each.account.code, each.commodity.code), 0),
                              each.commodity)),
            serials=joined(blocks.get(each.account.code, ())) if right and as_of is None else None,
        )
        for each in found
    ]  # fmt: skip


def _lender(code: str) -> str | None:
    _, _, _, _, *lender = code.split(":")
    return lender[0] if lender else None
