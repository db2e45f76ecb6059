"""Transactions: post, prepare, approve, reject, reverse, read."""

import datetime as dt
import json
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, select
from starlette.concurrency import run_in_threadpool

from api import auth, posted, problems
from api.caller import BODY_MAX, BookVisitor, Visitor, body
from api.i18n import EN
from api.parameters import Cursor, Limit
from api.posting_queue import queue_of
from api.wire import read_object, transaction_json
from ledger import journal
from ledger.balances import commodities
from ledger.core.command import Annotate, Command, Post
from ledger.core.record import Transaction
from ledger.core.refusals import Malformed
from ledger.core.state import DONE, HELD, POSTED, REPLAYED, Outcome
from ledger.store import tables
from ledger.store.log import read_log
from ledger.writer import submit

router = APIRouter(prefix="/v1/books/{book}", tags=["transactions"], responses=problems.DOCUMENTED)
PATH = f"{router.prefix}/transactions"
JSON = "application/json"
AT_ONCE_MAX = 64 << 10
"""A longer body is read in a thread, beside what else the process answers."""
STATUS = {POSTED: 201, REPLAYED: 200, HELD: 202, DONE: 200}
AMOUNT = r"^[+-]?[0-9]{1,30}(\.[0-9]{1,30})?$"


class PostingIn(BaseModel):
    """A line: a debit-positive decimal string, and perhaps the column it stands in."""

    model_config = ConfigDict(extra="forbid")
    account: str = Field(min_length=1, max_length=120)
    commodity: str = Field(min_length=1, max_length=120)
    amount: str = Field(pattern=AMOUNT)
    side: str | None = Field(default=None, pattern="^(debit|credit)$")
    up_to: bool | None = Field(default=None, description="Take what is there, at most this.")


class ConsumptionIn(BaseModel):
    """What is taken of one line (from 1) of a hold; ``final`` lets its remainder go."""

    model_config = ConfigDict(extra="forbid")
    hold: UUID
    line: int = Field(ge=1, le=10_000)
    amount: str = Field(pattern=AMOUNT)
    final: bool | None = None


class TransactionIn(BaseModel):
    """A transaction as it is sent."""

    model_config = ConfigDict(extra="forbid")
    book: str | None = None
    id: UUID
    effective_on: dt.date | None = None
    kind: str = "transaction"
    narrative: str = Field(default="", max_length=2_000)
    reference: str = Field(default="", max_length=120)
    metadata: dict[str, str] | None = None
    attachments: list[str] | None = None
    periods: dict[str, str] | None = None
    reverses: UUID | None = None
    late_for: str | None = None
    chain: UUID | None = None
    consumes: list[ConsumptionIn] | None = None
    postings: list[PostingIn] = Field(min_length=1, max_length=10_000)


class OutcomeOut(BaseModel):
    """What became of a transaction: posted, replayed, held for a second person, or refused."""

    status: str
    id: UUID | None
    seq: int | None
    problem: dict[str, Any] | None = None


class OutcomesOut(BaseModel):
    """What became of each transaction of a list, in its order."""

    results: list[OutcomeOut]


class ReversalIn(BaseModel):
    """When and why a transaction is taken back."""

    model_config = ConfigDict(extra="forbid")
    on: dt.date
    narrative: str = Field(max_length=2_000)


