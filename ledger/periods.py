"""Periods as callers speak of them; a close seals the turnover of its entity and basis."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from ledger.core.account import BASES
from ledger.core.book import Book
from ledger.core.command import Command, Turn
from ledger.core.fields import word_of
from ledger.core.position import NEVER
from ledger.core.refusals import Malformed
from ledger.core.state import Outcome, State
from ledger.proof.sumtree import seal_root
from ledger.store import tables
from ledger.store.load import find_book
from ledger.store.store import Store
from ledger.writer import submit


class Period(NamedTuple):
    """A period as it stands: its last event, the reason given and the seal made at a close."""

    seq: int
    entity: str
    basis: str
    period: str
    state: str
    reason: str
    seal: bytes | None


def turn(store: Store, book: str, item: Turn, *, actor: UUID | None) -> Outcome:
    """Bring a period of an entity that has accounts on the basis into another state, or refuse."""
    word_of(item.entity, "entity")
    if item.basis not in BASES:
        raise Malformed("basis", f"{item.basis!r} is none of {', '.join(BASES)}")
    with store.reading() as connection:
        _known(connection, find_book(connection, book), item)
    sealing = item._replace(seal=partial(sealed, item.entity, item.basis))
    (outcome,) = submit(store, book, Command((sealing,), actor))
    if outcome.error is not None:
        raise outcome.error
    return outcome


def sealed(entity: str, basis: str, state: State) -> bytes:
    """Return the root over all turnover of an entity on a basis; the close has loaded it whole."""
    return seal_root(
        (*position.key, position.dr, position.cr)
        for position in state.positions.values()
        if position.latest != NEVER
        if (position.account.entity, position.account.basis) == (entity, basis)
    )


def standing(connection: Connection, book: Book) -> Iterator[Period]:
    """Yield how each period that was ever turned stands, the last turned last."""
    event = tables.period_events.c
    chosen = select(*(event[name] for name in Period._fields)).where(event.book_id == book.id)
    latest: dict[tuple[str, str, str], Period] = {}
    for row in connection.execute(chosen.order_by(event.seq)):
        period = Period(*row)
        key = (period.entity, period.basis, period.period)
        latest.pop(key, None)
        latest[key] = period
    return iter(latest.values())


def _known(connection: Connection, book: Book, item: Turn) -> None:
    at = tables.accounts.c
    mine = (at.book_id == book.id, at.entity == item.entity, at.basis == item.basis)
    if connection.execute(select(at.no).where(*mine).limit(1)).first() is None:
        raise Malformed("entity", f"{item.entity} has no account on the basis {item.basis}")
