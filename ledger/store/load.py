"""Loading, under the book's lock, exactly what a batch needs."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, select

from ledger.core import body as bodies
from ledger.core.body import Body
from ledger.core.book import Book
from ledger.core.command import Approve, Change, Command, Declare, Item, Open, Post, Reject
from ledger.core.refusals import UnknownBook
from ledger.core.state import Balance, Proposal, Refusal, Seen, State
from ledger.store import tables
from ledger.store.log import read_log
from ledger.store.rows import account_of, commodity_of

CHUNK = 500


def find_book(connection: Connection, code: str) -> Book:
    """Return the book of this code, or refuse."""
    head = tables.heads
    found = select(tables.books, head.c.time_zone, head.c.policy).join(
        head, head.c.book_id == tables.books.c.id
    )
    row = connection.execute(found.where(tables.books.c.code == code)).mappings().first()
    if row is None:
        raise UnknownBook(code)
    return Book(row["id"], code, row["uuid"], row["time_zone"], json.loads(row["policy"]))


def load(connection: Connection, code: str, batch: Sequence[Command]) -> tuple[State, bytes]:
    """Lock the book's head, then load what the batch names; also return the tree's frontier."""
    book = find_book(connection, code)
    locked = select(tables.heads).where(tables.heads.c.book_id == book.id).with_for_update()
    head = connection.execute(locked).mappings().one()
    state = State(book, head["seq"], head["booked_at_us"], head["accounts_opened"])
    items = [item for command in batch for item in command.items]
    _load_ids(connection, state, items)
    sent = [*_bodies(items), *_proposed(state, items)]
    named = [each.id for command in batch for each in command.evidence]
    named += [id for body in sent for id, _ in body.evidence if id is not None]
    for row in rows_where(connection, tables.evidence, book.id, "id", named):
        state.evidence_digests[row["id"]] = row["digest"]
    _load_accounts(connection, state, sent, items)
    _load_commodities(connection, state, sent, items)
    _load_balances(connection, state, sent)
    _load_originals(connection, state, [each.reverses for each in sent if each.reverses])
    return state, head["frontier"]


def rows_where(
    connection: Connection, table: Table, book_id: int, column: str, values: Iterable[Any]
) -> Iterator[Any]:
    """Select rows of a book whose column is among the values, some hundred at a time."""
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), CHUNK):
        chosen = select(table).where(
            table.c.book_id == book_id, table.c[column].in_(wanted[start : start + CHUNK])
        )
        yield from connection.execute(chosen).mappings()


def _bodies(items: Iterable[Item]) -> list[Body]:
    return [item.body for item in items if isinstance(item, Post)]


def _proposed(state: State, items: Iterable[Item]) -> list[Body]:
    approved = {item.id for item in items if isinstance(item, Approve)}
    waiting = [each for each in state.proposals.values() if each.id in approved]
    return [bodies.read(json.loads(each.body)) for each in waiting]


def _load_ids(connection: Connection, state: State, items: Sequence[Item]) -> None:
    ids = [each.id for each in _bodies(items)]
    ids += [item.id for item in items if isinstance(item, Approve | Reject)]
    book_id = state.book.id
    for row in rows_where(connection, tables.transactions, book_id, "id", ids):
        state.seen[row["id"]] = Seen(row["digest"], row["seq"])
    for row in rows_where(connection, tables.refusals, book_id, "id", ids):
        state.refused[row["id"]] = Refusal(row["digest"], row["code"], row["facts"])
    for row in rows_where(connection, tables.proposals, book_id, "id", ids):
        state.proposals[row["id"]] = Proposal(
            row["id"], row["seq"], row["digest"], row["body"], row["preparer"], row["state"]
        )


def _load_accounts(
    connection: Connection, state: State, sent: Sequence[Body], items: Sequence[Item]
) -> None:
    codes = [line.account for body in sent for line in body.postings]
    codes += [item.account.code for item in items if isinstance(item, Open | Change)]
    for row in rows_where(connection, tables.accounts, state.book.id, "code", codes):
        state.accounts[row["code"]] = account_of(row, row["no"])


def _load_commodities(
    connection: Connection, state: State, sent: Sequence[Body], items: Sequence[Item]
) -> None:
    codes = {line.commodity for body in sent for line in body.postings}
    codes |= {item.commodity.code for item in items if isinstance(item, Declare)}
    chosen = select(tables.commodities).where(tables.commodities.c.code.in_(codes))
    for row in connection.execute(chosen).mappings():
        state.commodities[row["code"]] = commodity_of(dict(row))
    for row in rows_where(connection, tables.commodity_uses, state.book.id, "code", codes):
        state.used[row["code"]] = True


def _load_balances(connection: Connection, state: State, sent: Sequence[Body]) -> None:
    pairs = {
        (state.accounts[line.account].no, line.commodity)
        for body in sent
        for line in body.postings
        if line.account in state.accounts
    }
    numbers = sorted({no for no, _ in pairs})
    for row in rows_where(connection, tables.balances, state.book.id, "account_no", numbers):
        key = (row["account_no"], row["commodity"])
        if key in pairs:
            state.balances[key] = Balance(
                row["dr_posted"], row["cr_posted"], row["dr_held"], row["cr_held"],
                row["last_effective_on"],
            )  # fmt: skip


def _load_originals(connection: Connection, state: State, ids: Sequence[UUID]) -> None:
    for row in rows_where(connection, tables.transactions, state.book.id, "id", ids):
        (entry, _) = next(read_log(connection, state.book, row["seq"], row["seq"]))
        state.originals[row["id"]] = entry.record  # type: ignore[assignment]
    for row in rows_where(connection, tables.transactions, state.book.id, "reverses", ids):
        state.reversals[row["reverses"]] = row["id"]