class RejectionIn(BaseModel):
    """Why a proposal is turned down."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=2_000)


class AnnotationIn(BaseModel):
    """Metadata added to a transaction that is posted."""

    model_config = ConfigDict(extra="forbid")
    metadata: dict[str, str] = Field(min_length=1)


class ProposalOut(BaseModel):
    """A transaction that waits for a second person."""

    id: UUID
    seq: int
    preparer: UUID | None
    body: dict[str, Any]


class Page(BaseModel):
    """A page of transactions and the link to the next."""

    items: list[dict[str, Any]]
    next: str | None


SENT = {
    "parameters": [
        {
            "name": "book", "in": "path", "required": True, "description": "The code of a book.",
            "schema": {"type": "string"},
        },
        {
            "name": "Idempotency-Key", "in": "header", "required": False,
            "description": "The id of the transaction.", "schema": {"type": "string"},
        },
        {
            "name": "atomic", "in": "query", "required": False,
            "description": "All of a list, or nothing of it.",
            "schema": {"type": "boolean", "default": False},
        },
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        TransactionIn.model_json_schema(
                            ref_template="#/components/schemas/{model}"
                        ),
                        {"type": "array", "maxItems": posted.LIST_MAX, "items": {"type": "object"}},
                    ]
                }
            }
        },
    },
}  # fmt: skip


@router.post(
    "/transactions", response_model=None, openapi_extra=SENT,
    responses={
        200: {"model": OutcomeOut | OutcomesOut, "description": "Replayed, or a list."},
        201: {"model": OutcomeOut, "description": "Posted."},
        202: {"model": OutcomeOut, "description": "Waits for a second person."},
    },
)  # fmt: skip
async def post(request: Request) -> Response:
    """Post one transaction (201 posted, 200 replayed, 202 waits for approval) or a list.

    Of a list every item has its own outcome; neighbours with one chain stand or fall together.
    Needs ``finance.preparer`` or ``registrar`` on the book, or on every entity the transaction
    touches.
    """
    visitor = await request.app.state.visitors.visitor(request)
    atomic = _atomic(request)
    sent = await body(request)
    if posted.is_list(sent):
        locale = problems.locale_of(request)
        results = await run_in_threadpool(
            posted.listed, visitor, sent, atomic=atomic, locale=locale
        )
        return Response(results, media_type=JSON)
    if len(sent) <= AT_ONCE_MAX:
        read = posted.one(visitor, sent)
    else:
        read = await run_in_threadpool(posted.one, visitor, sent)
    key = request.headers.get("idempotency-key")
    if key is not None and key.lower() != str(read.id):
        raise Malformed("Idempotency-Key", "is not the id of the transaction")
    command = Command((Post(read),), visitor.principal.user_id)
    (outcome,) = await queue_of(request.app, visitor.store, visitor.book.code).post(command)
    if outcome.error is not None:
        raise outcome.error
    return Response(posted.answer(outcome), STATUS[outcome.status], media_type=JSON)


@router.get("/transactions")
def list_transactions(
    visitor: BookVisitor,
    cursor: Cursor = 0,
    limit: Limit = 50,
) -> Page:
    """List posted transactions in booking order. Needs a role that reads the whole book."""
    visitor.principal.require(auth.READ, visitor.book)
    made = tables.transactions.c
    chosen = (
        select(made.seq)
        .where(made.book_id == visitor.book.id, made.seq > cursor)
        .order_by(made.seq)
        .limit(limit + 1)
    )
    with visitor.store.reading() as connection:
        found = list(connection.execute(chosen).scalars())
        scales = commodities(connection)
        shown = found[:limit] or [0]
        items = [
            transaction_json(visitor.book, entry, entry.record, scales)
            for entry, _ in read_log(connection, visitor.book, shown[0], shown[-1])
            if isinstance(entry.record, Transaction)
        ]
    if len(found) <= limit:
        return Page(items=items, next=None)
    path = f"/v1/books/{visitor.book.code}/transactions"
    return Page(items=items, next=f"{path}?cursor={found[limit - 1]}&limit={limit}")


@router.get("/transactions/{id}")
def get_transaction(id: UUID, visitor: BookVisitor) -> dict[str, Any]:
    """Return one transaction. Needs a role that reads the book, or every entity in it."""
    visitor.principal.require_some_read(visitor.book)
    entry, record = journal.find(visitor.store, visitor.book.code, id)
    visitor.principal.require(auth.READ, visitor.book, record.entities)
    with visitor.store.reading() as connection:
        shown = transaction_json(visitor.book, entry, record, commodities(connection))
        return shown | {"annotations": _annotations(connection, visitor.book.id, id)}


REPLAYED_TOO: dict[int | str, dict[str, Any]] = {
    200: {"model": OutcomeOut, "description": "Replayed."}
}


@router.post("/transactions/{id}/approve", status_code=201, responses=REPLAYED_TOO)
def approve(id: UUID, visitor: BookVisitor, response: Response) -> OutcomeOut:
    """Post what another person prepared. Needs ``finance.approver``; never one's own."""
    _require_for(visitor, auth.APPROVE, id)
    outcome = journal.approve(visitor.store, visitor.book.code, id, actor=visitor.principal.user_id)
    return _single(outcome, response)


