"""Reading: balances and registers, of today or of any day, as known now or at any record."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, case, func, select, union_all

from ledger.core.account import Account, Side
from ledger.core.amount import Amount, Commodity
from ledger.core.book import Book
from ledger.core.refusals import UnknownAccount
from ledger.store import tables, turnover
from ledger.store.rows import account_of, commodity_of


class AccountBalance(NamedTuple):
    """Turnover and balance of one account in one commodity."""

    account: Account
    commodity: Commodity
    debits: int
    credits: int

    @property
    def balance(self) -> Amount:
        """The debit-positive balance."""
        return Amount(self.debits - self.credits, self.commodity)

    @property
    def normal(self) -> Amount:
        """The balance seen from the account's normal side."""
        return self.balance if self.account.normal is Side.DEBIT else -self.balance


class RegisterLine(NamedTuple):
    """One posting in the history of an account, with the balance after it in booking order."""

    seq: int
    line: int
    id: str
    effective_on: dt.date
    booked_at_us: int
    kind: str
    narrative: str
    reference: str
    account: str
    commodity: Commodity
    side: Side
    amount: Amount
    after: Amount


def known_seq(connection: Connection, book: Book, instant_us: int) -> int:
    """Return the last record booked at an instant or before."""
    record = tables.records.c
    chosen = select(func.max(record.seq)).where(
        record.book_id == book.id, record.booked_at_us <= instant_us
    )
    return connection.execute(chosen).scalar_one() or 0


def balances(
    connection: Connection,
    book: Book,
    *,
    as_of: dt.date | None = None,
    known_at: int | None = None,
    account: str | None = None,
) -> Iterator[AccountBalance]:
    """Yield balances by account code: of the day ``as_of``, as known at record ``known_at``.

    ``account`` narrows to that account and those below it.
    """
    counted = commodities(connection)
    summed = _summed(book, as_of, known_at).subquery()
    at = tables.accounts.c
    chosen = (
        select(tables.accounts, summed.c.commodity, summed.c.debits, summed.c.credits)
        .join(summed, summed.c.account_no == at.no)
        .where(at.book_id == book.id)
        .order_by(at.code, summed.c.commodity)
    )
    if account is not None:
        chosen = chosen.where(_at_or_below(account))
    for row in connection.execute(chosen).mappings():
        yield AccountBalance(
            account_of(dict(row), row["no"]), counted[row["commodity"]],
            int(row["debits"]), int(row["credits"]),
        )  # fmt: skip


def register(
    connection: Connection,
    book: Book,
    *,
    account: str | None = None,
    commodity: str | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    known_at: int | None = None,
) -> Iterator[RegisterLine]:
    """Stream postings in booking order, narrowed to accounts below a code, a commodity, days."""
    counted = commodities(connection)
    for row in connection.execute(
        _register(book, account, commodity, since, until, known_at)
    ).mappings():
        of = counted[row["commodity"]]
        side = Side(row["side"])
        quanta = row["quanta"] if (side is Side.DEBIT) != bool(row["red"]) else -row["quanta"]
        yield RegisterLine(
            row["seq"], row["line"], str(row["id"]), row["effective_on"], row["booked_at_us"],
            row["kind"], row["narrative"], row["reference"], row["code"], of, side,
            Amount(quanta, of), Amount(row["balance_after"], of),
        )  # fmt: skip


def accounts(connection: Connection, book: Book) -> Iterator[Account]:
    """Yield the accounts of a book by code."""
    at = tables.accounts
    chosen = select(at).where(at.c.book_id == book.id).order_by(at.c.code)
    for row in connection.execute(chosen).mappings():
        yield account_of(dict(row), row["no"])


def account(connection: Connection, book: Book, code: str) -> Account:
    """Return one account, or refuse its code."""
    at = tables.accounts
    chosen = select(at).where(at.c.book_id == book.id, at.c.code == code)
    row = connection.execute(chosen).mappings().first()
    if row is None:
        raise UnknownAccount(code)
    return account_of(dict(row), row["no"])


