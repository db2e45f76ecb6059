"""The desk of a market: parties and the operator tell it events, each in a command of its own."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import Connection

from ledger import journal
from ledger.balances import balances
from ledger.core import body as bodies
from ledger.core.account import ANY_COMMODITY, Account, Bound, Side
from ledger.core.amount import Amount, decimal_of
from ledger.core.book import Book
from ledger.core.command import Command, Enter, Open
from ledger.core.draft import Draft
from ledger.core.state import Outcome
from ledger.market.booking import FEES, SETTLE_CASH, Terms
from ledger.market.events import AnyEvent, CloseDay, OpenDay, encode
from ledger.market.floor import Floor
from ledger.market.settling import TOGETHER, Run, settle
from ledger.rights.event import Event
from ledger.rights.facts import Facts
from ledger.rights.instrument import right_of
from ledger.rights.registry import (
    BOUGHT_TODAY,
    CLEARING,
    SETTLE,
    Registry,
    account_of,
    holder_of,
    place_of,
)
from ledger.rights.transfer import rolling
from ledger.store import Store, tables
from ledger.store.load import find_book, rows_where
from ledger.store.rows import account_of as stored_account
from ledger.writer import submit

ALWAYS_ZERO_DAYS = 1
NEVER_BELOW_ZERO = Bound(ANY_COMMODITY, floor=decimal_of("0"))
A_DAY = dt.timedelta(days=1)


class Opened(NamedTuple):
    """A day that was opened: what it took before, and its event."""

    outcome: Outcome
    settled: Run
    rolled: int


def telling(market: str, id: UUID, event: AnyEvent, floor: Callable[[str], Floor] = Floor) -> Enter:
    """Return an event as the writer takes it: number and instant are given under the lock."""
    digest = sha256(market.encode() + b"\0" + encode(event)).digest()
    return Enter(id, market, event, digest, lambda: floor(market))


def tell(
    store: Store, book: str, market: str, id: UUID, event: AnyEvent, *, actor: UUID | None
) -> Outcome:
    """Tell a market an event; answer once it is booked and numbered, or raise why it is refused.

    The outcome's ``seq`` is its number in the market; the same again is a replay.
    """
    command = Command((telling(market, id, event),), actor, atomic=False)
    (outcome,) = submit(store, book, command)
    if outcome.error is not None:
        raise outcome.error
    return outcome


def open_day(
    store: Store, book: str, market: str, id: UUID, event: OpenDay, *, actor: UUID | None
) -> Opened:
    """Open a day: settle what is left of days before, free what was bought on them, then open."""
    registry, clearing = Registry(event.registry or ""), Registry(event.clearing or "")
    opening = (
        account_of(registry.at(SETTLE), None), _cash(clearing.at(SETTLE_CASH, CLEARING).code),
        Account(clearing.at(FEES, CLEARING).code, "income", CLEARING, Side.CREDIT),
    )  # fmt: skip
    _open_missing(store, book, opening, actor)
    settled = settle(store, book, "", actor=actor)
    rolled = roll(store, book, registry, event.day, actor=actor)
    return Opened(tell(store, book, market, id, event, actor=actor), settled, rolled)


def close_day(
    store: Store, book: str, market: str, id: UUID, event: CloseDay, *, actor: UUID | None
) -> tuple[Outcome, Run]:
    """Close a day: what is open lapses, what was filled is settled."""
    outcome = tell(store, book, market, id, event, actor=actor)
    return outcome, settle(store, book, market, actor=actor)


def roll(store: Store, book: str, registry: Registry, day: dt.date, *, actor: UUID | None) -> int:
    """R11: free what holders bought before a day; return how many holdings."""
    with store.reading() as connection:
        drafts = list(_rolled(connection, find_book(connection, book), registry, day))
    done = 0
    for start in range(0, len(drafts), TOGETHER):
        sent = [bodies.of(each, book) for each in drafts[start : start + TOGETHER]]
        outcomes = journal.post_bodies(store, book, sent, actor=actor, atomic=False)
        done += sum(outcome.error is None for outcome in outcomes)
    return done


def accounts(connection: Connection, book: Book, codes: Iterable[str]) -> dict[str, Account]:
    """Return the accounts of these codes that there are."""
    rows = rows_where(connection, tables.accounts, book.id, "code", codes)
    return {row["code"]: stored_account(row, row["no"]) for row in rows}


def open_bought(
    store: Store, book: str, terms: Terms, holder: str, party: UUID | None, *, actor: UUID | None
) -> None:
    """Open where a holder's purchases of a day stand: every fill needs it."""
    account = account_of(terms.registry.holding(holder, BOUGHT_TODAY), party)
    _open_missing(store, book, (account,), actor)


def _rolled(
    connection: Connection, book: Book, registry: Registry, day: dt.date
) -> Iterator[Draft]:
    """Draft what was bought before a day and still stands as bought, where the right goes on."""
    below = f"{registry.code}:Holding"
    now = {
        (each.account.code, each.commodity.code): each.normal.quanta
        for each in balances(connection, book, account=below)
    }
    for each in balances(connection, book, as_of=day - A_DAY, account=below):
        code, counted = each.account.code, each.commodity
        right = right_of(counted)
        quanta = min(each.normal.quanta, now.get((code, counted.code), 0))
        if place_of(code) != BOUGHT_TODAY or right is None or quanta <= 0:
            continue
        last = right.ends(day)
        if last is None or day <= last:
            id = uuid5(book.uuid, f"roll/{day}/{code}/{counted.code}")
            event = Event(id, day, (Amount(quanta, counted),), "roll", registry, holder_of(code))
            yield rolling(event, Facts())


def _open_missing(store: Store, book: str, wanted: Iterable[Account], actor: UUID | None) -> None:
    """Open accounts that the book does not have yet."""
    wanted = list(wanted)
    with store.reading() as connection:
        there = accounts(connection, find_book(connection, book), [each.code for each in wanted])
    items = tuple(Open(each) for each in wanted if each.code not in there)
    for outcome in submit(store, book, Command(items, actor)) if items else ():
        if outcome.error is not None:
            raise outcome.error


def _cash(code: str) -> Account:
    return Account(
        code, "liability", CLEARING, Side.CREDIT, kinds=("money",), bounds=(NEVER_BELOW_ZERO,),
        always_zero_days=ALWAYS_ZERO_DAYS,
    )  # fmt: skip
