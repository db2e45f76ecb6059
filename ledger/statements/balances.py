"""Balances by account: what each holds of each commodity, seen from its normal side."""

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import Connection

from ledger.balances import balances
from ledger.core.account import Side
from ledger.core.amount import Amount
from ledger.core.book import Book
from ledger.statements.statement import Column, Label, Row, Statement

SIDES = {Side.DEBIT: "借", Side.CREDIT: "贷"}
COLUMNS = (
    Column("account", Label("科目", "Account")),
    Column("basis", Label("核算基础", "Basis")),
    Column("commodity", Label("币种或计量单位", "Commodity")),
    Column("debits", Label("借方发生额", "Debits"), "@commodity", align="right"),
    Column("credits", Label("贷方发生额", "Credits"), "@commodity", align="right"),
    Column("normal", Label("余额方向", "Normal side")),
    Column("balance", Label("余额", "Balance"), "@commodity", align="right"),
)


def account_balances(
    connection: Connection,
    book: Book,
    *,
    account: str | None = None,
    as_of: dt.date | None = None,
    known_at: int | None = None,
) -> Statement:
    """List balances by account code, of the day ``as_of``, as known at a record."""

    def rows() -> Iterator[Row]:
        found = balances(connection, book, as_of=as_of, known_at=known_at, account=account)
        for each in found:
            yield (
                each.account.code, each.account.basis, each.commodity.code,
                Amount(each.debits, each.commodity).value,
                Amount(each.credits, each.commodity).value,
                SIDES[each.account.normal], each.normal.value,
            )  # fmt: skip

    return Statement(Label("科目余额表", "Account balances"), COLUMNS, rows())
