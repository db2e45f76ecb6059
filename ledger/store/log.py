"""Reading the log back: records in order, as they were meant, with the leaf that was stored."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Table, select, union

from ledger.core.account import Side
from ledger.core.book import Book
from ledger.core.errors import DomainError
from ledger.core.hold import HoldLine
from ledger.core.periods import derived_periods
from ledger.core.record import Line, Record, spot
from ledger.core.refusals import UnreadableRecord
from ledger.core.state import Entry
from ledger.store import tables
from ledger.store.rows import Row, event_of, period_of, transaction_of

CHUNK = 2_000
EVENT_TABLES = (
    tables.account_events, tables.commodity_uses, tables.holds, tables.voids, tables.expiries,
    tables.period_events, tables.annotations, tables.book_events, tables.consumptions,
    tables.foreign_digests,
)  # fmt: skip


def read_log(
    connection: Connection,
    book: Book,
    first: int = 1,
    last: int | None = None,
    *,
    transactions: bool = True,
) -> Iterator[tuple[Entry, bytes]]:
    """Yield each record with its stored leaf, from one sequence number to another.

    Without ``transactions`` only the other records.
    """
    if last is None:
        head = select(tables.heads.c.seq).where(tables.heads.c.book_id == book.id)
        last = connection.execute(head).scalar_one()
    borders = [*range(first, last + 1, CHUNK), last + 1]
    for start, end in pairwise(borders):
        yield from _chunk(connection, book, start, end - 1, transactions)


def _chunk(
    connection: Connection, book: Book, first: int, last: int, transactions: bool
) -> Iterator[tuple[Entry, bytes]]:
    parts = _Parts(connection, book, first, last, transactions)
    for head in _rows(connection, tables.records, book, first, last):
        seq = head["seq"]
        if seq in parts.events:
            yield _entry(head, parts), head["leaf"]


class _Parts:
    """The rows of a run of records, gathered by sequence number."""

    def __init__(
        self, connection: Connection, book: Book, first: int, last: int, transactions: bool
    ) -> None:
        named = (tables.postings, tables.hold_lines) if transactions else (tables.hold_lines,)
        self.codes = _account_codes(connection, book, first, last, named)
        self.lines: dict[int, list[Row]] = defaultdict(list)
        self.periods: dict[int, list[Row]] = defaultdict(list)
        if transactions:
            for row in _rows(connection, tables.postings, book, first, last, "line"):
                self.lines[row["seq"]].append(row)
            for row in _rows(connection, tables.entity_periods, book, first, last, "entity"):
                self.periods[row["seq"]].append(row)
        self.held: dict[int, list[Row]] = defaultdict(list)
        for row in _rows(connection, tables.hold_lines, book, first, last, "line"):
            self.held[row["seq"]].append(row)
        self.events: dict[int, tuple[str, Row]] = {}
        for table in (tables.transactions, *EVENT_TABLES) if transactions else EVENT_TABLES:
            for row in _rows(connection, table, book, first, last):
                self.events[row["seq"]] = (table.name, row)


def _entry(head: Row, parts: _Parts) -> Entry:
    seq = head["seq"]
    name, row = parts.events[seq]
    rows = parts.lines[seq]
    try:
        if name == tables.transactions.name:
            record = _transaction(row, parts.periods[seq], _lines(rows, parts.codes))
        else:
            record = event_of(name, row, head["kind"], hold_lines(parts.held[seq], parts.codes))
    except (ArithmeticError, LookupError, TypeError, ValueError, DomainError) as error:
        raise UnreadableRecord(seq, str(error)) from error
    return Entry(seq, head["booked_at_us"], record, tuple(each["balance_after"] for each in rows))


def _transaction(row: Row, periods: list[Row], lines: tuple[Line, ...]) -> Record:
    """Read a transaction; where no period was stated, it is the month of its day."""
    entities = frozenset(line.account.partition(":")[0] for line in lines)
    stated = tuple(sorted(map(period_of, periods), key=lambda each: each.entity.encode()))
    return transaction_of(row, stated or derived_periods(entities, row["effective_on"]), lines)


def hold_lines(rows: list[Row], codes: dict[int, str]) -> tuple[HoldLine, ...]:
    """Read the lines of a hold back."""
    return tuple(
        HoldLine(codes[row["account_no"]], row["commodity"], row["quanta"], Side(row["side"]))
        for row in rows
    )


def _lines(rows: list[Row], codes: dict[int, str]) -> tuple[Line, ...]:
    return tuple(
        Line(
            spot(codes[row["account_no"]], row["commodity"]), row["quanta"], Side(row["side"]),
            bool(row["red"]),
        )
        for row in rows
    )  # fmt: skip


def _account_codes(
    connection: Connection, book: Book, first: int, last: int, named: Iterable[Table]
) -> dict[int, str]:
    """Return the code of each account posted to; the log of accounts is the witness of it."""
    event = tables.account_events.c
    numbers = union(*(
        select(line.account_no).where(line.book_id == book.id, line.seq.between(first, last))
        for line in (table.c for table in named)
    ))  # fmt: skip
    chosen = select(event.account_no, event.code).where(
        event.book_id == book.id, event.account_no.in_(numbers)
    )
    return {row.account_no: row.code for row in connection.execute(chosen)}


def _rows(
    connection: Connection, table: Table, book: Book, first: int, last: int, *then: str
) -> Iterator[Any]:
    chosen = select(table).where(table.c.book_id == book.id, table.c.seq.between(first, last))
    order = [table.c.seq, *(table.c[name] for name in then)]
    return iter(connection.execute(chosen.order_by(*order)).mappings())
