"""Many rows on PostgreSQL: binary COPY into the log, binary arrays for what is read or moved."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from struct import Struct
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format
from sqlalchemy import Connection

from ledger.core.position import Position, Totals
from ledger.core.record import Record, Transaction
from ledger.core.state import Entry, State
from ledger.store.bulk import Head, KnownId
from ledger.store.rows import transaction_tail

DAY_ZERO = dt.date(2000, 1, 1)
LINES = range(1, 1 << 20)
NULL = b"\xff\xff\xff\xff"
OPENING, CLOSING = b"PGCOPY\n\xff\r\n\x00" + bytes(8), b"\xff\xff"
LENGTH = Struct(">i").pack
RECORD = Struct(">hihiqihiqi32s").pack
HEAD = Struct(">hihiqi16si32sii").pack
POSTING = Struct(">hihiqiiiqiqihih").pack
ACCOUNT = Struct(">ii").pack
ARRAY_HEAD = Struct(">iiiii").pack
UUID_OID, TEXT_OID, INT4_OID, INT8_OID, DATE_OID = 2950, 25, 23, 20, 1082
ARRAY_OIDS = {UUID_OID: 2951, TEXT_OID: 1009, INT4_OID: 1007, INT8_OID: 1016, DATE_OID: 1182}
RECORD_COLUMNS = "book_id, seq, kind, booked_at_us, leaf"
TRANSACTION_COLUMNS = (
    "book_id, seq, id, digest, effective_on, kind, narrative, reference, preparer, approver, "
    "metadata, attachments, reverses, late_for, chain, consumes, up_to"
)
POSTING_COLUMNS = "book_id, seq, line, quanta, balance_after, side, red, account_no, commodity"
KNOWN = """
SELECT 'transaction', id, digest, seq FROM transactions
WHERE book_id = %(book)s AND id = ANY(%(ids)s)
UNION ALL SELECT 'refusal', id, digest, 0 FROM refusals
WHERE book_id = %(book)s AND id = ANY(%(ids)s)
UNION ALL SELECT 'proposal', id, digest, seq FROM proposals
WHERE book_id = %(book)s AND id = ANY(%(ids)s)
UNION ALL SELECT 'hold', id, digest, seq FROM hold_states
WHERE book_id = %(book)s AND id = ANY(%(ids)s)
UNION ALL SELECT 'consumption', id, digest, seq FROM consumptions
WHERE book_id = %(book)s AND id = ANY(%(ids)s)
UNION ALL SELECT 'due', id, ''::bytea, seq FROM hold_states
WHERE book_id = %(book)s AND state = 'pending'
AND deadline_us IS NOT NULL AND deadline_us <= %(now)s
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


LOCK = (
    "SELECT seq, turned_seq, booked_at_us, accounts_opened, frontier FROM heads "
    "WHERE book_id = %s FOR UPDATE"
)
HEADS = (
    "UPDATE heads SET seq = %s, booked_at_us = %s, accounts_opened = %s, frontier = %s "
    "WHERE book_id = %s"
)
SMALL = 16
"""Up to so many records go as statements in one round trip, more by COPY."""


class Array:
    """Elements of one type, packed as PostgreSQL's binary array."""

    __slots__ = ("oid", "packed")

    def __init__(self, oid: int, size: int, elements: bytes) -> None:
        self.oid = oid
        self.packed = ARRAY_HEAD(1 if size else 0, 0, oid, size, 1)[: 20 if size else 12] + elements


class Raw(bytes):
    """A value in PostgreSQL's binary form, of whatever type its column has."""

    __slots__ = ()


class RawDumper(Dumper):
    """Sends a value as it is."""

    format = Format.BINARY
    oid = 0

    def dump(self, obj: Raw) -> Buffer | None:
        """Send it as it is."""
        return bytes(obj)


