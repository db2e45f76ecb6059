"""What the console shows of a book: trades, transfers with their evidence, the trial balance."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from api import session
from api.render.text import number
from api.resources.statements import evidence
from ledger.balances import commodities
from ledger.core.amount import Amount, Commodity
from ledger.core.book import Book
from ledger.core.record import Transaction
from ledger.store import tables
from ledger.store.log import read_log

SHOWN_MAX = 200
TRADE, TRANSFER = "trade.settle", "fiscal.transfer"


@dataclass(frozen=True, slots=True)
class Shown:
    """A transaction as the console shows it."""

    seq: int
    on: str
    narrative: str
    rights: tuple[str, ...]
    money: str
    status: str
    preparer: str
    approver: str
    evidence: dict[str, Any] | None


def shown(connection: Connection, book: Book, kind: str, locale: str) -> Iterator[Shown]:
    """Yield the latest transactions of a kind, the newest first."""
    made = tables.transactions.c
    chosen = (
        select(made.seq)
        .where(made.book_id == book.id, made.kind == kind)
        .order_by(made.effective_on.desc(), made.seq.desc())
        .limit(SHOWN_MAX)
    )
    counted, names = commodities(connection), session.names(connection)
    for seq in connection.execute(chosen).scalars().all():
        for entry, _ in read_log(connection, book, seq, seq):
            if isinstance(entry.record, Transaction):
                yield _shown(connection, book, entry.seq, entry.record, counted, names, locale)


def _shown(
    connection: Connection,
    book: Book,
    seq: int,
    record: Transaction,
    counted: dict[str, Commodity],
    names: dict[UUID, str],
    locale: str,
) -> Shown:
    named = record.metadata.get("evidence")
    return Shown(
        seq=seq,
        on=record.effective_on.isoformat(),
        narrative=record.narrative,
        rights=tuple(_rights(record, counted, locale)),
        money=_money(record, counted, locale),
        status=record.metadata.get("status", ""),
        preparer=names.get(record.preparer, "") if record.preparer else "",
        approver=names.get(record.approver, "") if record.approver else "",
        evidence=evidence(connection, book.id, UUID(named)) if named else None,
    )


def _rights(record: Transaction, counted: dict[str, Commodity], locale: str) -> Iterator[str]:
    for line in record.postings:
        commodity = counted[line.commodity]
        if line.signed > 0 and commodity.kind != "money":
            amount = number(Amount(line.signed, commodity).value, locale)
            yield f"{amount} {commodity.unit} {commodity.code}"


def _money(record: Transaction, counted: dict[str, Commodity], locale: str) -> str:
    """Add up the money of the first basis: the budget book repeats what the accrual book says."""
    sums: dict[str, int] = {}
    for line in record.postings:
        if counted[line.commodity].kind == "money" and line.signed > 0:
            sums[line.account] = sums.get(line.account, 0) + line.signed
    moved = [quanta for account, quanta in sums.items() if account.partition(":")[2]]
    cny = counted["CNY"]
    largest = sum(moved) if record.kind == TRADE else max(moved, default=0)
    return number(Amount(largest, cny).value, locale)


def first(connection: Connection) -> str:
    """Return the code of the book that was opened first; no code where there is none."""
    opened = tables.books.c
    found = connection.execute(select(opened.code).order_by(opened.id).limit(1)).scalar()
    return found or ""
