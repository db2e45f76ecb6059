"""Natural persons: entrusted, shown masked, erased; the log holds an id and a commitment only."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api import auth, problems, session
from api.caller import BookVisitor, Visitor
from api.parameters import Limit
from ledger import persons
from ledger.core.refusals import NotPermitted

router = APIRouter(prefix="/v1", tags=["parties"], responses=problems.DOCUMENTED)


class BindingOut(BaseModel):
    """A commitment, and the record of the log that holds it."""

    seq: int
    commitment: str


class PersonOut(BaseModel):
    """A person: masked unless asked and permitted; after erasure only the commitments are left."""

    id: UUID
    entities: list[str]
    erased: bool
    masked: bool
    name: str
    identity_number: str
    bank_account: str
    salt: str | None
    commitment: str | None
    holds: bool | None
    bindings: list[BindingOut]


class PersonPage(BaseModel):
    """A page of persons by id, and the link to the next."""

    items: list[PersonOut]
    next: str | None


class PersonIn(BaseModel):
    """What is personal, of a random id (UUID version 4); ``restated`` where it has changed."""

    model_config = ConfigDict(extra="forbid")
    id: UUID
    entity: str = Field(min_length=1, max_length=120)
    name: str = Field(min_length=1, max_length=120)
    identity_number: str = Field(default="", max_length=120)
    bank_account: str = Field(default="", max_length=120)
    restated: bool = False


class EntrustedOut(BaseModel):
    """Done or replayed, and the record that holds the commitment."""

    status: str
    id: UUID
    seq: int | None


class ErasedOut(BaseModel):
    """So many statements were erased; none where they had been before."""

    id: UUID
    erased: int


@router.get("/parties")
def list_parties(
    visitor: BookVisitor,
    cursor: Annotated[UUID | None, Query(description="The person after whom to go on.")] = None,
    limit: Limit = 50,
) -> PersonPage:
    """List the persons of a book, masked. Roles that read, of the entities they read."""
    visitor.principal.require_some_read(visitor.book)
    with visitor.store.reading() as connection:
        found = persons.listed(connection, visitor.book, after=cursor, limit=limit + 1)
    items = [_out(each) for each in found[:limit] if _may_see(visitor, each)]
    if len(found) <= limit:
        return PersonPage(items=items, next=None)
    after = found[limit - 1].id
    path = f"/v1/parties?book={visitor.book.code}&cursor={after}&limit={limit}"
    return PersonPage(items=items, next=path)


@router.get("/parties/{id}")
def get_party(
    id: UUID,
    visitor: BookVisitor,
    unmasked: Annotated[bool, Query(description="All of it, with the salt.")] = False,
) -> PersonOut:
    """Return one person, masked. Whoever reads the entity, or the person's own accounts.

    ``unmasked`` needs ``auditor``, ``finance.preparer`` or ``finance.approver`` on each entity.
    """
    visitor.principal.require_some_read(visitor.book)
    with visitor.store.reading() as connection:
        found = persons.find(connection, visitor.book, id)
    if not _may_see(visitor, found):
        raise NotPermitted(auth.READ, str(id))
    if unmasked:
        visitor.principal.require(auth.UNMASK, visitor.book, found.entities)
    return _out(found, unmasked=unmasked)


@router.post("/parties", status_code=201)
def entrust_party(stated: PersonIn, visitor: BookVisitor) -> EntrustedOut:
    """Keep what is personal beside the log. Needs ``finance.preparer`` or ``registrar``.

    Also on the entities that stated the person before.
    """
    visitor.principal.require(auth.OPEN, visitor.book, {stated.entity})
    with visitor.store.reading() as connection:
        before = persons.entities(connection, visitor.book, stated.id)
    visitor.principal.require(auth.OPEN, visitor.book, {stated.entity, *before})
    person = persons.read(stated.name, stated.identity_number, stated.bank_account)
    outcome = persons.entrust(
        visitor.store, visitor.book.code, stated.id, stated.entity, person,
        actor=visitor.principal.user_id, restated=stated.restated,
    )  # fmt: skip
    return EntrustedOut(status=outcome.status, id=stated.id, seq=outcome.seq)


@router.delete("/parties/{id}")
def erase_party(id: UUID, visitor: BookVisitor) -> ErasedOut:
    """Erase what is personal, with the salts. Needs ``finance.approver`` or ``registrar``."""
    visitor.principal.require_some(auth.ERASE, visitor.book)
    with visitor.store.reading() as connection:
        found = persons.find(connection, visitor.book, id)
    visitor.principal.require(auth.ERASE, visitor.book, found.entities)
    return ErasedOut(id=id, erased=session.erase_person(visitor.store, visitor.book, id))


def _may_see(visitor: Visitor, found: persons.Known) -> bool:
    own = any(
        grant.party == found.id and grant.book_id == visitor.book.id
        for grant in visitor.principal.grants
    )
    read = visitor.principal.reads_entity
    return own or any(read(visitor.book, each) for each in found.entities)


def _out(found: persons.Known, *, unmasked: bool = False) -> PersonOut:
    fields: dict[str, Any] = persons.shown(found, unmasked=unmasked)
    return PersonOut(**fields)
