"""What callers say to the ledger: post, approve, reject, reverse; the writer does the rest."""

import datetime as dt
import json
from collections.abc import Sequence
from uuid import UUID, uuid5

from sqlalchemy import select

from ledger.core import body as bodies
from ledger.core.account import AccountRef
from ledger.core.amount import Amount
from ledger.core.body import Body
from ledger.core.command import Approve, Command, Evidence, Post, Reject
from ledger.core.draft import Draft, Posting
from ledger.core.record import Transaction
from ledger.core.refusals import UnknownProposal, UnknownTransaction
from ledger.core.state import PENDING, Entry, Outcome, Proposal
from ledger.store import tables
from ledger.store.load import find_book, rows_where
from ledger.store.log import read_log
from ledger.store.rows import account_of, commodity_of
from ledger.store.store import Store
from ledger.writer import open_book, submit

__all__ = [
    "approve",
    "digests",
    "draft_of",
    "find",
    "open_book",
    "post",
    "post_bodies",
    "proposals",
    "proposed",
    "reject",
    "reverse",
]


def post(
    store: Store,
    book: str,
    drafts: Sequence[Draft],
    *,
    actor: UUID | None,
    evidence: Sequence[Evidence] = (),
) -> list[Outcome]:
    """Post drafts together with the evidence they rest on, or none of it."""
    sent = [bodies.of(draft, book) for draft in drafts]
    return post_bodies(store, book, sent, actor=actor, evidence=evidence)


def post_bodies(
    store: Store,
    book: str,
    sent: Sequence[Body],
    *,
    actor: UUID | None,
    evidence: Sequence[Evidence] = (),
    atomic: bool = True,
) -> list[Outcome]:
    """Post bodies as they were sent: all or none, or (not ``atomic``) each alone."""
    items = tuple(Post(body) for body in sent)
    return list(submit(store, book, Command(items, actor, tuple(evidence), atomic)))


def approve(store: Store, book: str, id: UUID, *, actor: UUID | None) -> Outcome:
    """Post what another person prepared."""
    return submit(store, book, Command((Approve(id),), actor))[0]


def reject(store: Store, book: str, id: UUID, reason: str, *, actor: UUID | None) -> Outcome:
    """Turn down what another person prepared, with the reason."""
    return submit(store, book, Command((Reject(id, reason),), actor))[0]


def reverse(
    store: Store,
    book: str,
    id: UUID,
    *,
    actor: UUID | None,
    on: dt.date,
    narrative: str,
    reversal_id: UUID | None = None,
) -> Outcome:
    """Take a transaction back by its mirror; the reversal's id follows from the original's."""
    draft = draft_of(store, book, id).reversed(
        id=reversal_id or uuid5(id, "reversal"), on=on, narrative=narrative
    )
    return post(store, book, [draft], actor=actor)[0]


def digests(store: Store, book: str, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Return the body digests of those ids that are posted, or wait for a second person."""
    found: dict[UUID, bytes] = {}
    with store.reading() as connection:
        book_id = find_book(connection, book).id
        for row in rows_where(connection, tables.proposals, book_id, "id", ids):
            if row["state"] == PENDING:
                found[row["id"]] = row["digest"]
        for row in rows_where(connection, tables.transactions, book_id, "id", ids):
            found[row["id"]] = row["digest"]
    return found


def proposals(store: Store, book: str) -> list[Proposal]:
    """Return what waits for a second person, the oldest first."""
    waiting = tables.proposals
    with store.reading() as connection:
        book_id = find_book(connection, book).id
        chosen = select(waiting).where(waiting.c.book_id == book_id, waiting.c.state == PENDING)
        rows = connection.execute(chosen.order_by(waiting.c.seq)).mappings().all()
    names = Proposal._fields
    return [Proposal(**{name: row[name] for name in names}) for row in rows]


def proposed(store: Store, book: str, id: UUID) -> Body:
    """Return a proposed body, whether it still waits or not."""
    kept = tables.proposals.c
    with store.reading() as connection:
        book_id = find_book(connection, book).id
        chosen = select(kept.body).where(kept.book_id == book_id, kept.id == id)
        text = connection.execute(chosen).scalar_one_or_none()
    if text is None:
        raise UnknownProposal(str(id))
    return bodies.read(json.loads(text))


def find(store: Store, book: str, id: UUID) -> tuple[Entry, Transaction]:
    """Return a posted transaction with its place in the log."""
    with store.reading() as connection:
        found = find_book(connection, book)
        chosen = select(tables.transactions.c.seq).where(
            tables.transactions.c.book_id == found.id, tables.transactions.c.id == id
        )
        seq = connection.execute(chosen).scalar_one_or_none()
        if seq is None:
            raise UnknownTransaction(str(id))
        entry, _ = next(read_log(connection, found, seq, seq))
    assert isinstance(entry.record, Transaction)
    return entry, entry.record


def draft_of(store: Store, book: str, id: UUID) -> Draft:
    """Return a posted transaction as the draft it was."""
    _, record = find(store, book, id)
    with store.reading() as connection:
        book_id = find_book(connection, book).id
        codes = {line.account for line in record.postings}
        chosen = tables.accounts.select().where(
            tables.accounts.c.book_id == book_id, tables.accounts.c.code.in_(codes)
        )
        rows = [dict(row) for row in connection.execute(chosen).mappings()]
        refs: dict[str, AccountRef] = {row["code"]: account_of(row, row["no"]).ref for row in rows}
        used = tables.commodities.select().where(
            tables.commodities.c.code.in_({line.commodity for line in record.postings})
        )
        counted = {
            row["code"]: commodity_of(dict(row)) for row in connection.execute(used).mappings()
        }
    lines = tuple(
        Posting(refs[line.account], Amount(line.signed, counted[line.commodity]), line.side)
        for line in record.postings
    )
    return Draft(
        id=record.id, kind=record.kind, effective_on=record.effective_on,
        narrative=record.narrative, postings=lines, reference=record.reference,
        metadata=record.metadata, reverses=record.reverses,
    )  # fmt: skip
