"""Recomputing a whole book beside hledger's check of a journal of the same transactions."""

from pathlib import Path

from sqlalchemy import select

from benchmarks import books
from benchmarks.ledger.place import Place
from benchmarks.ledger.traffic import MOST
from benchmarks.peers import Figure, hledger
from benchmarks.table import Pair
from ledger.core.account import Side
from ledger.store import Store, tables
from ledger.verification import verify_book

NUMBER, QUICK_NUMBER = 500_000, 2_000
QUANTA = 100


def vs_hledger(place: Place) -> Pair:
    """Records, digests, balances and root of a book, beside `hledger check -s`."""
    store = place.book("verified")
    number = QUICK_NUMBER if place.quick else NUMBER
    books.fill(store, number, min(number, MOST))
    journal = place.folder / "books.journal"
    number = write_journal(store, journal)
    clock = place.clock()

    def ours(seconds: float) -> float:
        return number / clock.timed(lambda: _verified(store))

    def theirs(seconds: float) -> Figure:
        found = hledger.check_seconds(journal)
        return found if found.value is None else Figure(number / found.value)

    return Pair(ours, "hledger check -s", theirs, clock, warmed=False)


def write_journal(store: Store, path: Path) -> int:
    """Write every transaction of the book as hledger reads it; return how many there are."""
    of, on, at = tables.transactions.c, tables.postings.c, tables.accounts.c
    lines = (
        select(of.seq, of.effective_on, of.narrative, at.code, on.quanta, on.side)
        .join(tables.postings, (on.book_id == of.book_id) & (on.seq == of.seq))
        .join(tables.accounts, (at.book_id == on.book_id) & (at.no == on.account_no))
        .order_by(of.seq, on.line)
    )
    number, last = 0, None
    with store.reading() as connection, path.open("w", encoding="utf-8") as written:
        written.write("commodity 1000.00 CNY\n")
        for (code,) in connection.execute(select(at.code)):
            written.write(f"account {code}\n")
        for seq, day, narrative, code, quanta, side in connection.execute(lines):
            if seq != last:
                number, last = number + 1, seq
                written.write(f"\n{day} {narrative}\n")
            yuan, fen = divmod(quanta, QUANTA)
            sign = "-" if side == Side.CREDIT else ""
            written.write(f"    {code}  {sign}{yuan}.{fen:02} CNY\n")
    return number


def _verified(store: Store) -> None:
    report = verify_book(store, books.BOOK)
    if report.findings:
        raise RuntimeError(f"not verified: {report.findings[0]}")
