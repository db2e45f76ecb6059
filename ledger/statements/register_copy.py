"""The register as PostgreSQL writes it: COPY, in the bytes of the CSV that the renderer writes.

It differs from the rows of the statement in nothing but speed; a test holds the two together.
"""

from collections.abc import Iterator
from typing import Any

import psycopg
from sqlalchemy import ColumnElement, Connection, Numeric, Select, case, cast, func, select
from sqlalchemy.types import Text

from ledger.balances import Chosen, postings
from ledger.core.book import Book
from ledger.store import tables

RUN_AS_A_FORMULA = tuple(ord(char) for char in "=+-@\t\r")
CHUNK = 1 << 18


def can_copy(connection: Connection) -> bool:
    """Whether the database can write CSV in UTF-8 by itself."""
    driver = connection.connection.driver_connection
    return isinstance(driver, psycopg.Connection) and driver.info.encoding == "utf-8"


def copied(connection: Connection, book: Book, chosen: Chosen) -> Iterator[bytes]:
    """Yield the chosen postings as records of CSV, some thousand at a time."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    connection.exec_driver_sql("SET LOCAL datestyle = 'ISO'")
    for selected in _selects(connection, book, chosen):
        compiled = selected.compile(
            dialect=connection.dialect, compile_kwargs={"render_postcompile": True}
        )
        query = f"COPY ({compiled}) TO STDOUT (FORMAT csv)"
        with driver.cursor() as cursor, cursor.copy(query.encode(), compiled.params) as copy:
            yield from _ended(copy)


def _ended(copy: psycopg.Copy) -> Iterator[bytes]:
    """Gather records, and end each of them as the renderer does."""
    kept: list[bytes] = []
    size = 0
    for record in copy:
        kept.append(bytes(record[:-1]))
        size += len(record)
        if size > CHUNK:
            yield b"\r\n".join((*kept, b""))
            kept, size = [], 0
    if kept:
        yield b"\r\n".join((*kept, b""))


def _selects(connection: Connection, book: Book, chosen: Chosen) -> Iterator[Select[Any]]:
    line, made = tables.postings.c, tables.transactions.c
    counted = tables.commodities.c
    unit = select(
        counted.code, cast(func.concat("1e-", counted.scale), Numeric).label("unit")
    ).subquery()
    amount = line.quanta * (1 - 2 * line.red) * unit.c.unit
    columns = (
        line.seq, made.effective_on, _text(made.kind), _text(made.narrative),
        _text(made.reference), _text(tables.accounts.c.code), line.commodity,
        case((line.side == 0, amount)), case((line.side == 1, amount)),
        line.balance_after * unit.c.unit, made.id,
    )  # fmt: skip
    for selected in postings(connection, book, chosen, columns):
        yield selected.join(unit, unit.c.code == line.commodity)


def _text(column: ColumnElement[str]) -> ColumnElement[str]:
    """Write nothing for an empty text, and an apostrophe before what a spreadsheet would run."""
    runs = func.ascii(column).in_(RUN_AS_A_FORMULA)
    return case((runs, func.concat("'", column)), else_=func.nullif(column, "", type_=Text()))
