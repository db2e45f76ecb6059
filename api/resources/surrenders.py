"""Surrenders: what was verified, surrendered, offset, carried over, cancelled or has lapsed."""

from fastapi import APIRouter, Response

from api import problems, registry_desk
from api.caller import BodyBytes, BookVisitor
from api.parameters import Cursor, Limit
from api.registry_desk import ANSWERS, SENT, Chosen, EnteredOut, Page
from ledger.rights.registry import STATES

router = APIRouter(prefix="/v1/books/{book}", tags=["surrenders"], responses=problems.DOCUMENTED)
EVENTS = (
    "verify", "surrender", "unsurrender", "reclaim", "offset", "cut", "carry", "cancel", "expire",
)  # fmt: skip
KINDS = tuple(f"right.{name}" for name in EVENTS)


@router.post("/surrenders", status_code=201, responses=ANSWERS, openapi_extra=SENT)
def enter(visitor: BookVisitor, sent: BodyBytes, response: Response) -> EnteredOut:
    """Enter how rights end or are owed. Needs registrar of the book, or of the registry."""
    return registry_desk.enter(visitor, sent, response, EVENTS)


@router.get("/surrenders")
def list_surrenders(visitor: BookVisitor, cursor: Cursor = 0, limit: Limit = 50) -> Page:
    """List what holders gave up, in booking order. Any role; traders see their own."""
    visitor.principal.require_some_read(visitor.book)
    chosen = Chosen(KINDS, cursor, limit)
    with visitor.store.reading() as connection:
        return registry_desk.page(connection, visitor, "surrenders", chosen, STATES)
