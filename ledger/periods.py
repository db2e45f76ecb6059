"""Periods as callers speak of them; a close seals the turnover of its entity and basis.

Always-zero accounts, which a close asks to be empty, and their age.
"""

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, exists, select

from ledger.core.account import BASES, Account
from ledger.core.amount import Amount, Commodity
from ledger.core.book import Book
from ledger.core.command import Command, Turn
from ledger.core.fields import word_of
from ledger.core.position import NEVER
from ledger.core.refusals import Malformed
from ledger.core.state import Outcome, State
from ledger.proof.sumtree import seal_root
from ledger.store import tables
from ledger.store.load import find_book
from ledger.store.rows import account_of
from ledger.store.standing import standing as balances_of
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


class Age(NamedTuple):
    """An always-zero account that is not zero: since which booking day, and how long it may be."""

    account: Account
    balance: Amount
    seq: int
    since: dt.date
    days: int
    limit: int

    @property
    def over(self) -> int:
        """So many days it is over its age."""
        return max(0, self.days - self.limit)

    @property
    def written(self) -> dict[str, Any]:
        """The account with its balance and age, for reading."""
        account = self.account
        named = {"account": account.code, "entity": account.entity, "basis": account.basis}
        standing = {"commodity": self.balance.commodity.code, "balance": str(self.balance)}
        age = {"since": self.since, "seq": self.seq, "days": self.days}
        return {**named, **standing, **age, "limit": self.limit, "over": self.over}


def ages(connection: Connection, book: Book, today: dt.date) -> Iterator[Age]:
    """Yield the always-zero accounts that are not zero, and how old they are on a day."""
    at, unit = tables.accounts, tables.commodities
    stand = balances_of(connection, book).subquery()
    chosen = (
        select(at, stand.c.dr_posted - stand.c.cr_posted, unit)
        .join(stand, stand.c.account_no == at.c.no)
        .join(unit, unit.c.code == stand.c.commodity)
        .where(at.c.book_id == book.id, at.c.always_zero_days.is_not(None))
        .where(stand.c.dr_posted != stand.c.cr_posted)
        .order_by(at.c.code, unit.c.code)
    )
    width = len(at.c)
    for row in connection.execute(chosen).all():
        account = account_of(dict(zip(at.c.keys(), row[:width], strict=True)), row.no)
        commodity = Commodity(*row[width + 1 :])
        seq, since = _left_zero(connection, book, account.no, commodity.code)
        days = max(0, (today - since).days)
        limit = account.always_zero_days or 0
        yield Age(account, Amount(row[width], commodity), seq, since, days, limit)


def _left_zero(connection: Connection, book: Book, no: int, commodity: str) -> tuple[int, dt.date]:
    """Return the record, and its day, since which a balance is without interruption not zero.

    Within a record only the balance after its last line counts.
    """
    line, later, log = tables.postings.c, tables.postings.alias().c, tables.records.c
    mine = (line.book_id == book.id, line.account_no == no, line.commodity == commodity)
    followed = exists().where(
        later.book_id == line.book_id, later.account_no == no, later.commodity == commodity,
        later.seq == line.seq, later.line > line.line,
    )  # fmt: skip
    zero = select(line.seq).where(*mine, line.balance_after == 0, ~followed)
    last = connection.execute(zero.order_by(line.seq.desc()).limit(1)).scalar()
    first = select(line.seq).where(*mine, line.seq > (last or 0)).order_by(line.seq).limit(1)
    seq = connection.execute(first).scalar_one()
    booked = select(log.booked_at_us).where(log.book_id == book.id, log.seq == seq)
    return seq, book.day_of(connection.execute(booked).scalar_one())


def _known(connection: Connection, book: Book, item: Turn) -> None:
    at = tables.accounts.c
    mine = (at.book_id == book.id, at.entity == item.entity, at.basis == item.basis)
    if connection.execute(select(at.no).where(*mine).limit(1)).first() is None:
        raise Malformed("entity", f"{item.entity} has no account on the basis {item.basis}")
