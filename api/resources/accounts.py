"""Accounts and their balances, as far as the caller may see them."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api import auth, problems
from api.caller import BookVisitor
from ledger import balances as reads
from ledger.core.account import Account
from ledger.core.refusals import NotPermitted
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


@router.get("/balances")
def list_balances(
    visitor: BookVisitor,
    account: Path_ = None,
    as_of: Annotated[dt.date | None, Query(description="The books of this day.")] = None,
    known_at: Annotated[int | None, Query(ge=0, description="As known at a record.")] = None,
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