def _dumper(element: int) -> type[Dumper]:
    class ArrayDumper(Dumper):
        format = Format.BINARY
        oid = ARRAY_OIDS[element]

        def dump(self, obj: Array) -> Buffer | None:
            return obj.packed

    return ArrayDumper


KINDS: dict[int, type[Array]] = {oid: type(f"Array{oid}", (Array,), {}) for oid in ARRAY_OIDS}
psycopg.adapters.register_dumper(Raw, RawDumper)
for _oid, _kind in KINDS.items():
    psycopg.adapters.register_dumper(_kind, _dumper(_oid))


@dataclass(frozen=True, slots=True)
class Packed:
    """A batch as PostgreSQL takes it: runs of binary rows for COPY, statements sent together."""

    copies: tuple[tuple[str, bytes], ...]
    statements: tuple[tuple[str, tuple[object, ...]], ...]


def lock(connection: Connection, book_id: int) -> Head:
    """Lock the head of a book until the transaction ends, and return it."""
    return Head(*connection.exec_driver_sql(LOCK, (book_id,)).one())


def known_ids(
    connection: Connection, book_id: int, ids: Sequence[UUID], now_us: int
) -> list[KnownId]:
    """Return which of the ids the book knows, and the holds whose deadline has come."""
    rows = _driver(connection).execute(
        KNOWN, {"book": book_id, "ids": uuids(ids), "now": now_us}, binary=True
    )
    return [KnownId(*row) for row in rows]


def totals(
    connection: Connection, book_id: int, pairs: Sequence[tuple[int, str]]
) -> Iterator[tuple[int, str, Totals]]:
    """Return the balances of accounts (by number) in commodities, as far as there are any."""
    numbers = integers(INT4_OID, [no for no, _ in pairs])
    codes = texts([code for _, code in pairs])
    for no, code, *moving in _driver(connection).execute(
        TOTALS, (numbers, codes, book_id), binary=True
    ):
        yield no, code, tuple(moving)


def packed(
    state: State,
    entries: Sequence[Entry],
    leaves: Sequence[bytes],
    positions: Sequence[Position],
    head: Head,
) -> Packed:
    """Pack the rows of records, transactions, postings, balances and the head, as of now."""
    book = state.book.id
    posted = [entry for entry in entries if type(entry.record) is Transaction]
    records = [
        RECORD(5, 2, book, 8, entry.seq, 2, entry.record.KIND, 8, entry.booked_at_us, 32, leaf)
        for entry, leaf in zip(entries, leaves, strict=True)
    ]
    runs = [
        (f"records ({RECORD_COLUMNS})", records),
        (f"transactions ({TRANSACTION_COLUMNS})",
         [_transaction(book, entry.seq, entry.record) for entry in posted]),
        (f"postings ({POSTING_COLUMNS})", _postings(state, posted)),
    ]  # fmt: skip
    last = (head.seq, head.booked_at_us, head.accounts_opened, head.frontier, book)
    moves = [(MOVE, _moves(book, positions))] if positions else []
    statements = (*moves, (HEADS, last))
    if len(entries) > SMALL:
        return Packed(tuple(_copied(into, rows) for into, rows in runs if rows), statements)
    inserts = [_inserted(into, row) for into, rows in runs for row in rows]
    return Packed((), (*inserts, *statements))


def add(connection: Connection, rows: Packed) -> None:
    """Add the packed rows to the log and move the balances: many by COPY, few in one trip."""
    driver = _driver(connection)
    with driver.cursor() as cursor:
        for statement, run in rows.copies:
            with cursor.copy(statement) as copy:
                copy.write(run)
        with driver.pipeline():
            for statement, values in rows.statements:
                cursor.execute(statement, values)


def _copied(into: str, rows: Iterable[bytes]) -> tuple[str, bytes]:
    run = b"".join((OPENING, *rows, CLOSING))
    return f"COPY {into} FROM STDIN (FORMAT BINARY)", run