@router.post("/transactions/{id}/reject")
def reject(
    id: UUID, rejection: RejectionIn, visitor: BookVisitor, response: Response
) -> OutcomeOut:
    """Turn down what another person prepared. Needs ``finance.approver``."""
    _require_for(visitor, auth.APPROVE, id)
    actor = visitor.principal.user_id
    outcome = journal.reject(visitor.store, visitor.book.code, id, rejection.reason, actor=actor)
    return _single(outcome, response)


@router.post("/transactions/{id}/reverse", status_code=201, responses=REPLAYED_TOO)
def reverse(id: UUID, reversal: ReversalIn, visitor: BookVisitor, response: Response) -> OutcomeOut:
    """Take a transaction back by its mirror (of a dual kind: propose it). Needs a preparer."""
    visitor.principal.require_some(auth.POST, visitor.book)
    _, record = journal.find(visitor.store, visitor.book.code, id)
    visitor.principal.require(auth.POST, visitor.book, record.entities)
    outcome = journal.reverse(
        visitor.store, visitor.book.code, id, actor=visitor.principal.user_id,
        on=reversal.on, narrative=reversal.narrative,
    )  # fmt: skip
    return _single(outcome, response)


@router.post("/transactions/{id}/annotate")
def annotate(id: UUID, annotation: AnnotationIn, visitor: BookVisitor) -> OutcomeOut:
    """Add metadata: the latest win, all are kept; the same again is a replay. Needs a preparer."""
    visitor.principal.require_some(auth.POST, visitor.book)
    _, record = journal.find(visitor.store, visitor.book.code, id)
    visitor.principal.require(auth.POST, visitor.book, record.entities)
    with visitor.store.reading() as connection:
        earlier = _annotations(connection, visitor.book.id, id)
    if earlier and earlier[-1]["metadata"] == annotation.metadata:
        return OutcomeOut(status=REPLAYED, id=id, seq=earlier[-1]["seq"])
    command = Command((Annotate(id, annotation.metadata),), visitor.principal.user_id)
    (outcome,) = submit(visitor.store, visitor.book.code, command)
    if outcome.error is not None:
        raise outcome.error
    return _out(outcome, EN)


@router.get("/proposals")
def list_proposals(visitor: BookVisitor) -> list[ProposalOut]:
    """List what waits for a second person. Needs a role that reads the whole book."""
    visitor.principal.require(auth.READ, visitor.book)
    return [
        ProposalOut(
            id=each.id, seq=each.seq, preparer=each.preparer,
            body=read_object(each.body.encode(), BODY_MAX),
        )
        for each in journal.proposals(visitor.store, visitor.book.code)
    ]  # fmt: skip


def _atomic(request: Request) -> bool:
    if not request.scope["query_string"]:
        return False
    for name in request.query_params.keys() - {"atomic"}:
        raise Malformed(name[:120], "is no parameter of this route")
    given = request.query_params.get("atomic", "false").lower()
    if given not in {"true", "false", "1", "0"}:
        raise Malformed("atomic", "is neither true nor false")
    return given in {"true", "1"}


def _require_for(visitor: Visitor, action: str, id: UUID) -> None:
    visitor.principal.require_some(action, visitor.book)
    entities = journal.proposed(visitor.store, visitor.book.code, id).entities
    visitor.principal.require(action, visitor.book, entities)


def _annotations(connection: Connection, book_id: int, id: UUID) -> list[dict[str, Any]]:
    """Read the metadata that were added to a transaction later, in order."""
    added = tables.annotations.c
    chosen = select(added.seq, added.metadata).where(
        added.book_id == book_id, added.transaction_id == id
    )
    rows = connection.execute(chosen.order_by(added.seq))
    return [{"seq": row.seq, "metadata": json.loads(row.metadata)} for row in rows]


def _single(outcome: Outcome, response: Response) -> OutcomeOut:
    if outcome.error is not None:
        raise outcome.error
    response.status_code = STATUS[outcome.status]
    return _out(outcome, EN)


def _out(outcome: Outcome, locale: str) -> OutcomeOut:
    said = None if outcome.error is None else problems.problem(outcome.error, locale)
    return OutcomeOut(status=outcome.status, id=outcome.id, seq=outcome.seq, problem=said)
