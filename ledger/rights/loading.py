"""Loading what decisions and laws about rights rest on: balances, history, serial blocks."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, select

from ledger.balances import AccountBalance, balances, commodities, register
from ledger.core.amount import Commodity
from ledger.core.book import Book
from ledger.core.draft import Draft
from ledger.rights.event import Event
from ledger.rights.facts import Facts
from ledger.rights.instrument import Right, right_of
from ledger.rights.registry import ISSUED, REGISTRY
from ledger.rights.serials import Block, Moved, Serials
from ledger.store import tables
from ledger.store.rows import account_of
from ledger.store.standing import standing

CARRY, SURRENDER = "right.carry", "right.surrender"
ACCRUE, EXPIRE, RECLAIM = "accrue", "expire", "reclaim"
TRADES = ("trade.settle", "trade.fill", "right.transfer", "right.fill", "right.settle")


def standing_of_rights(
    connection: Connection, book: Book, as_of: dt.date | None = None
) -> Iterator[AccountBalance]:
    """Yield the balances of a book that counts anything by an instrument; else nothing."""
    used = tables.commodity_uses.c
    counts = select(used.seq).where(used.book_id == book.id, used.instrument != "").limit(1)
    if connection.execute(counts).first() is not None:
        yield from balances(connection, book, as_of=as_of)


def load(connection: Connection, book: Book, event: Event, original: Draft | None = None) -> Facts:
    """Load what any decision about the event may ask for."""
    found = list(_standing_at(connection, book, event.registry.named(*event.holders)))
    for below in _below(event):
        found += balances(connection, book, account=f"{event.registry.code}:{below}")
    net_sold, carried = _history(connection, book, event) if event.into else (0, 0)
    return Facts(
        standing={(each.account.code, each.commodity.code): each.normal.quanta for each in found},
        accounts={each.account.code: each.account for each in found},
        net_sold=net_sold,
        carried=carried,
        surrendered=_surrendered(connection, book, event) if event.name == RECLAIM else 0,
        blocks=blocks_of(connection, book, event.amounts[0].commodity) if event.serials else {},
        original=original,
    )


def _below(event: Event) -> tuple[str, ...]:
    """Name the accounts below which an event asks for all there are, lenders' and others'."""
    if event.name == EXPIRE:
        return (f"Holding:{event.holder}",)
    return (f"Holding:{event.holder}", "Accrual", ISSUED) if event.name == ACCRUE else ()


def _standing_at(
    connection: Connection, book: Book, codes: Iterable[str]
) -> Iterator[AccountBalance]:
    """Yield the balances of accounts by their codes: few rows, however large the registry."""
    held, at = standing(connection, book).subquery().c, tables.accounts
    chosen = (
        select(at, held.commodity, held.dr_posted, held.cr_posted)
        .join(held.account_no.table, held.account_no == at.c.no)
        .where(at.c.book_id == book.id, at.c.code.in_(list(codes)))
    )
    counted = commodities(connection)
    for row in connection.execute(chosen).mappings():
        yield AccountBalance(
            account_of(dict(row), row["no"]), counted[row["commodity"]], row["dr_posted"],
            row["cr_posted"],
        )  # fmt: skip


def _surrendered(connection: Connection, book: Book, event: Event) -> int:
    """Add up what left a holder's accounts by surrender of a year, less what came back."""
    kinds = tables.transactions.c.kind.in_((SURRENDER, f"right.{RECLAIM}"))
    below = f"{event.registry.code}:Holding:{event.holder}:"
    codes = {each.commodity.code for each in event.amounts}
    found: Iterable[int] = (
        row.signed
        for row in lines_of(connection, book, kinds)
        if row.code.startswith(below)
        and row.commodity in codes
        and json.loads(row.metadata).get("year") == event.year
    )
    return -sum(found)


def _history(connection: Connection, book: Book, event: Event) -> tuple[int, int]:
    """Add up what the holder sold of the instrument, less what was bought, and carried over."""
    since = event.instrument.day("carry-sold-since", event.on)
    right, sold, carried = event.amounts[0].commodity, 0, 0
    held = f"{event.registry.code}:Holding:{event.holder}"
    for line in register(connection, book, account=held, until=event.on):
        of_kind = line.commodity.instrument == event.instrument.id
        if line.kind in TRADES and of_kind and (since is None or line.effective_on >= since):
            sold -= line.amount.quanta
        elif line.kind == CARRY and line.commodity == right and line.amount.quanta < 0:
            carried -= line.amount.quanta
    return sold, carried


def serials_of(connection: Connection, book: Book, commodity: Commodity) -> Serials:
    """Follow a right through the whole log."""
    found = Serials()
    for _, lines in groupby(_lines(connection, book, commodity), key=lambda line: line.id):
        found.follow(list(lines))
    return found


def blocks_of(
    connection: Connection, book: Book, commodity: Commodity
) -> dict[str, tuple[Block, ...]]:
    """Return the blocks of a right by the account in which they stand."""
    held = serials_of(connection, book, commodity).held
    return {account: tuple(blocks) for account, blocks in held.items() if blocks}


def _lines(connection: Connection, book: Book, commodity: Commodity) -> Iterator[Moved]:
    line, made, at = tables.postings.c, tables.transactions.c, tables.accounts.c
    chosen = (
        select(made.id, made.reverses, made.metadata, at.code, line.side, line.red, line.quanta)
        .join(tables.transactions, (made.book_id == line.book_id) & (made.seq == line.seq))
        .join(tables.accounts, (at.book_id == line.book_id) & (at.no == line.account_no))
        .where(line.book_id == book.id, line.commodity == commodity.code, at.basis == REGISTRY)
        .order_by(line.seq, line.line)
    )
    for id, reverses, said, code, side, red, quanta in connection.execute(chosen):
        signed = quanta if (side == 0) != bool(red) else -quanta
        yield Moved(id, reverses, _named(said), code, signed)


def _named(metadata: str) -> str:
    return str(json.loads(metadata).get("serials", "")) if '"serials"' in metadata else ""


def lines_of(connection: Connection, book: Book, chosen: ColumnElement[bool]) -> Iterator[Any]:
    """Select chosen postings of ruled rights in registries, in booking order.

    ``signed`` are debit-positive quanta.
    """
    line, made, at = tables.postings.c, tables.transactions.c, tables.accounts.c
    sign = case(((line.side == 0) == (line.red == 0), 1), else_=-1)
    selected = (
        select(
            made.seq, made.id, made.kind, made.effective_on, made.reverses, made.metadata,
            made.narrative, made.reference, at.code, line.commodity,
            (line.quanta * sign).label("signed"),
        )
        .join(tables.transactions, (made.book_id == line.book_id) & (made.seq == line.seq))
        .join(tables.accounts, (at.book_id == line.book_id) & (at.no == line.account_no))
        .where(line.book_id == book.id, at.basis == REGISTRY, chosen)
        .where(line.commodity.in_(list(ruled(connection, book))))
        .order_by(line.seq, line.line)
    )  # fmt: skip
    yield from connection.execute(selected)


def ruled(connection: Connection, book: Book) -> dict[str, Right]:
    """Return the rights of a book that an instrument rules, by code."""
    used = tables.commodity_uses.c
    codes = connection.execute(select(used.code).where(used.book_id == book.id)).scalars()
    counted = commodities(connection)
    found = {code: right_of(counted[code]) for code in codes}
    return {code: right for code, right in found.items() if right is not None}
