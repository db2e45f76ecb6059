"""Transit between books over REST: sent, what waits, and carried on."""

import datetime as dt
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api import auth, problems
from api.caller import BookVisitor
from ledger import transit
from ledger.core.book import Book
from ledger.core.state import HELD, REPLAYED
from ledger.core.transfer import PAYEE, TO, Transfer
from ledger.proof.export import instant
from ledger.store import Store

router = APIRouter(prefix="/v1/books/{book}", tags=["transits"], responses=problems.DOCUMENTED)
ACCOUNT = Field(min_length=1, max_length=120)


class TransitIn(BaseModel):
    """A payment into another book: against an account here, and against one there."""

    model_config = ConfigDict(extra="forbid")
    id: UUID
    to: str = Field(min_length=1, max_length=120, description="The receiving book.")
    commodity: str = ACCOUNT
    amount: str = Field(pattern=r"^\+?[0-9]{1,30}(\.[0-9]{1,30})?$")
    payer: str = ACCOUNT
    charged: str = ACCOUNT
    payee: str = ACCOUNT
    credited: str = ACCOUNT
    effective_on: dt.date | None = None
    narrative: str = Field(default="", max_length=2_000)
    reference: str = Field(default="", max_length=120)


class TransitOut(BaseModel):
    """What became of a transfer: the step that was taken, or why it waits."""

    id: UUID
    to: str
    state: str
    seq: int | None
    code: str


class WaitingOut(BaseModel):
    """A transfer that is not concluded."""

    id: UUID
    seq: int
    to: str
    booked_at: str
    payee: str
    lines: list[dict[str, str]]


@router.post("/transits", status_code=201)
def send(sent: TransitIn, visitor: BookVisitor, response: Response) -> TransitOut:
    """Pay into transit (201 sent, 200 replayed, 202 waits for a second person).

    Needs ``finance.preparer`` or ``registrar`` on the book, or on the payer's entity.
    """
    visitor.principal.require(auth.POST, visitor.book, {sent.payer.partition(":")[0]})
    said = sent.model_dump(exclude={"effective_on"})
    transfer = Transfer(**said, on=sent.effective_on)
    actor = visitor.principal.user_id
    outcome = transit.send(visitor.store, visitor.book.code, transfer, actor=actor)
    response.status_code = {HELD: 202, REPLAYED: 200}.get(outcome.status, 201)
    return TransitOut(id=sent.id, to=sent.to, state=outcome.status, seq=outcome.seq, code="")


@router.get("/transits")
def list_transits(visitor: BookVisitor) -> list[WaitingOut]:
    """List what is in transit, the oldest first. Needs a role that reads the whole book."""
    visitor.principal.require(auth.READ, visitor.book)
    return [
        WaitingOut(
            id=each.id, seq=each.seq, to=each.metadata[TO],
            booked_at=instant(each.booked_at_us), payee=each.metadata[PAYEE],
            lines=[line._asdict() for line in each.transit],
        )
        for each in transit.waiting(visitor.store, visitor.book.code)
    ]  # fmt: skip


@router.post("/transits/deliver")
def deliver(visitor: BookVisitor) -> list[TransitOut]:
    """Carry all that waits as far as it goes, and say each step.

    Needs ``finance.preparer`` or ``registrar`` on this book, and on each that receives: what
    goes into another one waits.
    """
    principal = visitor.principal
    principal.require(auth.POST, visitor.book)

    def acting(_: Store, book: Book) -> UUID:
        principal.require(auth.POST, book)
        return principal.user_id

    steps = transit.deliver(visitor.store, visitor.book.code, acting)
    return [TransitOut(**step._asdict()) for step in steps]
