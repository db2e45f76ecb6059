"""Many rows on SQLite: prepared statements on the driver, ids as one JSON array."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from ledger.core.position import Position, Totals
from ledger.core.record import Transaction
from ledger.core.state import Entry, Marks, State, Turnover
from ledger.store.bulk import Head, KnownId
from ledger.store.driver import driven
from ledger.store.rows import transaction_tail

KNOWN = """
SELECT 'transaction', id, digest, seq FROM transactions
WHERE book_id = :book AND id IN (SELECT value FROM json_each(:ids))
UNION ALL SELECT 'refusal', id, digest, 0 FROM refusals
WHERE book_id = :book AND id IN (SELECT value FROM json_each(:ids))
UNION ALL SELECT 'proposal', id, digest, seq FROM proposals
WHERE book_id = :book AND id IN (SELECT value FROM json_each(:ids))
UNION ALL SELECT 'hold', id, digest, seq FROM hold_states
WHERE book_id = :book AND id IN (SELECT value FROM json_each(:ids))
UNION ALL SELECT 'consumption', id, digest, seq FROM consumptions
WHERE book_id = :book AND id IN (SELECT value FROM json_each(:ids))
UNION ALL SELECT 'due', id, x'', seq FROM hold_states
WHERE book_id = :book AND state = 'pending'
AND deadline_us IS NOT NULL AND deadline_us <= :now
"""
TOTALS = (
    "SELECT b.account_no, b.commodity, dr_posted, cr_posted, dr_held, cr_held, last_effective_on "
    "FROM json_each(:pairs) AS u CROSS JOIN balances b ON b.book_id = :book "
    "AND b.account_no = u.value ->> 0 AND b.commodity = u.value ->> 1"
)
RECORD = "INSERT INTO records (book_id, seq, kind, booked_at_us, leaf) VALUES (?, ?, ?, ?, ?)"
HEAD = (
    "INSERT INTO transactions (book_id, seq, id, digest, effective_on, kind, narrative, reference, "
    "preparer, approver, metadata, attachments, reverses, late_for, chain, consumes, up_to) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
POSTING = (
    "INSERT INTO postings (book_id, seq, line, account_no, commodity, side, red, quanta, "
    "balance_after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
MOVE = (
    "INSERT INTO balances (book_id, account_no, commodity, dr_posted, cr_posted, dr_held, cr_held, "
    "last_effective_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (book_id, account_no, commodity) DO UPDATE SET dr_posted = excluded.dr_posted, "
    "cr_posted = excluded.cr_posted, dr_held = excluded.dr_held, cr_held = excluded.cr_held, "
    "last_effective_on = excluded.last_effective_on"
)
TURN = (
    "INSERT INTO turnovers (book_id, account_no, commodity, effective_on, booked_on, dr, cr) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (book_id, account_no, commodity, effective_on, booked_on) DO UPDATE "
    "SET dr = turnovers.dr + excluded.dr, cr = turnovers.cr + excluded.cr"
)
EMPTY_TAIL = ("{}", "[]", None, None, None, "[]", None)


LOCK = (
    "SELECT seq, turned_seq, balanced_seq, refusals, booked_at_us, accounts_opened, frontier "
    "FROM heads WHERE book_id = ?"
)
HEADS = (
    "UPDATE heads SET "
    "seq = CASE WHEN (seq, turned_seq, balanced_seq, refusals) = (?, ?, ?, ?) THEN ? END, "
    "turned_seq = ?, balanced_seq = ?, refusals = ?, booked_at_us = ?, accounts_opened = ?, "
    "frontier = ? WHERE book_id = ?"
)
"""A head that another has moved on becomes null, which it may not be."""


def lock(connection: Connection, book_id: int) -> Head:
    """Return the head of a book; the transaction has locked the whole file."""
    return Head(*connection.exec_driver_sql(LOCK, (book_id,)).one())


def forget_plans(connection: Connection) -> None:
    """Do nothing: each statement is planned by rule, whatever the size of the tables."""


def known_ids(
    connection: Connection, book_id: int, ids: Sequence[UUID], now_us: int
) -> list[KnownId]:
    """Return which of the ids the book knows, and the holds whose deadline has come."""
    named = {"book": book_id, "ids": msgspec.json.encode(ids).decode(), "now": now_us}
    with driven(connection) as driver:
        rows = driver.execute(KNOWN, named).fetchall()
    return [KnownId(what, UUID(id), digest, seq) for what, id, digest, seq in rows]


def totals(
    connection: Connection, book_id: int, pairs: Sequence[tuple[int, str]]
) -> list[tuple[int, str, Totals]]:
    """Return the balances of accounts (by number) in commodities, as far as there are any."""
    named = {"book": book_id, "pairs": msgspec.json.encode(pairs).decode()}
    with driven(connection) as driver:
        rows = driver.execute(TOTALS, named).fetchall()
    return [
        (no, code, (dr, cr, dr_held, cr_held, dt.date.fromisoformat(latest)))
        for no, code, dr, cr, dr_held, cr_held, latest in rows
    ]


@dataclass(frozen=True, slots=True)
class Packed:
    """A batch as SQLite takes it: rows by statement."""

    rows: tuple[tuple[str, Sequence[tuple[object, ...]]], ...]
    few: ClassVar[bool] = False


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
    records = [
        (book, entry.seq, entry.record.KIND, entry.booked_at_us, leaf)
        for entry, leaf in zip(entries, leaves, strict=True)
    ]
    posted = [entry for entry in entries if type(entry.record) is Transaction]
    moves = [
        (book, each.account.no, each.commodity.code, each.dr, each.cr, each.dr_held, each.cr_held,
         _day(each.latest))
        for each in positions
    ]  # fmt: skip
    heads, lines = list(_heads(book, posted)), list(_postings(state, posted))
    turns = [
        (book, each.position.account.no, each.position.symbol, _day(each.effective_on),
         _day(each.booked_on), each.dr, each.cr)
        for each in turned
    ]  # fmt: skip
    last = [
        (*before, head.seq, head.turned_seq, head.balanced_seq, head.refusals, head.booked_at_us,
         head.accounts_opened, head.frontier, book)
    ]  # fmt: skip
    return Packed(
        (
            (RECORD, records),
            (HEAD, heads),
            (POSTING, lines),
            (MOVE, moves),
            (TURN, turns),
            (HEADS, last),
        )
    )


def add(connection: Connection, rows: Packed) -> None:
    """Add the packed rows to the log and move the balances."""
    with driven(connection) as driver:
        for statement, run in rows.rows:
            driver.executemany(statement, run).close()


@contextmanager
def one_trip(connection: Connection) -> Iterator[None]:
    """There are no trips to a file: the head is locked where a transaction begins."""
    with driven(connection):
        yield


def _heads(book: int, entries: Sequence[Entry]) -> Iterator[tuple[object, ...]]:
    ids = msgspec.to_builtins([entry.record.id for entry in entries])  # type: ignore[attr-defined]
    for entry, id in zip(entries, ids, strict=True):
        record = entry.record
        assert isinstance(record, Transaction)
        yield (
            book, entry.seq, id, record.digest, _day(record.effective_on), record.kind,
            record.narrative, record.reference, _person(record.preparer),
            _person(record.approver), *_tail(record),
        )  # fmt: skip


def _tail(record: Transaction) -> Sequence[object]:
    """Write the columns that most transactions leave empty."""
    if record.metadata or record.attachments or record.consumes or record.up_to or (
        record.reverses or record.late_for or record.chain
    ):  # fmt: skip
        row = transaction_tail(record)
        return (
            row["metadata"], row["attachments"], _person(row["reverses"]), row["late_for"],
            _person(row["chain"]), row["consumes"], row["up_to"],
        )  # fmt: skip
    return EMPTY_TAIL


def _postings(state: State, entries: Iterable[Entry]) -> Iterator[tuple[object, ...]]:
    book, accounts = state.book.id, state.accounts
    for entry in entries:
        seq = entry.seq
        lines = zip(entry.record.postings, entry.after, strict=True)  # type: ignore[attr-defined]
        for number, (posting, after) in enumerate(lines, 1):
            yield (
                book, seq, number, accounts[posting.account].no, posting.commodity,
                int(posting.side), int(posting.red), posting.quanta, after,
            )  # fmt: skip


def _person(value: UUID | None) -> str | None:
    return None if value is None else str(value)


@lru_cache(maxsize=1 << 12)
def _day(value: dt.date) -> str:
    return value.isoformat()
