"""The trial balance: debits and credits per entity, basis and commodity; they do not differ."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import Connection

from ledger.balances import balances
from ledger.core.amount import Amount, Commodity
from ledger.core.book import Book
from ledger.statements.statement import Column, Label, Row, Statement

COLUMNS = (
    Column("entity", Label("会计主体", "Entity")),
    Column("basis", Label("核算基础", "Basis")),
    Column("commodity", Label("币种或计量单位", "Commodity")),
    Column("debits", Label("借方", "Debits"), "@commodity", align="right"),
    Column("credits", Label("贷方", "Credits"), "@commodity", align="right"),
    Column("difference", Label("差额", "Difference"), "@commodity", align="right"),
)


def trial_balance(
    connection: Connection,
    book: Book,
    *,
    as_of: dt.date | None = None,
    known_at: int | None = None,
) -> Statement:
    """Add up the turnover of every account, of the day ``as_of``, as known at a record."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    counted: dict[str, Commodity] = {}
    for each in balances(connection, book, as_of=as_of, known_at=known_at):
        key = (each.account.entity, each.account.basis, each.commodity.code)
        counted[each.commodity.code] = each.commodity
        total = sums.setdefault(key, [0, 0])
        total[0] += each.debits
        total[1] += each.credits
    rows = [
        (*key, *_values(debits, credits, counted[key[2]]))
        for key, (debits, credits) in sorted(sums.items())
    ]
    return Statement(Label("试算平衡表", "Trial balance"), COLUMNS, _typed(rows))


def _values(debits: int, credits: int, commodity: Commodity) -> tuple[Decimal, Decimal, Decimal]:
    return (
        Amount(debits, commodity).value,
        Amount(credits, commodity).value,
        Amount(debits - credits, commodity).value,
    )


def _typed(rows: list[tuple[str, str, str, Decimal, Decimal, Decimal]]) -> list[Row]:
    return [tuple(row) for row in rows]
