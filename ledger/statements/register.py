"""The register: every posting of the accounts chosen, in booking order, with the balance after."""

import datetime as dt
from collections.abc import Iterator
from functools import partial

from sqlalchemy import Connection

from ledger.balances import Chosen, RegisterLine, register
from ledger.core.account import Side
from ledger.core.book import Book
from ledger.statements.register_copy import can_copy, copied
from ledger.statements.statement import Column, Label, Row, Statement

COLUMNS = (
    Column("seq", Label("序号", "Record"), align="right"),
    Column("effective_on", Label("日期", "Date")),
    Column("kind", Label("类型", "Kind")),
    Column("narrative", Label("摘要", "Narrative")),
    Column("reference", Label("凭证号", "Reference")),
    Column("account", Label("科目", "Account")),
    Column("commodity", Label("币种或计量单位", "Commodity")),
    Column("debit", Label("借方", "Debit"), "@commodity", align="right"),
    Column("credit", Label("贷方", "Credit"), "@commodity", align="right"),
    Column("after", Label("借方余额", "Balance after"), "@commodity", align="right"),
    Column("id", Label("交易号", "Transaction")),
)


def account_register(
    connection: Connection,
    book: Book,
    *,
    account: str | None = None,
    commodity: str | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    known_at: int | None = None,
) -> Statement:
    """Stream the postings of an account and those below it, a commodity, or a span of days."""

    def rows() -> Iterator[Row]:
        for each in register(
            connection, book, account=account, commodity=commodity, since=since, until=until,
            known_at=known_at,
        ):  # fmt: skip
            yield _row(each)

    chosen = Chosen(account, commodity, since, until, known_at)
    as_csv = partial(copied, connection, book, chosen) if can_copy(connection) else None
    return Statement(Label("明细账", "Register"), COLUMNS, rows(), as_csv=as_csv)


def _row(each: RegisterLine) -> Row:
    column = each.amount.value if each.side is Side.DEBIT else (-each.amount).value
    debit, credit = (column, None) if each.side is Side.DEBIT else (None, column)
    return (
        each.seq, each.effective_on, each.kind, each.narrative, each.reference, each.account,
        each.commodity.code, debit, credit, each.after.value, each.id,
    )  # fmt: skip
