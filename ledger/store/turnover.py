"""Day turnovers, folded from the log where a desk did not count them: read with what follows."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, and_, case, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from ledger.core.book import Book
from ledger.store import tables

STEP = 100_000
"""So many records behind the head the turnovers may be, before a batch folds them."""


class Span(NamedTuple):
    """Records of one booking day: the first, the last, and the day."""

    first: int
    last: int
    booked_on: dt.date


def fold(connection: Connection, book: Book, turned: int, seq: int) -> None:
    """Add the turnovers of the records after the last fold, up to a record."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
    for span in _days(connection, book, turned + 1, seq):
        _add(connection, book, span)


def sums(book: Book, first: Any, last: int | None = None) -> Select[Any]:
    """Select debits and credits by account, commodity and effective day from postings."""
    line, made = tables.postings.c, tables.transactions.c
    quanta = line.quanta * (1 - 2 * line.red)
    there = and_(line.book_id == book.id, line.seq >= first, made.seq >= first)
    return (
        select(
            line.account_no, line.commodity, made.effective_on,
            func.sum(case((line.side == 0, quanta), else_=0)).label("dr"),
            func.sum(case((line.side == 1, quanta), else_=0)).label("cr"),
        )
        .join(tables.transactions, and_(made.book_id == line.book_id, made.seq == line.seq))
        .where(there if last is None else and_(there, line.seq <= last, made.seq <= last))
        .group_by(line.account_no, line.commodity, made.effective_on)
    )  # fmt: skip


def _days(connection: Connection, book: Book, first: int, last: int) -> Iterator[Span]:
    """Cut a run of records where a new day of the book begins."""
    record = tables.records.c
    of_book = record.book_id == book.id
    while first <= last:
        booked = select(record.booked_at_us).where(of_book, record.seq == first)
        day = book.day_of(connection.execute(booked).scalar_one())
        end_us = _start_us(book, day + dt.timedelta(days=1))
        within = and_(of_book, record.seq.between(first, last), record.booked_at_us < end_us)
        end = connection.execute(select(func.max(record.seq)).where(within)).scalar_one()
        yield Span(first, end, day)
        first = end + 1


def _start_us(book: Book, day: dt.date) -> int:
    midnight = dt.datetime.combine(day, dt.time(), ZoneInfo(book.time_zone))
    return int(midnight.timestamp()) * 1_000_000


def _add(connection: Connection, book: Book, span: Span) -> None:
    turned = sums(book, span.first, span.last).subquery()
    columns = ("book_id", "booked_on", "account_no", "commodity", "effective_on", "dr", "cr")
    rows = select(
        literal(book.id), literal(span.booked_on, tables.turnovers.c.booked_on.type), turned
    ).where(turned.c.account_no > 0)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    added = dialect.insert(tables.turnovers).from_select(columns, rows)
    moved = {name: tables.turnovers.c[name] + added.excluded[name] for name in ("dr", "cr")}
    key = [column.name for column in tables.turnovers.primary_key]
    connection.execute(added.on_conflict_do_update(index_elements=key, set_=moved))
