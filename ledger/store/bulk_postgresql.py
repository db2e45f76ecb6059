"""Many rows on PostgreSQL: binary COPY into the log, binary arrays for what is read or moved."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from struct import Struct
from uuid import UUID

import numpy as np
import psycopg
from sqlalchemy import Connection

from ledger.core.position import Position, Totals
from ledger.core.record import Record, Transaction
from ledger.core.state import Entry, Marks, State, Turnover
from ledger.store import binary
from ledger.store.binary import (
    BYTEA_OID,
    DATE_OID,
    INT2_OID,
    INT4_OID,
    INT8_OID,
    KINDS,
    LENGTH,
    NULL,
    TEXT_OID,
    UUID_OID,
    Raw,
    integers,
    texts,
    uuids,
)
from ledger.store.bulk import Head, KnownId
from ledger.store.driver import driven
from ledger.store.rows import transaction_tail

DAY_ZERO = dt.date(2000, 1, 1)
LINES = range((4 << 32) + 1, (4 << 32) + (1 << 20))
"""The numbers of lines as fields: length and value."""
OPENING, CLOSING = b"PGCOPY\n\xff\r\n\x00" + bytes(8), b"\xff\xff"
RECORD = np.dtype([
    ("fields", ">i2"), ("l1", ">i4"), ("book", ">i2"), ("l2", ">i4"), ("seq", ">i8"),
    ("l3", ">i4"), ("kind", ">i2"), ("l4", ">i4"), ("booked", ">i8"), ("l5", ">i4"),
    ("leaf", "V32"),
])  # fmt: skip
RECORD_LENGTHS = {"fields": 5, "l1": 2, "l2": 8, "l3": 2, "l4": 8, "l5": 32}
RECORD_ROW = Struct(">hihiqihiqi32s").pack
HEAD = Struct(">hihiqi16si32sii").pack
ROW = Struct(">hihi").pack
POSTING = Struct(">12sqqiqiq12s").pack
ACCOUNT = Struct(">ii").pack
COLUMNS = tuple(tuple(Struct(">ihih").pack(2, side, 2, red) for red in (0, 1)) for side in (0, 1))
"""Side and red as fields."""
RECORD_COLUMNS = "book_id, seq, kind, booked_at_us, leaf"
TRANSACTION_COLUMNS = (
    "book_id, seq, id, digest, effective_on, kind, narrative, reference, preparer, approver, "
    "metadata, attachments, reverses, late_for, chain, consumes, up_to"
)
POSTING_COLUMNS = "book_id, seq, line, quanta, balance_after, side, red, account_no, commodity"
KNOWN = " UNION ALL ".join([
    *[
        f"SELECT '{kind}', k.id, k.digest, {seq} "  # noqa: S608 - all of it is ours
        "FROM unnest((SELECT %(ids)s::uuid[])) AS u (id), LATERAL "
        f"(SELECT * FROM {table} t WHERE t.book_id = %(book)s AND t.id = u.id LIMIT 1) k "
        f"WHERE (SELECT id FROM {table} WHERE book_id = %(book)s ORDER BY id LIMIT 1) IS NOT NULL"
        for kind, table, seq in (
            ("transaction", "transactions", "k.seq"), ("refusal", "refusals", "0"),
            ("proposal", "proposals", "k.seq"), ("hold", "hold_states", "k.seq"),
            ("consumption", "consumptions", "k.seq"),
        )
    ],
    "SELECT 'due', id, ''::bytea, seq FROM hold_states WHERE book_id = %(book)s "
    "AND state = 'pending' AND deadline_us IS NOT NULL AND deadline_us <= %(now)s",
])  # fmt: skip
"""Each id is looked up by itself, by the one index that knows it to be unique.

