"""Foreign digests: what is kept elsewhere, named in a book's log by its SHA-256."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api import auth, problems
from api.caller import BODY_MAX, BodyBytes, BookVisitor
from api.parameters import Cursor, Limit
from api.wire import read_object
from ledger import foreign_digests
from ledger.core.citing import read_cite
from ledger.core.state import DONE

router = APIRouter(
    prefix="/v1/books/{book}", tags=["foreign digests"], responses=problems.DOCUMENTED
)


class ForeignDigestIn(BaseModel):
    """A foreign digest as it is sent; what and reference together name it."""

    model_config = ConfigDict(extra="forbid")
    what: str = Field(min_length=1, max_length=120, description="gep-account, book-record, …")
    reference: str = Field(min_length=1, max_length=120, description="Where it is found.")
    digest: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 in hexadecimal.")
    metadata: dict[str, str] | None = None


class ForeignDigestOut(BaseModel):
    """A foreign digest and the record that wrote it."""

    seq: int
    what: str
    reference: str
    digest: str
    metadata: dict[str, str]
    user: UUID | None


class ForeignDigestsOut(BaseModel):
    """A page of foreign digests and the record after which the next begins."""

    items: list[ForeignDigestOut]
    next: str | None


class WrittenOut(BaseModel):
    """What became of it: done or replayed, and the record that says so."""

    status: str
    seq: int | None


SENT = {"requestBody": {"required": True, "content": {"application/json": {
    "schema": ForeignDigestIn.model_json_schema(ref_template="#/components/schemas/{model}"),
}}}}  # fmt: skip


@router.post("/foreign-digests", status_code=201, openapi_extra=SENT)
def write(visitor: BookVisitor, sent: BodyBytes, response: Response) -> WrittenOut:
    """Write a foreign digest (201 done, 200 replayed, 409 another is there).

    Needs ``finance.preparer`` or ``registrar`` on the book.
    """
    visitor.principal.require(auth.POST, visitor.book)
    item = read_cite(read_object(sent, BODY_MAX))
    actor = visitor.principal.user_id
    outcome = foreign_digests.write(visitor.store, visitor.book.code, item, actor=actor)
    response.status_code = 201 if outcome.status == DONE else 200
    return WrittenOut(status=outcome.status, seq=outcome.seq)


@router.get("/foreign-digests")
def list_foreign_digests(
    visitor: BookVisitor,
    what: Annotated[str | None, Query(max_length=120, description="Only of these.")] = None,
    reference: Annotated[str | None, Query(max_length=120, description="Only this.")] = None,
    cursor: Cursor = 0,
    limit: Limit = 50,
) -> ForeignDigestsOut:
    """List foreign digests in booking order. Needs a role that reads the whole book."""
    visitor.principal.require(auth.READ, visitor.book)
    with visitor.store.reading() as connection:
        found = list(foreign_digests.read(
            connection, visitor.book, what=what, reference=reference, after=cursor, limit=limit + 1
        ))  # fmt: skip
    items = [
        ForeignDigestOut(
            seq=each.seq, what=each.what, reference=each.reference, digest=each.digest.hex(),
            metadata=dict(each.metadata), user=each.user,
        )
        for each in found[:limit]
    ]  # fmt: skip
    if len(found) <= limit:
        return ForeignDigestsOut(items=items, next=None)
    asked = f"cursor={items[-1].seq}&limit={limit}"
    path = f"/v1/books/{visitor.book.code}/foreign-digests?{asked}"
    return ForeignDigestsOut(items=items, next=path + _also(what=what, reference=reference))


def _also(**asked: str | None) -> str:
    said = {name: value for name, value in asked.items() if value is not None}
    return f"&{urlencode(said)}" if said else ""
