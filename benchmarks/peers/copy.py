"""COPY of ready rows, with no logic at all: how fast PostgreSQL can take what a ledger stores."""

import io
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.copy import Copy, FileWriter

from benchmarks.peers.address import libpq


@dataclass(frozen=True)
class Rows:
    """Some rows of a table; each column has a name and a PostgreSQL type."""

    table: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[tuple[Any, ...]]


def rate(
    url: str,
    batches: Iterable[Sequence[Rows]],
    *,
    seconds: float = 10,
    schema: str = "",
    packing: bool = False,
) -> float:
    """Return rows of each batch's first table per second, one commit a batch.

    The tables are made by ``schema``, or, where that is empty, from the columns of each batch,
    without keys. The rows are packed before the clock runs, unless packing is to be counted.
    """
    done, taken = 0, 0.0
    with psycopg.connect(libpq(url)) as connection:
        connection.execute(schema.encode())
        connection.commit()
        for batch in batches:
            _prepare(connection, [] if schema else batch)
            start = time.perf_counter()
            packed = [_packed(connection, each) for each in batch]
            taken += time.perf_counter() - start if packing else 0
            start = time.perf_counter()
            for each, content in zip(batch, packed, strict=True):
                _send(connection, each, content)
            connection.commit()
            taken += time.perf_counter() - start
            done += len(batch[0].rows)
            if taken >= seconds:
                break
    return done / taken


def _prepare(connection: psycopg.Connection, batch: Sequence[Rows]) -> None:
    for each in batch:
        columns = [
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
            for name, kind in each.columns
        ]
        made = sql.SQL("CREATE TABLE IF NOT EXISTS {} ({})")
        connection.execute(made.format(sql.Identifier(each.table), sql.SQL(", ").join(columns)))
    connection.commit()


def _packed(connection: psycopg.Connection, rows: Rows) -> bytes:
    """Write the rows as COPY wants them, sending nothing."""
    content = io.BytesIO()
    with Copy(connection.cursor(), binary=True, writer=FileWriter(content)) as copy:
        copy.set_types([kind for _, kind in rows.columns])
        for row in rows.rows:
            copy.write_row(row)
    return content.getvalue()


def _send(connection: psycopg.Connection, rows: Rows, content: bytes) -> None:
    columns = sql.SQL(", ").join(sql.Identifier(name) for name, _ in rows.columns)
    order = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)")
    with connection.cursor().copy(order.format(sql.Identifier(rows.table), columns)) as copy:
        copy.write(content)
