"""The registry's desk: an event is read, held against the books, decided and posted, or refused."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from ledger import journal
from ledger.chart import party_id
from ledger.core import body as bodies
from ledger.core.account import Account, AccountRef
from ledger.core.book import Book
from ledger.core.command import Command, Declare, Item, Open, Party, Post
from ledger.core.draft import Draft
from ledger.core.errors import NotFound
from ledger.core.refusals import IdConflict, UnknownProposal, UnknownTransaction
from ledger.core.state import HELD, REPLAYED, Outcome
from ledger.rights.catalogue import checked, decide
from ledger.rights.event import EVENT_DIGEST, Event
from ledger.rights.loading import load
from ledger.rights.registry import CLEARING, Registry, account_of, holder_of
from ledger.store import tables
from ledger.store.load import find_book, rows_where
from ledger.store.rows import account_of as stored_account
from ledger.store.store import Store
from ledger.writer import submit

ONE_AT_A_TIME = threading.Lock()
"""What is decided rests on what was loaded: within a process nobody comes in between."""


@dataclass(eq=False)
class UnknownHolder(NotFound):
    """The registry has no account of this holder."""

    code = "rights.unknown-holder"
    title = "The registry has no account of this holder"
    holder: str


def open_holder(
    store: Store, book: str, registry: Registry, holder: str, party: str, name: str,
    *, actor: UUID | None,
) -> Outcome:  # fmt: skip
    """Open the account of a holder; the same again changes nothing."""
    id = party_id(party)
    account = account_of(registry.holding(holder), id)
    items = (Party(id, "org", name), Open(account))
    *_, outcome = submit(store, book, Command(items, actor))
    return _settled(outcome)


def post(store: Store, book: str, event: Event, *, actor: UUID | None) -> Outcome:
    """Post one event with the accounts it needs, all or nothing; the same again is a replay."""
    with ONE_AT_A_TIME:
        earlier = _earlier(store, book, event)
        if earlier is not None:
            return earlier
        checked(event)
        original = journal.draft_of(store, book, event.original) if event.original else None
        with store.reading() as connection:
            found = find_book(connection, book)
            draft = decide(event, load(connection, found, event, original))
            opened = list(_opened(connection, found, draft))
        items: tuple[Item, ...] = (
            *(Declare(each) for each in {line.amount.commodity: 0 for line in draft.postings}),
            *map(Open, opened),
            Post(bodies.of(draft, book)),
        )
        *_, outcome = submit(store, book, Command(items, actor))
        return _settled(outcome)


def entities_of(store: Store, book: str, event: Event) -> set[str]:
    """Return whose books an event touches: of one that takes back, those of its original."""
    if event.original is None:
        return event.entities
    return {*event.entities, *journal.draft_of(store, book, event.original).entities}


def _earlier(store: Store, book: str, event: Event) -> Outcome | None:
    """Answer as the first time where the event is posted or waits; refuse another under its id."""
    told: Mapping[str, Any]
    try:
        entry, record = journal.find(store, book, event.id)
        status, seq, told = REPLAYED, entry.seq, record.metadata
    except UnknownTransaction:
        try:
            status, seq = HELD, None
            told = journal.proposed(store, book, event.id).metadata or {}
        except UnknownProposal:
            return None
    if told.get(EVENT_DIGEST) != event.metadata[EVENT_DIGEST]:
        raise IdConflict(str(event.id))
    return Outcome(status, event.id, seq)


def _opened(connection: Connection, book: Book, draft: Draft) -> Iterator[Account]:
    """Yield the accounts of a registry that the draft needs and the book does not have yet."""
    refs = dict.fromkeys(line.account for line in draft.postings)
    homes = {ref: _home(ref) for ref in refs}
    codes = [ref.code for ref in (*refs, *filter(None, homes.values()))]
    known = {
        row["code"]: stored_account(dict(row), row["no"])
        for row in rows_where(connection, tables.accounts, book.id, "code", codes)
    }
    for ref, home in homes.items():
        if ref.code in known or ref.basis == CLEARING:
            continue
        if home is not None and home.code not in known:
            raise UnknownHolder(holder_of(ref.code))
        yield account_of(ref, known[home.code].party if home else None)


def _home(ref: AccountRef) -> AccountRef | None:
    holder = holder_of(ref.code)
    return Registry(ref.entity).holding(holder) if holder else None


def _settled(outcome: Outcome) -> Outcome:
    if outcome.error is not None:
        raise outcome.error
    return outcome
