"""Holdings: who holds which right, in which state, by vintage."""

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import Connection

from ledger.balances import balances
from ledger.core.book import Book
from ledger.statements.statement import Column, Label, Row, Statement

COLUMNS = (
    Column("commodity", Label("权利", "Right")),
    Column("unit", Label("单位", "Unit")),
    Column("account", Label("登记账户", "Registry account")),
    Column("quantity", Label("数量", "Quantity"), "@commodity", align="right"),
)


def holdings(
    connection: Connection,
    book: Book,
    *,
    account: str | None = None,
    as_of: dt.date | None = None,
    known_at: int | None = None,
) -> Statement:
    """List the non-zero registry balances, right by right."""

    def rows() -> Iterator[Row]:
        found = balances(connection, book, as_of=as_of, known_at=known_at, account=account)
        rights = [each for each in found if each.account.basis == "registry" and each.normal.quanta]
        for each in sorted(rights, key=lambda it: (it.commodity.code, it.account.code)):
            yield (
                each.commodity.code, each.commodity.unit, each.account.code, each.normal.value
            )  # fmt: skip

    return Statement(Label("权利持有表", "Holdings of rights"), COLUMNS, rows())