def commodities(connection: Connection) -> dict[str, Commodity]:
    """Return every declared commodity by code."""
    rows = connection.execute(select(tables.commodities)).mappings()
    return {row["code"]: commodity_of(dict(row)) for row in rows}


def _summed(book: Book, as_of: dt.date | None, known_at: int | None) -> Select[Any]:
    if known_at is not None:
        return _summed_postings(book, as_of, known_at)
    if as_of is None:
        held = tables.balances.c
        return select(
            held.account_no, held.commodity,
            held.dr_posted.label("debits"), held.cr_posted.label("credits"),
        ).where(held.book_id == book.id)  # fmt: skip
    parts = union_all(_turned(book, as_of), _since(book, as_of)).subquery()
    return select(
        parts.c.account_no, parts.c.commodity,
        func.sum(parts.c.dr).label("debits"), func.sum(parts.c.cr).label("credits"),
    ).group_by(parts.c.account_no, parts.c.commodity)  # fmt: skip


def _turned(book: Book, as_of: dt.date) -> Select[Any]:
    turned = tables.turnovers.c
    return select(turned.account_no, turned.commodity, turned.dr, turned.cr).where(
        turned.book_id == book.id, turned.effective_on <= as_of
    )


def _since(book: Book, as_of: dt.date) -> Select[Any]:
    """Select what was posted after the turnovers were folded."""
    head = tables.heads.c
    turned = select(head.turned_seq + 1).where(head.book_id == book.id).scalar_subquery()
    later = turnover.sums(book, turned).subquery()
    return select(later.c.account_no, later.c.commodity, later.c.dr, later.c.cr).where(
        later.c.effective_on <= as_of
    )


def _summed_postings(book: Book, as_of: dt.date | None, known_at: int) -> Select[Any]:
    line, made = tables.postings.c, tables.transactions.c
    quanta = line.quanta * (1 - 2 * line.red)
    chosen = (
        select(
            line.account_no, line.commodity,
            func.sum(case((line.side == 0, quanta), else_=0)).label("debits"),
            func.sum(case((line.side == 1, quanta), else_=0)).label("credits"),
        )
        .join(tables.transactions, (made.book_id == line.book_id) & (made.seq == line.seq))
        .where(line.book_id == book.id, line.seq <= known_at)
        .group_by(line.account_no, line.commodity)
    )  # fmt: skip
    return chosen if as_of is None else chosen.where(made.effective_on <= as_of)


def _register(
    book: Book,
    account: str | None,
    commodity: str | None,
    since: dt.date | None,
    until: dt.date | None,
    known_at: int | None,
) -> Select[Any]:
    line, made, at, log = (
        tables.postings.c, tables.transactions.c, tables.accounts.c, tables.records.c
    )  # fmt: skip
    chosen = (
        select(
            tables.postings, made.id, made.effective_on, made.kind, made.narrative,
            made.reference, at.code, log.booked_at_us,
        )
        .join(tables.transactions, (made.book_id == line.book_id) & (made.seq == line.seq))
        .join(tables.accounts, (at.book_id == line.book_id) & (at.no == line.account_no))
        .join(tables.records, (log.book_id == line.book_id) & (log.seq == line.seq))
        .where(line.book_id == book.id)
        .order_by(line.seq, line.line)
    )  # fmt: skip
    if account is not None:
        chosen = chosen.where(_at_or_below(account))
    if commodity is not None:
        chosen = chosen.where(line.commodity == commodity)
    if since is not None:
        chosen = chosen.where(made.effective_on >= since)
    if until is not None:
        chosen = chosen.where(made.effective_on <= until)
    if known_at is not None:
        chosen = chosen.where(line.seq <= known_at)
    return chosen.execution_options(yield_per=2_000)


def _at_or_below(account: str) -> ColumnElement[bool]:
    code, below = tables.accounts.c.code, f"{account}:"
    return (code == account) | (func.substr(code, 1, len(below)) == below)
