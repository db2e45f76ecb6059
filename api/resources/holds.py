"""Holds: placed, read, voided one by one or as a group; traders those on their own accounts."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Connection, and_, exists, false, or_, select, true

from api import auth, problems
from api.auth import Principal
from api.caller import BODY_MAX, BodyBytes, BookVisitor, Visitor
from api.parameters import Cursor, Limit
from api.wire import read_object
from ledger.balances import commodities
from ledger.core import body as bodies
from ledger.core.account import Account, Side
from ledger.core.amount import Amount
from ledger.core.book import Book
from ledger.core.command import Command, Item, Place, Release, ReleaseGroup, Take
from ledger.core.hold import APPROVAL
from ledger.core.hold_refusals import UnknownHold
from ledger.core.refusals import NotPermitted
from ledger.core.state import DONE, HELD, Outcome
from ledger.proof.export import instant
from ledger.store import tables
from ledger.store.load import rows_where
from ledger.store.rows import account_of
from ledger.writer import submit

router = APIRouter(prefix="/v1/books/{book}", tags=["holds"], responses=problems.DOCUMENTED)
STATES = "^(pending|consumed|voided|expired)$"


class HoldLineIn(BaseModel):
    """What one line reserves: never negative, on one side."""

    model_config = ConfigDict(extra="forbid")
    account: str
    commodity: str
    amount: str = Field(pattern=r"^\+?[0-9]{1,30}(\.[0-9]{1,30})?$")
    side: str = Field(pattern="^(debit|credit)$")


class HoldIn(BaseModel):
    """A hold as it is sent."""

    model_config = ConfigDict(extra="forbid")
    book: str | None = None
    id: UUID
    kind: str | None = None
    reference: str | None = None
    group: UUID | None = None
    deadline: str | None = Field(default=None, description="An instant in UTC, with a Z.")
    lines: list[HoldLineIn] = Field(min_length=1, max_length=10_000)


class ConsumptionIn(BaseModel):
    """What is taken of one line (from 1) of a hold; ``final`` lets its remainder go."""

    model_config = ConfigDict(extra="forbid")
    hold: UUID
    line: int = Field(ge=1, le=10_000)
    amount: str = Field(pattern=r"^\+?[0-9]{1,30}(\.[0-9]{1,30})?$")
    final: bool | None = None


class ConsumeIn(BaseModel):
    """What is taken of holds without a posting, as it is sent."""

    model_config = ConfigDict(extra="forbid")
    book: str | None = None
    id: UUID
    consumes: list[ConsumptionIn] = Field(min_length=1, max_length=10_000)


class HoldLineOut(BaseModel):
    """What a line reserved, and what of it is left."""

    account: str
    commodity: str
    side: str
    amount: str
    remaining: str


class HoldOut(BaseModel):
    """A hold as it stands."""

    id: UUID
    seq: int
    kind: str
    reference: str
    group: UUID | None
    deadline: str | None
    state: str
    settled_seq: int | None
    preparer: UUID | None
    lines: list[HoldLineOut]


class HoldsOut(BaseModel):
    """A page of holds and the link to the next."""

    items: list[HoldOut]
    next: str | None


class DoneOut(BaseModel):
    """What became of it: held, replayed or done, and the record that says so."""

    status: str
    id: UUID | None
    seq: int | None


class VoidIn(BaseModel):
    """Why a hold is given up."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=2_000)


