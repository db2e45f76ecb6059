"""Statements, and the evidence that payments rest on."""

import datetime as dt
import io
import json
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection, select

from api import auth, problems
from api.caller import BookVisitor, Visitor
from api.render import FORMATS
from ledger import balances, statements
from ledger.core.errors import NotFound
from ledger.core.refusals import Malformed, UnknownEvidence
from ledger.statements.statement import Statement
from ledger.store import tables

router = APIRouter(prefix="/v1/books/{book}", tags=["statements"], responses=problems.DOCUMENTED)
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DEPTH_MAX = 5


class UnknownStatement(NotFound):
    """There is no such statement."""

    code = "statements.unknown"
    title = "There is no such statement"


@router.get("/statements")
def list_statements(visitor: BookVisitor) -> list[str]:
    """Name the statements. Anybody with a grant in the book."""
    visitor.principal.require_some_read(visitor.book)
    return list(statements.CATALOGUE)


@router.get("/statements/{name}")
def get_statement(
    name: str,
    visitor: BookVisitor,
    account: Annotated[str | None, Query(description="An account and those below it.")] = None,
    since: Annotated[dt.date | None, Query(alias="from")] = None,
    until: Annotated[dt.date | None, Query(alias="to")] = None,
    form: Annotated[str, Query(alias="format", pattern="^(json|csv|pdf|xlsx)$")] = "json",
    locale: Annotated[str, Query(pattern="^(zh-CN|en)$")] = "zh-CN",
) -> Response:
    """Write a statement. Roles that read; traders and lenders the register of an own account."""
    visitor.principal.require_some_read(visitor.book)
    if name not in statements.CATALOGUE:
        raise UnknownStatement
    with visitor.store.reading() as connection:
        _may_read(visitor, connection, name, account)
        made = _statement(visitor, connection, name, account, since, until)
        out = io.BytesIO()
        FORMATS[form](made, out, locale)
    return Response(out.getvalue(), media_type=MEDIA[form])


@router.get("/evidence/{id}")
def get_evidence(id: UUID, visitor: BookVisitor) -> dict[str, Any]:
    """Return evidence and, in turn, all it rests on. Needs a role that reads the whole book."""
    visitor.principal.require(auth.READ, visitor.book)
    with visitor.store.reading() as connection:
        return evidence(connection, visitor.book.id, id)


def evidence(connection: Connection, book_id: int, id: UUID, depth: int = 0) -> dict[str, Any]:
    """Read evidence with what it rests on, down to the readings."""
    kept, link = tables.evidence, tables.evidence_links.c
    chosen = select(kept).where(kept.c.book_id == book_id, kept.c.id == id)
    row = connection.execute(chosen).mappings().one_or_none()
    if row is None:
        raise UnknownEvidence(str(id))
    below = select(link.rests_on).where(link.book_id == book_id, link.id == id)
    ids = connection.execute(below).scalars().all() if depth < DEPTH_MAX else ()
    return {
        "id": str(id),
        "kind": row["kind"],
        "code": row["code"],
        "digest": row["digest"].hex(),
        "content": json.loads(row["content"]),
        "rests_on": [evidence(connection, book_id, each, depth + 1) for each in ids],
    }


def _may_read(visitor: Visitor, connection: Connection, name: str, account: str | None) -> None:
    if name == "register" and account is not None:
        found = balances.account(connection, visitor.book, account)
        if visitor.principal.may_read(visitor.book, found):
            return
    entities = {account.partition(":")[0]} if account else ()
    visitor.principal.require(auth.READ, visitor.book, entities)


def _statement(
    visitor: Visitor,
    connection: Connection,
    name: str,
    account: str | None,
    since: dt.date | None,
    until: dt.date | None,
) -> Statement:
    selection: Mapping[str, Any] = {"account": account, "since": since, "until": until}
    if name != "register":
        if since is not None:
            raise Malformed("from", f"{name} is of a day: use to")
        selection = {"as_of": until, **({"account": account} if account else {})}
        if name == "trial-balance" and account:
            raise Malformed("account", "it is of the whole book")
    return statements.CATALOGUE[name](connection, visitor.book, **selection)