def _inserted(into: str, row: bytes) -> tuple[str, tuple[object, ...]]:
    """Send one row of a COPY as the parameters of an INSERT."""
    values: list[object] = []
    at = 2
    while at < len(row):
        length = int.from_bytes(row[at : at + 4], "big", signed=True)
        at += 4
        values.append(None if length < 0 else Raw(row[at : at + length]))
        at += max(length, 0)
    places = ", ".join(["%s"] * len(values))
    return f"INSERT INTO {into} VALUES ({places})", tuple(values)  # noqa: S608 - all of it is ours


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


def uuids(values: Sequence[UUID]) -> Array:
    """Pack UUIDs."""
    length = LENGTH(16)
    elements = b"".join([length + each.bytes for each in values])
    return KINDS[UUID_OID](UUID_OID, len(values), elements)


def texts(values: Sequence[str]) -> Array:
    """Pack texts, of which many are the same."""
    return KINDS[TEXT_OID](TEXT_OID, len(values), b"".join(map(_code, values)))


def integers(oid: int, values: Sequence[int]) -> Array:
    """Pack integers of four or eight bytes, or days."""
    width = 8 if oid == INT8_OID else 4
    packed = np.empty(len(values), dtype=[("length", ">i4"), ("value", f">i{width}")])
    packed["length"] = width
    packed["value"] = values
    return KINDS[oid](oid, len(values), packed.tobytes())


def _driver(connection: Connection) -> "psycopg.Connection[Any]":
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def _transaction(book: int, seq: int, record: Record) -> bytes:
    assert isinstance(record, Transaction)
    narrative = record.narrative.encode()
    return b"".join((
        HEAD(17, 2, book, 8, seq, 16, record.id.bytes, 32, record.digest, 4,
             _day(record.effective_on)),
        _code(record.kind), LENGTH(len(narrative)), narrative, _code(record.reference),
        _person(record.preparer), _person(record.approver), *_tail(record),
    ))  # fmt: skip


def _tail(record: Transaction) -> Iterable[bytes]:
    """Write the columns that most transactions leave empty."""
    if record.metadata or record.attachments or record.consumes or record.up_to or (
        record.reverses or record.late_for or record.chain
    ):  # fmt: skip
        row = transaction_tail(record)
        return (
            _text(row["metadata"]), _text(row["attachments"]), _person(row["reverses"]),
            _text(row["late_for"]), _person(row["chain"]), _text(row["consumes"]),
            _text(row["up_to"]),
        )  # fmt: skip
    return (EMPTY_TAIL,)


def _postings(state: State, entries: Iterable[Entry]) -> list[bytes]:
    book, accounts = state.book.id, state.accounts
    return [
        POSTING(9, 2, book, 8, entry.seq, 4, line, 8, posting[2], 8, after, 2, posting[3], 2,
                posting[4]) + _place(accounts[posting[0]].no, posting[1])
        for entry in entries
        for line, posting, after in zip(LINES, entry.record.postings, entry.after)  # type: ignore[attr-defined]  # noqa: B905
    ]  # fmt: skip


@lru_cache(maxsize=1 << 17)
def _place(account_no: int, commodity: str) -> bytes:
    return ACCOUNT(4, account_no) + _code(commodity)


@lru_cache(maxsize=1 << 16)
def _code(value: str) -> bytes:
    return _text(value)


def _text(value: str | None) -> bytes:
    if value is None:
        return NULL
    run = value.encode()
    return LENGTH(len(run)) + run


@lru_cache(maxsize=1 << 12)
def _person(value: UUID | None) -> bytes:
    return NULL if value is None else LENGTH(16) + value.bytes


@lru_cache(maxsize=1 << 12)
def _day(value: dt.date) -> int:
    return (value - DAY_ZERO).days


EMPTY_TAIL = b"".join((_text(json.dumps({})), _text("[]"), NULL, NULL, NULL, _text("[]"), NULL))