def _sent(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


REPLAYED_TOO: dict[int | str, dict[str, Any]] = {
    200: {"model": DoneOut, "description": "Replayed."}
}


@router.post("/holds", status_code=201, responses=REPLAYED_TOO, openapi_extra=_sent(HoldIn))
def place(visitor: BookVisitor, sent: BodyBytes, response: Response) -> DoneOut:
    """Reserve all lines together (201 held, 200 replayed).

    Traders: on accounts of their own party. Else ``finance.preparer`` or ``registrar`` on the
    book, or on every entity the hold touches.
    """
    _require_some(visitor)
    body = bodies.read_hold({"book": visitor.book.code, **read_object(sent, BODY_MAX)})
    with visitor.store.reading() as connection:
        named = {line.account for line in body.lines}
        found = _accounts(connection, visitor.book, "code", named)
        members = _of_group(connection, visitor.book, body.group)
    _may_hold(visitor, {code: found.get(code) for code in named} | members)
    outcome = _submitted(visitor, Place(body))
    response.status_code = 201 if outcome.status == HELD else 200
    return _done(outcome)


@router.get("/holds")
def list_holds(
    visitor: BookVisitor,
    state: Annotated[str | None, Query(pattern=STATES, description="Only these.")] = None,
    cursor: Cursor = 0,
    limit: Limit = 50,
) -> HoldsOut:
    """List holds in booking order, of which the caller may read every line. Any role that reads."""
    visitor.principal.require_some_read(visitor.book)
    at = tables.hold_states.c
    wanted = [at.seq > cursor, *([at.state == state] if state else [])]
    with visitor.store.reading() as connection:
        items = _read(connection, visitor, wanted, limit + 1)
    if len(items) <= limit:
        return HoldsOut(items=items, next=None)
    asked = f"cursor={items[limit - 1].seq}&limit={limit}" + (f"&state={state}" if state else "")
    return HoldsOut(items=items[:limit], next=f"/v1/books/{visitor.book.code}/holds?{asked}")


@router.get("/holds/{id}")
def get_hold(id: UUID, visitor: BookVisitor) -> HoldOut:
    """Return one hold. Whoever may read the accounts of all its lines; to others it is unknown."""
    visitor.principal.require_some_read(visitor.book)
    with visitor.store.reading() as connection:
        found = _read(connection, visitor, [tables.hold_states.c.id == id], 1)
    if not found:
        raise UnknownHold(str(id))
    return found[0]


@router.post(
    "/holds/consume", status_code=201, responses=REPLAYED_TOO, openapi_extra=_sent(ConsumeIn)
)
def consume(visitor: BookVisitor, sent: BodyBytes, response: Response) -> DoneOut:
    """Take up quanta of holds without a posting (201 done, 200 replayed).

    Whoever might have placed each of the holds; to those who may not see one, it is unknown.
    """
    _require_some(visitor)
    body = bodies.read_consume({"book": visitor.book.code, **read_object(sent, BODY_MAX)})
    wanted = {each.hold for each in body.consumes}
    with visitor.store.reading() as connection:
        known = _read(connection, visitor, [tables.hold_states.c.id.in_(wanted)], len(wanted))
        named = {line.account for each in known for line in each.lines}
        found = _accounts(connection, visitor.book, "code", named)
    missing = wanted - {each.id for each in known}
    if missing and not _posts_everywhere(visitor):
        raise UnknownHold(min(map(str, missing)))
    _may_hold(visitor, found)
    outcome = _submitted(visitor, Take(body))
    response.status_code = 201 if outcome.status == DONE else 200
    return _done(outcome)


@router.post("/holds/{id}/void")
def void(id: UUID, said: VoidIn, visitor: BookVisitor) -> DoneOut:
    """Give up a hold. Whoever might have placed it; to those who may not see it, it is unknown."""
    _require_some(visitor)
    with visitor.store.reading() as connection:
        known = _read(connection, visitor, [tables.hold_states.c.id == id], 1)
        named = {line.account for each in known for line in each.lines}
        found = _accounts(connection, visitor.book, "code", named)
    if not known:
        raise UnknownHold(str(id))
    _may_hold(visitor, found)
    return _done(_submitted(visitor, Release(id, said.reason)))


@router.post("/hold-groups/{id}/void")
def void_group(id: UUID, said: VoidIn, visitor: BookVisitor) -> DoneOut:
    """Give up all holds of a group. Whoever might have placed every one of them."""
    _require_some(visitor)
    with visitor.store.reading() as connection:
        members = _of_group(connection, visitor.book, id)
    _may_hold(visitor, members)
    return _done(_submitted(visitor, ReleaseGroup(id, said.reason)))


def _require_some(visitor: Visitor) -> None:
    grants = visitor.principal.grants
    if not any(
        grant.allows(action, visitor.book) for grant in grants
        for action in (auth.POST, auth.HOLD_OWN)
    ):  # fmt: skip
        raise NotPermitted(auth.POST, visitor.book.code)


def _posts_everywhere(visitor: Visitor) -> bool:
    return any(
        grant.allows(auth.POST, visitor.book) and grant.entity is None and grant.party is None
        for grant in visitor.principal.grants
    )


def _may_hold(visitor: Visitor, touched: Mapping[str, Account | None]) -> None:
    """Refuse unless the visitor may reserve of every account.

    Which accounts exist is told only to whoever may post in their entity.
    """
    principal, book = visitor.principal, visitor.book
    for code, account in touched.items():
        if account is None or not principal.may_hold(book, account):
            principal.require(auth.POST, book, {code.partition(":")[0]})


def _submitted(visitor: Visitor, item: Item) -> Outcome:
    command = Command((item,), visitor.principal.user_id)
    (outcome,) = submit(visitor.store, visitor.book.code, command)
    if outcome.error is not None:
        raise outcome.error
    return outcome


def _done(outcome: Outcome) -> DoneOut:
    return DoneOut(status=outcome.status, id=outcome.id, seq=outcome.seq)


def _accounts(
    connection: Connection, book: Book, column: str, named: Iterable[object]
) -> dict[Any, Account]:
    rows = rows_where(connection, tables.accounts, book.id, column, named)
    return {row[column]: account_of(row, row["no"]) for row in rows}


def _of_group(connection: Connection, book: Book, group: UUID | None) -> dict[str, Account]:
    """Return the accounts of all holds of a group, by code."""
    if group is None:
        return {}
    line, at = tables.hold_lines.c, tables.hold_states.c
    chosen = (
        select(line.account_no)
        .join(tables.hold_states, (at.book_id == line.book_id) & (at.seq == line.seq))
        .where(at.book_id == book.id, at.group_id == group)
        .distinct()
    )
    numbers = connection.execute(chosen).scalars().all()
    return {each.code: each for each in _accounts(connection, book, "no", numbers).values()}


def _read(
    connection: Connection, visitor: Visitor, wanted: Sequence[ColumnElement[bool]], limit: int
) -> list[HoldOut]:
    """Read holds of which the visitor may read every line."""
    book, made, at = visitor.book, tables.holds.c, tables.hold_states.c
    chosen = (
        select(tables.hold_states, made.reference, made.preparer)
        .join(tables.holds, (made.book_id == at.book_id) & (made.seq == at.seq))
        .where(at.book_id == book.id, at.kind != APPROVAL, *wanted)
        .where(~_beyond(visitor.principal, book))
        .order_by(at.seq)
        .limit(limit)
    )
    rows = connection.execute(chosen).mappings().all()
    lines: dict[int, list[Any]] = defaultdict(list)
    seqs = [row["seq"] for row in rows]
    for each in rows_where(connection, tables.hold_lines, book.id, "seq", seqs):
        lines[each["seq"]].append(each)
    numbers = {line["account_no"] for group in lines.values() for line in group}
    accounts, counted = _accounts(connection, book, "no", numbers), commodities(connection)
    return [_hold(row, lines[row["seq"]], accounts, counted) for row in rows]


def _beyond(principal: Principal, book: Book) -> ColumnElement[bool]:
    """Whether a hold has a line on an account that the principal may not read."""
    at, line, account = tables.hold_states.c, tables.hold_lines.c, tables.accounts.c
    covered = or_(false(), *(
        and_(
            true() if grant.entity is None else account.entity == grant.entity,
            true() if grant.party is None else account.party == grant.party,
        )
        for grant in principal.grants
        if grant.allows(auth.READ, book)
        or (grant.allows(auth.READ_OWN, book) and grant.party is not None)
    ))  # fmt: skip
    on = (account.book_id == line.book_id) & (account.no == line.account_no)
    beyond = select(line.line).join(tables.accounts, on)
    return exists(
        beyond.where(line.book_id == at.book_id, line.seq == at.seq, covered.is_not(true()))
    )


def _hold(row: Any, lines: list[Any], accounts: dict[Any, Account], counted: Any) -> HoldOut:
    ordered = sorted(lines, key=lambda line: line["line"])
    remaining = json.loads(row["remaining"])
    return HoldOut(
        id=row["id"], seq=row["seq"], kind=row["kind"], reference=row["reference"],
        group=row["group_id"], state=row["state"], settled_seq=row["settled_seq"],
        deadline=None if row["deadline_us"] is None else instant(row["deadline_us"]),
        preparer=row["preparer"],
        lines=[
            HoldLineOut(
                account=accounts[line["account_no"]].code, commodity=line["commodity"],
                side=Side(line["side"]).name.lower(),
                amount=str(Amount(line["quanta"], counted[line["commodity"]])),
                remaining=str(Amount(left, counted[line["commodity"]])),
            )
            for line, left in zip(ordered, remaining, strict=True)
        ],
    )  # fmt: skip
