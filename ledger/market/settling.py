"""The settlement run: what was filled is delivered against payment after the close, one by one."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import Connection, select

from ledger import journal
from ledger.balances import commodities
from ledger.core.amount import CNY, Commodity
from ledger.core.body import Body
from ledger.core.book import Book
from ledger.core.errors import DomainError
from ledger.core.refusals import BackDated
from ledger.market.booking import (
    AT_FILL,
    DELIVER_TO,
    FEE_TO,
    FILLED,
    PAY_TO,
    SELLER_FEE,
    SETTLE_CASH,
    moved,
)
from ledger.rights.registry import SETTLE
from ledger.store import Store, tables
from ledger.store.load import find_book, rows_where

TOGETHER = 500


class Filled(NamedTuple):
    """A fill whose sides stand in ``Settle``, with its lines: account, commodity, quanta."""

    id: UUID
    seq: int
    on: dt.date
    reference: str
    narrative: str
    said: Mapping[str, str]
    lines: Sequence[tuple[str, str, int]]

    @property
    def settlement(self) -> UUID:
        """The id of the transaction that settles it."""
        return uuid5(self.id, "settle")

    @property
    def standing(self) -> list[tuple[str, str, int]]:
        """What stands in ``Settle`` by it."""
        return [each for each in self.lines if each[0].endswith((f":{SETTLE}", f":{SETTLE_CASH}"))]


class Run(NamedTuple):
    """What a settlement run came to: how many trades, and why others could not be settled."""

    settled: int
    refused: tuple[tuple[str, DomainError], ...]


def settle(store: Store, book: str, market: str, *, actor: UUID | None) -> Run:
    """Settle all that is filled and not settled; a run that broke off is taken up by the next.

    A settlement that comes late, behind something else of its accounts, is of today.
    """
    with store.reading() as connection:
        found = find_book(connection, book)
        waiting = list(unsettled(connection, found, market))
        counted = commodities(connection)
    done, refused, late = 0, list[tuple[str, DomainError]](), list[Filled]()
    today = found.day_of(store.clock())

    def posted(some: Sequence[Filled]) -> Iterator[tuple[Filled, DomainError | None]]:
        sent = [_settling(book, each, counted) for each in some]
        outcomes = journal.post_bodies(store, book, sent, actor=actor, atomic=False)
        yield from ((each, outcome.error) for each, outcome in zip(some, outcomes, strict=True))

    for some in (waiting, late):
        for start in range(0, len(some), TOGETHER):
            for each, error in posted(some[start : start + TOGETHER]):
                if isinstance(error, BackDated) and each.on != today:
                    late.append(each._replace(on=today))
                elif error is not None:
                    refused.append((each.reference, error))
                done += error is None
    return Run(done, tuple(refused))


def unsettled(connection: Connection, book: Book, market: str = "") -> Iterator[Filled]:
    """Yield the fills that are not settled, of one market or of all, the oldest first."""
    made = tables.transactions.c
    chosen = select(made.id, made.seq, made.effective_on, made.reference, made.narrative,
                    made.metadata).where(made.book_id == book.id, made.kind == FILLED)  # fmt: skip
    if market:
        chosen = chosen.where(made.reference.startswith(f"{market}/", autoescape=True))
    rows = connection.execute(chosen.order_by(made.seq)).all()
    wanted = {uuid5(row.id, "settle"): row for row in rows}
    for settled in rows_where(connection, tables.transactions, book.id, "id", wanted):
        del wanted[settled["id"]]
    lines = lines_of(connection, book, [row.seq for row in wanted.values()])
    for row in wanted.values():
        said = json.loads(row.metadata)
        yield Filled(
            row.id, row.seq, row.effective_on, row.reference, row.narrative, said, lines[row.seq]
        )


def lines_of(
    connection: Connection, book: Book, seqs: Sequence[int]
) -> dict[int, list[tuple[str, str, int]]]:
    """Return the lines of transactions by their record: account, commodity, quanta."""
    found: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    rows = list(rows_where(connection, tables.postings, book.id, "seq", seqs))
    numbers = {row["account_no"] for row in rows}
    named = rows_where(connection, tables.accounts, book.id, "no", numbers)
    codes = {row["no"]: row["code"] for row in named}
    for row in rows:
        signed = row["quanta"] if row["side"] == 0 else -row["quanta"]
        found[row["seq"]].append((codes[row["account_no"]], row["commodity"], signed))
    return found


def _settling(book: str, fill: Filled, counted: Mapping[str, Commodity]) -> Body:
    """R10 and M3: deliver the right from ``Settle``, pay the seller, and take the seller's fee."""
    said, postings = fill.said, []
    for account, code, quanta in fill.standing:
        to = said[PAY_TO] if code == CNY.code else said[DELIVER_TO]
        postings += moved(to, account, counted[code], quanta)
    if SELLER_FEE in said:
        postings += moved(said[PAY_TO], said[FEE_TO], CNY, int(said[SELLER_FEE]))
    return Body(
        book=book, id=fill.settlement, kind=AT_FILL, effective_on=fill.on,
        reference=fill.reference, narrative=fill.narrative, postings=postings,
    )  # fmt: skip
