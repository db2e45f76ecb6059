"""Issuances: caps, issues and allocations, entered by the registry's keeper."""

from fastapi import APIRouter, Response

from api import auth, problems, registry_desk
from api.caller import BodyBytes, BookVisitor
from api.parameters import Cursor, Limit
from api.registry_desk import ANSWERS, SENT, Chosen, EnteredOut, Page
from ledger.rights.registry import BY_CARRY, ISSUED

router = APIRouter(prefix="/v1/books/{book}", tags=["issuances"], responses=problems.DOCUMENTED)
EVENTS = ("cap", "issue", "accrue", "assign", "allocate", "return", "deliver")
KINDS = ("right.issue", "right.accrue", "right.carry")


@router.post("/issuances", status_code=201, responses=ANSWERS, openapi_extra=SENT)
def enter(visitor: BookVisitor, sent: BodyBytes, response: Response) -> EnteredOut:
    """Enter a cap, an issue, an allocation. Needs registrar of the book, or of the registry."""
    return registry_desk.enter(visitor, sent, response, EVENTS)


@router.get("/issuances")
def list_issuances(visitor: BookVisitor, cursor: Cursor = 0, limit: Limit = 50) -> Page:
    """List what was issued, in booking order. Needs a role that reads the whole book."""
    visitor.principal.require(auth.READ, visitor.book)
    chosen = Chosen(KINDS, cursor, limit)
    with visitor.store.reading() as connection:
        return registry_desk.page(connection, visitor, "issuances", chosen, (ISSUED, BY_CARRY))
