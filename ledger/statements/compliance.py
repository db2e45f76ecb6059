"""Compliance of every operator and year: owed, cleared, offset, cut, and how it stands on a day."""

import datetime as dt

from sqlalchemy import Connection, select

from ledger.core.book import Book
from ledger.rights.compliance import compliances
from ledger.statements.statement import Column, Label, Statement
from ledger.store import tables

SUMS = (
    ("verified", Label("核定排放", "Verified")), ("cleared", Label("已清缴", "Cleared")),
    ("offset", Label("其中抵销", "of which offset")), ("cut", Label("已核减", "Cut")),
    ("excess", Label("多缴", "In excess")), ("owed", Label("应缴未缴", "Owed")),
)  # fmt: skip
COLUMNS = (
    Column("registry", Label("登记机构", "Registry")),
    Column("operator", Label("重点排放单位", "Operator")),
    Column("year", Label("年度", "Year")),
    Column("status", Label("履约状态", "Status")),
    Column("deadline", Label("清缴期限", "Deadline")),
    *(Column(key, label, "t.CO2", align="right") for key, label in SUMS),
)


def compliance(
    connection: Connection,
    book: Book,
    *,
    account: str | None = None,
    as_of: dt.date | None = None,
) -> Statement:
    """List every operator and year, of the book or of one registry, on a day or the latest."""
    on = as_of or _latest_day(connection, book)
    rows = [
        (each.registry, each.operator, each.year, each.status, each.deadline,
         *(getattr(each, key).value for key, _ in SUMS))
        for each in compliances(connection, book, on)
        if account in {None, each.registry}
    ]  # fmt: skip
    return Statement(Label(f"履约情况表（{on}）", f"Compliance on {on}"), COLUMNS, rows)


def _latest_day(connection: Connection, book: Book) -> dt.date:
    """Return the day of the last record: a book says the same of itself until it goes on."""
    head = tables.heads.c
    chosen = select(head.booked_at_us).where(head.book_id == book.id)
    return book.day_of(connection.execute(chosen).scalar_one())
