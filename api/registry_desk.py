"""The registry's desk over HTTP: one form of event for three resources, and who may see what."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from itertools import groupby, islice
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api import auth
from api.caller import Visitor
from api.wire import read_object
from ledger import balances as reads
from ledger.core.account import Account
from ledger.core.amount import Amount, Commodity
from ledger.core.refusals import Malformed
from ledger.core.state import HELD, POSTED, REPLAYED
from ledger.rights import desk
from ledger.rights.event import EVENT_DIGEST, read
from ledger.rights.loading import lines_of
from ledger.rights.registry import PLEDGED, Registry, holder_of, place_of
from ledger.store import tables

EVENT_MAX = 64 << 10
PLEDGED_DEPTH = 4
STATUS = {POSTED: 201, REPLAYED: 200, HELD: 202}
TEXT = Field(default=None, max_length=2_000)
NAME = Field(default=None, max_length=40)
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Replayed: posted before, told the same."},
    202: {"description": "Waits for a second person."},
}


class EventIn(BaseModel):
    """A registry event; which fields it needs, `gep right events` lists. Amounts are strings."""

    model_config = ConfigDict(extra="forbid")
    id: UUID
    event: str = Field(max_length=40)
    on: dt.date
    registry: str = Field(max_length=40)
    right: str | None = Field(default=None, max_length=40)
    years: str | None = Field(default=None, max_length=9)
    amount: str | None = Field(default=None, max_length=64)
    holder: str | None = NAME
    to: str | None = NAME
    pool: str | None = NAME
    lender: str | None = NAME
    year: str | None = NAME
    into: str | None = NAME
    share: str | None = Field(default=None, max_length=64)
    original: UUID | None = None
    money: str | None = Field(default=None, max_length=64)
    debt: str | None = Field(default=None, max_length=64)
    clearing: str | None = NAME
    beneficiary: str | None = TEXT
    reason: str | None = TEXT
    consent: str | None = TEXT
    serials: str | None = TEXT
    narrative: str | None = TEXT
    reference: str | None = Field(default=None, max_length=120)
    metadata: dict[str, str] | None = None


SENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": EventIn.model_json_schema()}},
    }
}


class EnteredOut(BaseModel):
    """What became of an event; a second person approves at ``transactions/{id}/approve``."""

    id: UUID
    status: str
    seq: int | None


class Chosen(NamedTuple):
    """Which transactions a page holds: of some kinds, after a record, so many."""

    kinds: tuple[str, ...]
    cursor: int
    limit: int


class Page(BaseModel):
    """A page of transactions and the link to the next; amounts are debit-positive strings."""

    items: list[dict[str, Any]]
    next: str | None


def enter(visitor: Visitor, sent: bytes, response: Response, events: Iterable[str]) -> EnteredOut:
    """Enter an event of this resource for who keeps the registry, or refuse it."""
    visitor.principal.require_some(auth.KEEP_REGISTRY, visitor.book)
    event = read(read_object(sent, EVENT_MAX))
    if event.name not in events:
        raise Malformed("event", f"is none of {', '.join(events)}")
    visitor.principal.require(auth.KEEP_REGISTRY, visitor.book, event.entities)
    touched = desk.entities_of(visitor.store, visitor.book.code, event)
    visitor.principal.require(auth.KEEP_REGISTRY, visitor.book, touched)
    actor = visitor.principal.user_id
    outcome = desk.post(visitor.store, visitor.book.code, event, actor=actor)
    response.status_code = STATUS[outcome.status]
    return EnteredOut(id=event.id, status=outcome.status, seq=outcome.seq)


def accounts(connection: Connection, visitor: Visitor) -> dict[str, Account]:
    """Return the accounts of registries that the caller may see, by code.

    A lender who has an account in the registry sees, besides its own, what is pledged to it.
    """
    known = {each.code: each for each in reads.accounts(connection, visitor.book)}
    return {code: each for code, each in known.items() if _may_see(visitor, each, known)}


def page(
    connection: Connection, visitor: Visitor, resource: str, chosen: Chosen, places: Iterable[str]
) -> Page:
    """Return a page of transactions with the lines in these places that the caller may see."""
    seen, wanted, made = accounts(connection, visitor), set(places), tables.transactions.c
    counted = reads.commodities(connection)
    narrowed = (made.seq > chosen.cursor) & made.kind.in_(chosen.kinds)
    lines = (
        row
        for row in lines_of(connection, visitor.book, narrowed)
        if row.code in seen and place_of(row.code) in wanted
    )
    found = (
        _transaction(list(group), counted) for _, group in groupby(lines, key=lambda row: row.seq)
    )
    shown = list(islice(found, chosen.limit + 1))
    if len(shown) <= chosen.limit:
        return Page(items=shown, next=None)
    path = f"/v1/books/{visitor.book.code}/{resource}"
    after = shown[chosen.limit - 1]["seq"]
    return Page(items=shown[:-1], next=f"{path}?cursor={after}&limit={chosen.limit}")


def _may_see(visitor: Visitor, account: Account, known: Mapping[str, Account]) -> bool:
    if visitor.principal.may_read(visitor.book, account):
        return True
    entity, *path = account.code.split(":")
    if len(path) != PLEDGED_DEPTH or path[2] != PLEDGED:
        return False
    lender = known.get(Registry(entity).holding(path[3]).code)
    return lender is not None and visitor.principal.may_read(visitor.book, lender)


def _transaction(rows: list[Any], counted: Mapping[str, Commodity]) -> dict[str, Any]:
    first = rows[0]
    said = json.loads(first.metadata)
    said.pop(EVENT_DIGEST, None)
    return {
        "id": str(first.id), "seq": first.seq, "on": first.effective_on.isoformat(),
        "event": first.kind, "narrative": first.narrative, "reference": first.reference,
        "reverses": first.reverses and str(first.reverses), "metadata": said,
        "lines": [
            {
                "account": row.code, "holder": holder_of(row.code) or None,
                "right": row.commodity, "unit": counted[row.commodity].unit,
                "amount": str(Amount(row.signed, counted[row.commodity])),
            }
            for row in rows
        ],
    }  # fmt: skip
