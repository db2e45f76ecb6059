"""Transactions: post, prepare, approve, reject, reverse, read."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from api import auth, problems
from api.caller import BodyBytes, BookVisitor, Visitor
from api.wire import read_json, read_object, transaction_json
from ledger import journal
from ledger.balances import commodities
from ledger.core import body as bodies
from ledger.core.body import Body
from ledger.core.errors import DomainError
from ledger.core.record import Transaction
from ledger.core.refusals import Malformed
from ledger.core.state import DONE, HELD, POSTED, REFUSED, REPLAYED, Outcome
from ledger.store import tables
from ledger.store.log import read_log

router = APIRouter(prefix="/v1/books/{book}", tags=["transactions"], responses=problems.DOCUMENTED)
LIST_MAX, PAGE_MAX, BODY_MAX = 8_000, 500, 8 << 20
STATUS = {POSTED: 201, REPLAYED: 200, HELD: 202, DONE: 200}
AMOUNT = r"^[+-]?[0-9]{1,30}(\.[0-9]{1,30})?$"


class PostingIn(BaseModel):
    """A line: a debit-positive decimal string, and perhaps the column it stands in."""

    model_config = ConfigDict(extra="forbid")
    account: str = Field(min_length=1, max_length=120)
    commodity: str = Field(min_length=1, max_length=120)
    amount: str = Field(pattern=AMOUNT)
    side: str | None = Field(default=None, pattern="^(debit|credit)$")


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
    postings: list[PostingIn] = Field(min_length=1, max_length=10_000)


class OutcomeOut(BaseModel):
    """What became of a transaction: posted, replayed, held for a second person, or refused."""

    status: str
    id: UUID | None
    seq: int | None
    problem: dict[str, Any] | None = None


class ReversalIn(BaseModel):
    """When and why a transaction is taken back."""

    model_config = ConfigDict(extra="forbid")
    on: dt.date
    narrative: str = Field(max_length=2_000)


class RejectionIn(BaseModel):
    """Why a proposal is turned down."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=2_000)


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
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        TransactionIn.model_json_schema(
                            ref_template="#/components/schemas/{model}"
                        ),
                        {"type": "array", "maxItems": LIST_MAX, "items": {"type": "object"}},
                    ]
                }
            }
        },
    }
}


@router.post("/transactions", response_model=None, openapi_extra=SENT)
def post_transactions(
    visitor: BookVisitor,
    sent: BodyBytes,
    request: Request,
    response: Response,
    idempotency_key: Annotated[str | None, Header()] = None,
    atomic: Annotated[bool, Query(description="All of a list, or nothing of it.")] = False,
) -> OutcomeOut | dict[str, list[OutcomeOut]]:
    """Post one transaction (201 posted, 200 replayed, 202 waits for approval) or a list.

    Of a list every item has its own outcome. Needs ``finance.preparer`` or ``registrar`` on the
    book, or on every entity the transaction touches.
    """
    given = read_json(sent, BODY_MAX)
    locale = problems.locale_of(request)
    if isinstance(given, list):
        return {"results": [_out(each, locale) for each in _post_list(visitor, given, atomic)]}
    body = _body(visitor, given)
    if idempotency_key is not None and idempotency_key.lower() != str(body.id):
        raise Malformed("Idempotency-Key", "is not the id of the transaction")
    (outcome,) = _posted(visitor, [body], atomic=True)
    return _single(outcome, response)


@router.get("/transactions")
def list_transactions(
    visitor: BookVisitor,
    cursor: Annotated[int, Query(ge=0, description="The record after which to go on.")] = 0,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
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
    entities = {line.account.partition(":")[0] for line in record.postings}
    visitor.principal.require(auth.READ, visitor.book, entities)
    with visitor.store.reading() as connection:
        return transaction_json(visitor.book, entry, record, commodities(connection))


@router.post("/transactions/{id}/approve", status_code=201)
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


@router.post("/transactions/{id}/reverse", status_code=201)
def reverse(id: UUID, reversal: ReversalIn, visitor: BookVisitor, response: Response) -> OutcomeOut:
    """Take a transaction back by its mirror (of a dual kind: propose it). Needs a preparer."""
    visitor.principal.require_some(auth.POST, visitor.book)
    _, record = journal.find(visitor.store, visitor.book.code, id)
    entities = {line.account.partition(":")[0] for line in record.postings}
    visitor.principal.require(auth.POST, visitor.book, entities)
    outcome = journal.reverse(
        visitor.store, visitor.book.code, id, actor=visitor.principal.user_id,
        on=reversal.on, narrative=reversal.narrative,
    )  # fmt: skip
    return _single(outcome, response)


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


def _body(visitor: Visitor, given: object) -> Body:
    if not isinstance(given, dict):
        raise Malformed("body", "is neither an object nor a list of objects")
    body = bodies.read({"book": visitor.book.code, **given})
    visitor.principal.require(auth.POST, visitor.book, body.entities)
    return body


def _post_list(visitor: Visitor, given: list[object], atomic: bool) -> list[Outcome]:
    if not 0 < len(given) <= LIST_MAX:
        raise Malformed("body", f"a list holds 1 to {LIST_MAX} transactions")
    read: list[Body | DomainError] = []
    for each in given:
        try:
            read.append(_body(visitor, each))
        except DomainError as refusal:
            if atomic:
                raise
            read.append(refusal)
    whole = [each for each in read if isinstance(each, Body)]
    posted = iter(_posted(visitor, whole, atomic=atomic))
    return [
        Outcome(REFUSED, None, None, each) if isinstance(each, DomainError) else next(posted)
        for each in read
    ]


def _posted(visitor: Visitor, sent: list[Body], *, atomic: bool) -> list[Outcome]:
    actor = visitor.principal.user_id
    return journal.post_bodies(visitor.store, visitor.book.code, sent, actor=actor, atomic=atomic)


def _require_for(visitor: Visitor, action: str, id: UUID) -> None:
    visitor.principal.require_some(action, visitor.book)
    entities = journal.proposed(visitor.store, visitor.book.code, id).entities
    visitor.principal.require(action, visitor.book, entities)


def _single(outcome: Outcome, response: Response) -> OutcomeOut:
    if outcome.error is not None:
        raise outcome.error
    response.status_code = STATUS[outcome.status]
    return _out(outcome, "en")


def _out(outcome: Outcome, locale: str) -> OutcomeOut:
    said = None if outcome.error is None else problems.problem(outcome.error, locale)
    return OutcomeOut(status=outcome.status, id=outcome.id, seq=outcome.seq, problem=said)