How many there are is hidden from the planner: for a few it would plan anew each time. A table that
holds nothing of the book is not looked at.
"""
TOTALS = (
    "SELECT b.account_no, b.commodity, dr_posted, cr_posted, dr_held, cr_held, last_effective_on "
    "FROM unnest(%s, %s) AS u (no, code) JOIN balances b "
    "ON b.book_id = %s AND b.account_no = u.no AND b.commodity = u.code"
)
MOVE = (
    "INSERT INTO balances (book_id, account_no, commodity, dr_posted, cr_posted, dr_held, cr_held, "
    "last_effective_on) SELECT %s, * FROM unnest(%s, %s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (book_id, account_no, commodity) DO UPDATE SET dr_posted = excluded.dr_posted, "
    "cr_posted = excluded.cr_posted, dr_held = excluded.dr_held, cr_held = excluded.cr_held, "
    "last_effective_on = excluded.last_effective_on"
)


TURN = (
    "INSERT INTO turnovers (book_id, account_no, commodity, effective_on, booked_on, dr, cr) "
    "SELECT %s, * FROM unnest(%s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (book_id, account_no, commodity, effective_on, booked_on) DO UPDATE "
    "SET dr = turnovers.dr + excluded.dr, cr = turnovers.cr + excluded.cr"
)


LOCK = (
    "SELECT seq, turned_seq, balanced_seq, refusals, booked_at_us, accounts_opened, frontier "
    "FROM heads WHERE book_id = %s FOR UPDATE"
)
HEADS = (
    "UPDATE heads SET "
    "seq = CASE WHEN (seq, turned_seq, balanced_seq, refusals) = (%s, %s, %s, %s) THEN %s END, "
    "turned_seq = %s, balanced_seq = %s, refusals = %s, booked_at_us = %s, accounts_opened = %s, "
    "frontier = %s WHERE book_id = %s"
)
"""A head that another has moved on becomes null, which it may not be."""
SMALL = 128
"""Up to so many records go as one statement, more by COPY."""
RECORD_OIDS = (INT2_OID, INT8_OID, INT2_OID, INT8_OID, BYTEA_OID)
TRANSACTION_OIDS = (
    INT2_OID, INT8_OID, UUID_OID, BYTEA_OID, DATE_OID, TEXT_OID, TEXT_OID, TEXT_OID, UUID_OID,
    UUID_OID, TEXT_OID, TEXT_OID, UUID_OID, TEXT_OID, UUID_OID, TEXT_OID, TEXT_OID,
)  # fmt: skip
POSTING_OIDS = (
    INT2_OID, INT8_OID, INT4_OID, INT8_OID, INT8_OID, INT2_OID, INT2_OID, INT4_OID, TEXT_OID,
)  # fmt: skip


Statement = tuple[str, tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Packed:
    """A batch as PostgreSQL takes it: runs of binary rows for COPY, statements sent together."""

    copies: tuple[tuple[str, bytes], ...]
    statements: tuple[Statement, ...]

    @property
    def few(self) -> bool:
        """Whether one round trip takes it all."""
        return not self.copies


def lock(connection: Connection, book_id: int) -> Head:
    """Lock the head of a book until the transaction ends, and return it."""
    return Head(*connection.exec_driver_sql(LOCK, (book_id,)).one())


def forget_plans(connection: Connection) -> None:
    """Let statements be planned anew, for tables that have grown."""
    connection.exec_driver_sql("DISCARD PLANS")


def known_ids(
    connection: Connection, book_id: int, ids: Sequence[UUID], now_us: int
) -> list[KnownId]:
    """Return which of the ids the book knows, and the holds whose deadline has come."""
    asked = {"book": book_id, "ids": uuids(ids), "now": now_us}
    with driven(connection) as driver:
        return [KnownId(*row) for row in driver.execute(KNOWN, asked, binary=True)]


def totals(
    connection: Connection, book_id: int, pairs: Sequence[tuple[int, str]]
) -> list[tuple[int, str, Totals]]:
    """Return the balances of accounts (by number) in commodities, as far as there are any."""
    numbers = integers(INT4_OID, [no for no, _ in pairs])
    codes = texts([code for _, code in pairs])
    with driven(connection) as driver:
        rows = driver.execute(TOTALS, (numbers, codes, book_id), binary=True).fetchall()
    return [(no, code, tuple(moving)) for no, code, *moving in rows]


def packed(
    state: State,
    entries: Sequence[Entry],
    leaves: Sequence[bytes],
    positions: Sequence[Position],
    turned: Sequence[Turnover],
    head: Head,
    before: Marks,
) -> Packed:
    """Pack the rows of records, transactions, postings, balances, turnovers, head, as of now."""
    book = state.book.id
    posted = [entry for entry in entries if type(entry.record) is Transaction]
    runs = [
        (f"records ({RECORD_COLUMNS})", _records(book, entries, leaves), RECORD_OIDS),
        (f"transactions ({TRANSACTION_COLUMNS})",
         [_transaction(book, entry.seq, entry.record) for entry in posted], TRANSACTION_OIDS),
        (f"postings ({POSTING_COLUMNS})", _postings(state, posted), POSTING_OIDS),
    ]  # fmt: skip
    last = (
        *before, head.seq, head.turned_seq, head.balanced_seq, head.refusals, head.booked_at_us,
        head.accounts_opened, head.frontier, book,
    )  # fmt: skip
    moves = [(MOVE, _moves(book, positions))] if positions else []
    turns = [(TURN, _turns(book, turned))] if turned else []
    if len(entries) > SMALL:
        copies = tuple(_copied(into, rows) for into, rows, _ in runs if rows)
        return Packed(copies, ((HEADS, last), *moves, *turns))
    inserts = [_inserted(*run) for run in runs if run[1]]
    return Packed((), ((HEADS, last), _in_one([*inserts, *moves, *turns])))


def add(connection: Connection, rows: Packed) -> None:
    """Add the packed rows to the log and move the balances: many by COPY, few as statements."""
    with driven(connection) as driver, driver.cursor() as cursor:
        for statement, run in rows.copies:
            with cursor.copy(statement) as copy:
                copy.write(run)
        for statement, values in rows.statements:
            cursor.execute(statement, values)


@contextmanager
def one_trip(connection: Connection) -> Iterator[None]:
    """Send all that follows at once, to be kept wholly or not at all, and look at it last.

    The first of it locks the book's head. What stands between two points of a pipeline is one
    transaction, kept at the second: it needs neither BEGIN nor COMMIT.
    """
    try:
        with driven(connection) as driver:
            driver.autocommit = True
            with driver.pipeline() as pipeline:
                try:
                    yield
                except BaseException:
                    with suppress(psycopg.Error):
                        pipeline.sync()
                    raise
            driver.autocommit = False
    except BaseException:
        connection.invalidate()
        raise


def _copied(into: str, rows: Iterable[bytes]) -> tuple[str, bytes]:
    run = b"".join((OPENING, *rows, CLOSING))
    return f"COPY {into} FROM STDIN (FORMAT BINARY)", run


def _inserted(into: str, rows: Sequence[bytes], oids: Sequence[int]) -> Statement:
    """Send a few rows of a COPY as the columns of an INSERT, or one row as its values."""
    columns = list(zip(*[_fields(row) for row in rows], strict=True))
    if len(rows) == 1:
        places = ", ".join(["%s"] * len(columns))
        values = tuple([None if field == NULL else Raw(field[4:]) for (field,) in columns])
        return f"INSERT INTO {into} VALUES ({places})", values  # noqa: S608 - all of it is ours
    arrays = tuple([
        KINDS[oid](oid, len(rows), b"".join(column))
        for oid, column in zip(oids, columns, strict=True)
    ])  # fmt: skip
    places = ", ".join(["%s"] * len(arrays))
    return f"INSERT INTO {into} SELECT * FROM unnest({places})", arrays  # noqa: S608


def _fields(row: bytes) -> list[bytes]:
    """Cut a row of a COPY into its fields: length and value."""
    fields: list[bytes] = []
    at = 2
    while at < len(row):
        length = int.from_bytes(row[at : at + 4], "big", signed=True)
        end = at + 4 + max(length, 0)
        fields.append(row[at:end])
        at = end
    return fields


def _in_one(statements: Sequence[Statement]) -> Statement:
    """Send statements as one: each of them costs the driver as much as its rows."""
    parts = ", ".join(f"s{number} AS ({text})" for number, (text, _) in enumerate(statements))
    text = f"WITH {parts} SELECT" if statements else "SELECT"
    return text, tuple([value for _, values in statements for value in values])


def _moves(book: int, positions: Sequence[Position]) -> tuple[object, ...]:
    return (
        book,
        integers(INT4_OID, [each.account.no for each in positions]),
        texts([each.commodity.code for each in positions]),
        integers(INT8_OID, [each.dr for each in positions]),
        integers(INT8_OID, [each.cr for each in positions]),
        integers(INT8_OID, [each.dr_held for each in positions]),
        integers(INT8_OID, [each.cr_held for each in positions]),
        integers(DATE_OID, [_day(each.latest) for each in positions]),
    )


def _turns(book: int, turned: Sequence[Turnover]) -> tuple[object, ...]:
    return (
        book,
        integers(INT4_OID, [each.position.account.no for each in turned]),
        texts([each.position.symbol for each in turned]),
        integers(DATE_OID, [_day(each.effective_on) for each in turned]),
        integers(DATE_OID, [_day(each.booked_on) for each in turned]),
        integers(INT8_OID, [each.dr for each in turned]),
        integers(INT8_OID, [each.cr for each in turned]),
    )


def _records(book: int, entries: Sequence[Entry], leaves: Sequence[bytes]) -> list[bytes]:
    """Pack the rows of records, all of one length."""
    if len(entries) <= SMALL:
        return [
            RECORD_ROW(5, 2, book, 8, each.seq, 2, each.record.KIND, 8, each.booked_at_us, 32, leaf)
            for each, leaf in zip(entries, leaves, strict=True)
        ]
    rows = np.empty(len(entries), RECORD)
    for name, length in RECORD_LENGTHS.items():
        rows[name] = length
    rows["book"] = book
    rows["seq"] = [entry.seq for entry in entries]
    rows["kind"] = [entry.record.KIND for entry in entries]
    rows["booked"] = [entry.booked_at_us for entry in entries]
    rows["leaf"] = np.frombuffer(b"".join(leaves), "V32")
    return [rows.tobytes()]


def _transaction(book: int, seq: int, record: Record) -> bytes:
    assert isinstance(record, Transaction)
    narrative = record.narrative.encode()
    return b"".join((
        HEAD(17, 2, book, 8, seq, 16, record.id.bytes, 32, record.digest, 4,
             _day(record.effective_on)),
        binary.code(record.kind), LENGTH(len(narrative)), narrative, binary.code(record.reference),
        _person(record.preparer), _person(record.approver), *_tail(record),
    ))  # fmt: skip


def _tail(record: Transaction) -> Iterable[bytes]:
    """Write the columns that most transactions leave empty."""
    if record.metadata or record.attachments or record.consumes or record.up_to or (
        record.reverses or record.late_for or record.chain
    ):  # fmt: skip
        row = transaction_tail(record)
        return (
            binary.text(row["metadata"]), binary.text(row["attachments"]), _person(row["reverses"]),
            binary.text(row["late_for"]), _person(row["chain"]), binary.text(row["consumes"]),
            binary.text(row["up_to"]),
        )  # fmt: skip
    return (EMPTY_TAIL,)


def _postings(state: State, entries: Iterable[Entry]) -> list[bytes]:
    """Pack the rows of postings: what all share, what is each one's own, then where it stands."""
    book = ROW(9, 2, state.book.id, 8)
    return [
        POSTING(book, entry.seq, field, 8, line.quanta, 8, after, COLUMNS[line.side][line.red])
        + (move[0].packed or _place(move[0]))
        for entry in entries
        for field, line, after, move in zip(LINES, entry.record.postings, entry.after, entry.moves)  # type: ignore[attr-defined]  # noqa: B905
    ]  # fmt: skip


def _place(position: Position) -> bytes:
    position.packed = ACCOUNT(4, position.account.no) + binary.code(position.symbol)
    return position.packed


@lru_cache(maxsize=1 << 12)
def _person(value: UUID | None) -> bytes:
    return NULL if value is None else LENGTH(16) + value.bytes


@lru_cache(maxsize=1 << 12)
def _day(value: dt.date) -> int:
    return (value - DAY_ZERO).days


EMPTY_TAIL = b"".join(
    (binary.text(json.dumps({})), binary.text("[]"), NULL, NULL, NULL, binary.text("[]"), NULL)
)
