"""Foreign digests as callers speak of them: written, and read back in booking order."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select

from ledger.core.book import Book
from ledger.core.command import Cite, Command
from ledger.core.refusals import Malformed
from ledger.core.state import Outcome
from ledger.core.transfer import RECORD
from ledger.store import tables
from ledger.store.store import Store
from ledger.writer import submit

BOOK_RECORD = "book-record"
"""What a record of another book is called; its reference is ``<book>/<seq>``, its digest the leaf.
"""
OWN = frozenset({RECORD, "gep-edition"})
"""What nobody writes by hand: records of transits, and steps of editions."""


class ForeignDigest(NamedTuple):
    """A foreign digest and the record that wrote it."""

    seq: int
    what: str
    reference: str
    digest: bytes
    metadata: Mapping[str, str]
    user: UUID | None


def write(store: Store, book: str, item: Cite, *, actor: UUID | None) -> Outcome:
    """Write a foreign digest into the log of a book, or refuse what the program writes alone."""
    if item.what in OWN:
        raise Malformed("what", "is written by a transit or an edition alone")
    (outcome,) = submit(store, book, Command((item,), actor))
    if outcome.error is not None:
        raise outcome.error
    return outcome


def read(
    connection: Connection,
    book: Book,
    *,
    what: str | None = None,
    reference: str | Sequence[str] | None = None,
    after: int = 0,
    limit: int | None = None,
) -> Iterator[ForeignDigest]:
    """Yield the foreign digests of a book in booking order, perhaps only some."""
    among = [reference] if isinstance(reference, str) else reference
    at = tables.foreign_digests.c
    wanted: list[ColumnElement[bool]] = [at.book_id == book.id, at.seq > after]
    wanted += [at.what == what] if what is not None else []
    wanted += [at.reference.in_(among)] if among is not None else []
    chosen = select(tables.foreign_digests).where(*wanted).order_by(at.seq)
    for row in connection.execute(chosen.limit(limit)).mappings():
        yield _digest_of(row)


def _digest_of(row: Any) -> ForeignDigest:
    return ForeignDigest(
        row["seq"], row["what"], row["reference"], row["digest"], json.loads(row["metadata"]),
        row["user_id"],
    )  # fmt: skip
