"""Accounts and their balances, as far as the caller may see them."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api import auth, bounds, problems
from api.caller import BookVisitor
from api.parameters import SEQ_MAX
from ledger import balances as reads
from ledger.core.account import Account, Bound
from ledger.core.amount import decimal_of
from ledger.core.refusals import Malformed, NotPermitted
from ledger.proof.export import account_fields

router = APIRouter(prefix="/v1/books/{book}", tags=["accounts"], responses=problems.DOCUMENTED)
Path_ = Annotated[str | None, Query(description="An account, with those below it.")]


class AccountOut(BaseModel):
    """An account; its party by id only."""

    no: int
    code: str
    class_: str
    normal: str
    entity: str
    basis: str
    party: str | None
    kinds: list[str]
    bounds: list[dict[str, str | None]]
    always_zero_days: int | None
    state: str


class BoundIn(BaseModel):
    """Floor and ceiling on the normal side, in units, of one commodity or (``*``) of each."""

    model_config = ConfigDict(extra="forbid")
    commodity: str = Field(pattern=r"^(\*|[A-Z][A-Z0-9.-]{0,23})$")
    floor: str | None = None
    ceiling: str | None = None


class ChangeIn(BaseModel):
    """What changes; what is not stated stays. ``bounds`` are stated whole."""

    model_config = ConfigDict(extra="forbid")
    state: str | None = Field(default=None, pattern="^(open|frozen|closed)$")
    bounds: list[BoundIn] | None = Field(default=None, max_length=1_000)


class ChangedOut(BaseModel):
    """The record of the change; none where the account stood so already."""

    status: str
    seq: int | None


class BalanceOut(BaseModel):
    """A balance; amounts are decimal strings, ``balance`` is debit-positive."""

    account: str
    commodity: str
    unit: str
    debits: str
    credits: str
    balance: str
    normal: str


@router.get("/accounts")
def list_accounts(visitor: BookVisitor) -> list[AccountOut]:
    """List the accounts the caller may read. Any role; traders and lenders see their own."""
    visitor.principal.require_some_read(visitor.book)
    with visitor.store.reading() as connection:
        found = reads.accounts(connection, visitor.book)
        return [_out(each) for each in found if visitor.principal.may_read(visitor.book, each)]


@router.get("/accounts/{code}")
def get_account(code: str, visitor: BookVisitor) -> AccountOut:
    """Return one account. Whoever may read it."""
    visitor.principal.require_some_read(visitor.book)
    with visitor.store.reading() as connection:
        account = reads.account(connection, visitor.book, code)
    if not visitor.principal.may_read(visitor.book, account):
        raise NotPermitted(auth.READ, code)
    return _out(account)


@router.post("/accounts/{code}/change")
def change_account(code: str, wanted: ChangeIn, visitor: BookVisitor) -> ChangedOut:
    """Give an account a state, or all its bounds. Needs registrar or approver of its entity."""
    visitor.principal.require(auth.CHANGE, visitor.book, {code.partition(":")[0]})
    known = bounds.known_account(visitor.store, visitor.book, code)
    stated = None if wanted.bounds is None else [
        Bound(each.commodity, _limit(each.floor, "floor"), _limit(each.ceiling, "ceiling"))
        for each in sorted(wanted.bounds, key=lambda each: each.commodity)
    ]  # fmt: skip
    if stated is not None and len({each.commodity for each in stated}) < len(stated):
        raise Malformed("bounds", "name a commodity twice")
    actor = visitor.principal.user_id
    outcome = bounds.change(
        visitor.store, visitor.book, known, actor=actor, state=wanted.state, bounds=stated
    )
    return ChangedOut(status=outcome.status, seq=outcome.seq)


@router.get("/balances")
def list_balances(
    visitor: BookVisitor,
    account: Path_ = None,
    as_of: Annotated[dt.date | None, Query(description="The books of this day.")] = None,
    known_at: Annotated[
        int | None, Query(ge=0, le=SEQ_MAX, description="As known at a record.")
    ] = None,
) -> list[BalanceOut]:
    """List balances the caller may read. Any role; traders and lenders see their own."""
    visitor.principal.require_some_read(visitor.book)
    with visitor.store.reading() as connection:
        found = reads.balances(
            connection, visitor.book, as_of=as_of, known_at=known_at, account=account
        )
        return [
            _balance(each)
            for each in found
            if visitor.principal.may_read(visitor.book, each.account)
        ]


def _limit(text: str | None, at: str) -> Decimal | None:
    return None if text is None else decimal_of(text, at)


def _out(account: Account) -> AccountOut:
    fields: dict[str, Any] = account_fields(account)
    fields["class_"] = fields.pop("class")
    return AccountOut(**fields)


def _balance(each: reads.AccountBalance) -> BalanceOut:
    amount = type(each.balance)
    return BalanceOut(
        account=each.account.code,
        commodity=each.commodity.code,
        unit=each.commodity.unit,
        debits=str(amount(each.debits, each.commodity)),
        credits=str(amount(each.credits, each.commodity)),
        balance=str(each.balance),
        normal=str(each.normal),
    )
