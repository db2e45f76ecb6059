"""A fresh book for one scenario: what every adapter says to the ledger, and reads back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple, Self
from uuid import UUID, uuid5

from sqlalchemy import Table, select

from ledger import journal
from ledger.core import body as bodies
from ledger.core.account import Account, Bound, Side
from ledger.core.amount import Commodity
from ledger.core.command import Command, Declare, Item, Open, Place, Post, Release
from ledger.core.errors import DomainError
from ledger.core.refusals import ChainBroken
from ledger.core.state import Entry, Outcome
from ledger.store import open_store, tables
from ledger.store.load import find_book
from ledger.store.log import read_log
from ledger.writer import submit

BOOK, TIME_ZONE = "peer", "UTC"
PREPARER, OVERSEER = UUID(int=1), UUID(int=2)
OWN = UUID("5a7c1f5e-0000-4000-8000-000000000000")
OWN_ENTITY = "Adapter"
UNIT = Commodity("UNIT", "unit", 0, "money")
DESK = Account(f"{OWN_ENTITY}:Desk", "asset", "accrual", Side.DEBIT)
TOKEN, REHEARSAL = uuid5(OWN, "token"), uuid5(OWN, "rehearsal")
NOWHERE = f"{OWN_ENTITY}:Nowhere"
TRANSACTION, HOLD, REFUSAL = "transaction", "hold", "refusal"
KINDS: tuple[tuple[str, Table], ...] = (
    (TRANSACTION, tables.transactions), (HOLD, tables.hold_states), (REFUSAL, tables.refusals),
)  # fmt: skip


class Totals(NamedTuple):
    """The four balances of an account, in quanta."""

    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0


class Books:
    """A book on a fresh store, and the clock that dates its records.

    The adapter has a desk of its own there, with a hold that is never used up (the token): the
    ledger lets a line move nothing only where its transaction consumes a hold.
    """

    def __init__(self, url: str, now_us: int) -> None:
        self.now_us = now_us
        self.store = open_store(url)
        self.store.clock = lambda: self.now_us
        self.book = journal.open_book(self.store, BOOK, time_zone=TIME_ZONE)
        line = {"account": DESK.code, "commodity": UNIT.code, "amount": "1", "side": "debit"}
        token = bodies.read_hold({"book": BOOK, "id": str(TOKEN), "lines": [line]})
        self.must(Declare(UNIT), Open(DESK), Place(token))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    def say(self, *items: Item, actor: UUID = PREPARER) -> tuple[Outcome, ...]:
        """Submit one command, all or nothing; a single item is refused with its id."""
        return submit(self.store, BOOK, Command(items, actor))

    def must(self, *items: Item, actor: UUID = PREPARER) -> tuple[Outcome, ...]:
        """Submit what the ledger may not refuse."""
        outcomes = self.say(*items, actor=actor)
        for each in outcomes:
            if each.error is not None:
                raise each.error
        return outcomes

    def say_together(self, *items: Item, actor: UUID = PREPARER) -> tuple[Outcome, ...]:
        """Submit all or nothing; where it is nothing, no id is burnt."""
        return self.say(*items, Declare(UNIT), actor=actor)[: len(items)]

    def rehearse(self, *items: Item) -> tuple[int, DomainError] | None:
        """Find the first refusal, and whose, of items of which nothing stays."""
        outcomes = self.say(*items, stop())
        first, error = culprit(outcomes)
        return None if first == len(items) else (first, error)

    def retire(self, id: UUID) -> None:
        """Let the ledger refuse an id once and for all: its account is known to nobody."""
        line = {"account": NOWHERE, "commodity": UNIT.code, "amount": "0", "side": "debit"}
        self.say(Post(bodies.read({"book": BOOK, "id": str(id), "postings": [line]})))

    def kind_of(self, id: UUID) -> str | None:
        """Say what the ledger knows an id as."""
        with self.store.reading() as connection:
            for kind, table in KINDS:
                chosen = select(table.c.id).where(table.c.book_id == self.book.id)
                if connection.execute(chosen.where(table.c.id == id)).first() is not None:
                    return kind
        return None

    def refused_ids(self) -> set[UUID]:
        """Return the ids that the ledger will refuse for ever."""
        of = tables.refusals.c
        with self.store.reading() as connection:
            chosen = select(of.id).where(of.book_id == self.book.id)
            return set(connection.execute(chosen).scalars())

    def hold_state(self, id: UUID) -> str | None:
        """Say how a hold stands."""
        of = tables.hold_states.c
        with self.store.reading() as connection:
            chosen = select(of.state).where(of.book_id == self.book.id, of.id == id)
            found = connection.execute(chosen).scalar_one_or_none()
        return None if found is None else str(found)

    def totals(self, account: str, commodity: str) -> Totals:
        """Return the four balances of an account in a commodity, as they stand."""
        at, of = tables.accounts, tables.balances
        joined = at.join(of, (of.c.book_id == at.c.book_id) & (of.c.account_no == at.c.no))
        chosen = (
            select(of.c.dr_held, of.c.dr_posted, of.c.cr_held, of.c.cr_posted)
            .select_from(joined)
            .where(at.c.book_id == self.book.id, at.c.code == account)
            .where(of.c.commodity == commodity)
        )
        with self.store.reading() as connection:
            row = connection.execute(chosen).first()
        return Totals(*row) if row is not None else Totals()

    def log(self) -> list[Entry]:
        """Read every record back."""
        with self.store.reading() as connection:
            found = find_book(connection, BOOK)
            return [entry for entry, _ in read_log(connection, found)]


def stop() -> Release:
    """Return an item that the ledger always refuses, so that its command leaves nothing."""
    return Release(REHEARSAL, "rehearsal")


def culprit(outcomes: Sequence[Outcome]) -> tuple[int, DomainError]:
    """Return the first item of a failed command that was refused for its own sake, and why."""
    for index, each in enumerate(outcomes):
        if each.error is not None and not isinstance(each.error, ChainBroken):
            return index, each.error
    raise AssertionError(outcomes)


def nothing_of_the_token() -> dict[str, Any]:
    """Consume nothing of the token, so that lines may move nothing."""
    return {"hold": str(TOKEN), "line": 1, "amount": "0"}


def line(account: str, commodity: str, amount: str, side: str, **more: object) -> dict[str, Any]:
    """Write a line on a side; the amount is never negative unless it is meant to be wrong."""
    signed = amount if side == "debit" or amount.startswith("-") or amount == "0" else f"-{amount}"
    return {"account": account, "commodity": commodity, "amount": signed, "side": side, **more}


def limits(commodity: str, floor: int | None = None, ceiling: int | None = None) -> Bound:
    """State the bounds of an account in a commodity, in whole units."""
    low, high = (None if each is None else Decimal(each) for each in (floor, ceiling))
    return Bound(commodity, low, high)
