"""Reading: balances and registers, of today or of any day, as known now or at any record."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, select, union_all

from ledger.core.account import Account, Side
from ledger.core.amount import Amount, Commodity
from ledger.core.book import Book
from ledger.core.refusals import UnknownAccount
from ledger.store import tables, turnover
from ledger.store.rows import account_of, commodity_of
from ledger.store.standing import standing

AT_A_TIME, WINDOW = 2_000, 50_000
REGISTER_COLUMNS = (
    tables.postings.c.seq, tables.postings.c.line, tables.transactions.c.id,
    tables.transactions.c.effective_on, tables.records.c.booked_at_us, tables.transactions.c.kind,
    tables.transactions.c.narrative, tables.transactions.c.reference, tables.accounts.c.code,
    tables.postings.c.commodity, tables.postings.c.side, tables.postings.c.red,
    tables.postings.c.quanta, tables.postings.c.balance_after,
)  # fmt: skip


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
    """Return the last record booked at an instant or before: records are ordered by time."""
    head = tables.heads.c
    last = connection.execute(select(head.seq).where(head.book_id == book.id)).scalar_one()
    return bisect_right(range(1, last + 1), instant_us, key=_booked_at(connection, book))


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
    summed = _summed(connection, book, as_of, known_at).subquery()
    at = tables.accounts.c
    chosen = (
        select(tables.accounts, summed.c.commodity, summed.c.debits, summed.c.credits)
        .join(summed, summed.c.account_no == at.no)
        .where(at.book_id == book.id)
        .order_by(at.code, summed.c.commodity)
        .execution_options(yield_per=AT_A_TIME)
    )
    if account is not None:
        chosen = chosen.where(_at_or_below(account))
    with connection.execute(chosen) as found:
        for row in found.mappings():
            yield AccountBalance(
                account_of(dict(row), row["no"]), counted[row["commodity"]],
                int(row["debits"]), int(row["credits"]),
            )  # fmt: skip


def held_back(connection: Connection, book: Book) -> dict[tuple[str, str], int]:
    """Return what holds reserve to go out of accounts, by account and commodity, in quanta."""
    held, at = standing(connection, book).subquery().c, tables.accounts.c
    chosen = (
        select(at.code, held.commodity, at.normal, held.dr_held, held.cr_held)
        .join(tables.accounts, at.no == held.account_no)
        .where(at.book_id == book.id, (held.dr_held > 0) | (held.cr_held > 0))
    )
    return {
        (code, commodity): int(credits if normal == Side.DEBIT else debits)
        for code, commodity, normal, debits, credits in connection.execute(chosen)
    }


def _streamed(connection: Connection, selected: Select[Any]) -> Iterator[Any]:
    """Yield rows as they come, and close the cursor also where somebody stops reading."""
    with connection.execute(selected.execution_options(yield_per=AT_A_TIME)) as rows:
        yield from rows


class Chosen(NamedTuple):
    """Which postings a register holds: of accounts below a code, a commodity, days, as known."""

    account: str | None = None
    commodity: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    known_at: int | None = None


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
    chosen = Chosen(account, commodity, since, until, known_at)
    selects = postings(connection, book, chosen, REGISTER_COLUMNS)
    rows = chain.from_iterable(_streamed(connection, each) for each in selects)
    for (
        seq,
        line,
        id,
        on,
        booked,
        kind,
        said,
        reference,
        code,
        of,
        side,
        red,
        quanta,
        after,
    ) in rows:
        signed = quanta if (side == 0) != bool(red) else -quanta
        unit = counted[of]
        yield RegisterLine(
            seq, line, str(id), on, booked, kind, said, reference, code, unit, Side(side),
            Amount(signed, unit), Amount(after, unit),
        )  # fmt: skip


def postings(
    connection: Connection, book: Book, chosen: Chosen, columns: Sequence[ColumnElement[Any]]
) -> Iterator[Select[Any]]:
    """Select something of the chosen postings, each with its transaction, account and record.

    Those of a whole book come in windows of the log, one select after the other: none of them
    sorts or joins more than a window, whatever the database believes of its tables.
    """
    whole = _narrowed(_joined(book, columns), chosen)
    if chosen.account is not None:
        yield whole
        return
    head = tables.heads.c
    last = connection.execute(select(head.seq).where(head.book_id == book.id)).scalar_one()
    last = last if chosen.known_at is None else min(last, chosen.known_at)
    joined = (tables.postings, tables.transactions, tables.records)
    for first in range(1, last + 1, WINDOW):
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
        end = min(first + WINDOW - 1, last)
        yield whole.where(*(table.c.seq.between(first, end) for table in joined))
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_nestloop TO DEFAULT")


def _joined(book: Book, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    line, made, at, log = (
        tables.postings.c, tables.transactions.c, tables.accounts.c, tables.records.c
    )  # fmt: skip
    return (
        select(*columns)
        .select_from(tables.postings)
        .join(tables.transactions, (made.book_id == line.book_id) & (made.seq == line.seq))
        .join(tables.accounts, (at.book_id == line.book_id) & (at.no == line.account_no))
        .join(tables.records, (log.book_id == line.book_id) & (log.seq == line.seq))
        .where(line.book_id == book.id)
        .order_by(line.seq, line.line)
    )


def _narrowed(selected: Select[Any], chosen: Chosen) -> Select[Any]:
    line, made = tables.postings.c, tables.transactions.c
    if chosen.account is not None:
        selected = selected.where(_at_or_below(chosen.account))
    if chosen.commodity is not None:
        selected = selected.where(line.commodity == chosen.commodity)
    if chosen.since is not None:
        selected = selected.where(made.effective_on >= chosen.since)
    if chosen.until is not None:
        selected = selected.where(made.effective_on <= chosen.until)
    if chosen.known_at is not None:
        selected = selected.where(line.seq <= chosen.known_at)
    return selected


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


def _summed(
    connection: Connection, book: Book, as_of: dt.date | None, known_at: int | None
) -> Select[Any]:
    """Select debits and credits by account and commodity, from as few rows as can tell them.

    Turnovers are folded up to a record before the head: what was posted since is added up. Those
    of the days before a record was booked hold no record after it: its own day is added up.
    """
    if known_at is None and as_of is None:
        held = standing(connection, book).subquery().c
        return select(
            held.account_no, held.commodity,
            held.dr_posted.label("debits"), held.cr_posted.label("credits"),
        )  # fmt: skip
    head = tables.heads.c
    chosen = select(head.turned_seq).where(head.book_id == book.id)
    turned_seq = connection.execute(chosen).scalar_one()
    if known_at is None or known_at >= turned_seq:
        parts = (_turned(book, as_of), _posted(book, as_of, turned_seq + 1, known_at))
    else:
        booked_at = _booked_at(connection, book)
        day = book.day_of(booked_at(max(known_at, 1)))
        earlier = range(1, known_at + 1)
        first = 1 + bisect_left(earlier, day, key=lambda seq: book.day_of(booked_at(seq)))
        parts = (_turned(book, as_of, day), _posted(book, as_of, first, known_at))
    both = union_all(*parts).subquery()
    return select(
        both.c.account_no, both.c.commodity,
        func.sum(both.c.dr).label("debits"), func.sum(both.c.cr).label("credits"),
    ).group_by(both.c.account_no, both.c.commodity)  # fmt: skip


def _turned(book: Book, as_of: dt.date | None, before: dt.date | None = None) -> Select[Any]:
    """Select folded turnovers: effective by a day, booked before another."""
    turned = tables.turnovers.c
    chosen = select(turned.account_no, turned.commodity, turned.dr, turned.cr).where(
        turned.book_id == book.id
    )
    if before is not None:
        chosen = chosen.where(turned.booked_on < before)
    return chosen if as_of is None else chosen.where(turned.effective_on <= as_of)


def _posted(book: Book, as_of: dt.date | None, first: int, last: int | None) -> Select[Any]:
    """Add up what records from the first to the last posted."""
    posted = turnover.sums(book, first, last).subquery()
    chosen = select(posted.c.account_no, posted.c.commodity, posted.c.dr, posted.c.cr)
    return chosen if as_of is None else chosen.where(posted.c.effective_on <= as_of)


def _booked_at(connection: Connection, book: Book) -> Callable[[int], int]:
    """Return what tells the instant of a record; the later a record, the later its instant."""
    record = tables.records.c

    def booked_at_us(seq: int) -> int:
        chosen = select(record.booked_at_us).where(record.book_id == book.id, record.seq == seq)
        return int(connection.execute(chosen).scalar_one())

    return booked_at_us


def _at_or_below(account: str) -> ColumnElement[bool]:
    code, below = tables.accounts.c.code, f"{account}:"
    return (code == account) | (func.substr(code, 1, len(below)) == below)
