"""A forger who owns the database: changes the log and seals it again, so that all of it agrees.

He has the ledger's own code, every right and every row; he has neither the signing key nor the
note that somebody took away.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, create_engine, func, insert, select, text

from ledger.core.book import Book
from ledger.proof.merkle import Tree, leaf_of
from ledger.store import Store, tables
from ledger.store.load import find_book
from ledger.store.log import read_log
from ledger.store.turnover import fold
from tests.ledger.worked import BOOK

OF_RECORDS = tuple(table for table in tables.LOG if "seq" in table.c)
REFERRING = (*((table, "seq") for table in OF_RECORDS), (tables.hold_states, "seq"),
             (tables.hold_states, "settled_seq"), (tables.proposals, "seq"))  # fmt: skip


@contextmanager
def owner(store: Store) -> Iterator[Connection]:
    """Connect as the owner of the database, past its triggers and roles."""
    store.close()
    engine = create_engine(store.engine.url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            named = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for name in connection.execute(named).scalars().all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
    engine.dispose()


def shift(connection: Connection, after: int, by: int) -> None:
    """Number all later records anew."""
    for table, name in REFERRING:
        column = table.c[name]
        connection.execute(table.update().where(column > after).values({name: -(column + by)}))
        connection.execute(table.update().where(column < 0).values({name: -column}))


def remove(connection: Connection, seq: int) -> None:
    """Take a record out and close the gap."""
    for table in OF_RECORDS:
        connection.execute(table.delete().where(table.c.seq == seq))
    shift(connection, seq, -1)


def double(connection: Connection, seq: int) -> None:
    """Have a transaction twice, the second time under another id."""
    shift(connection, seq, 1)
    for table in (tables.records, tables.transactions, tables.postings):
        rows = connection.execute(select(table).where(table.c.seq == seq)).mappings().all()
        new: dict[str, Any] = {"seq": seq + 1}
        if "id" in table.c:
            new["id"] = UUID(int=seq)
        connection.execute(insert(table), [{**row, **new} for row in rows])


def exchange(connection: Connection, one: int, other: int) -> None:
    """Let two transactions change their places."""
    for table in (tables.transactions, tables.postings):
        for was, becomes in ((one, -one), (other, one), (-one, other)):
            connection.execute(table.update().where(table.c.seq == was).values(seq=becomes))


def reseal(connection: Connection) -> None:
    """Derive every row again that follows from the log, as if it had always been like this."""
    last = connection.scalar(select(func.max(tables.records.c.seq))) or 0
    head = tables.heads
    book = find_book(connection, BOOK)
    _balances(connection, book)
    _accounts(connection)
    tree, record = Tree(0, []), tables.records
    for entry, _ in list(read_log(connection, book, 1, last)):
        leaf = leaf_of(entry, book.uuid)
        tree.add(leaf)
        connection.execute(record.update().where(record.c.seq == entry.seq).values(leaf=leaf))
    connection.execute(tables.tree_nodes.delete())
    nodes = [{"book_id": book.id, **node._asdict()} for node in tree.grown]
    if nodes:
        connection.execute(insert(tables.tree_nodes), nodes)
    booked = select(func.max(record.c.booked_at_us)).scalar_subquery()
    sealed = {
        "seq": last,
        "balanced_seq": last,
        "turned_seq": last,
        "frontier": tree.packed,
        "booked_at_us": booked,
    }
    connection.execute(head.update().values(sealed))
    connection.execute(tables.turnovers.delete())
    fold(connection, book, 0, last)


def _balances(connection: Connection, book: Book) -> None:
    """Write each balance after its posting, and each balance, from the postings."""
    line, made = tables.postings, tables.transactions.c
    chosen = (
        select(line, made.effective_on)
        .join(tables.transactions, (made.book_id == line.c.book_id) & (made.seq == line.c.seq))
        .order_by(line.c.seq, line.c.line)
    )
    sums: dict[tuple[int, str], list[Any]] = {}
    for row in connection.execute(chosen).mappings().all():
        total = sums.setdefault((row["account_no"], row["commodity"]), [0, 0, row["effective_on"]])
        total[row["side"]] += -row["quanta"] if row["red"] else row["quanta"]
        total[2] = max(total[2], row["effective_on"])
        at = (line.c.seq == row["seq"]) & (line.c.line == row["line"])
        after = {"balance_after": total[0] - total[1]}
        connection.execute(line.update().where(at).values(after))
    held = tables.balances
    connection.execute(held.update().values(dr_posted=0, cr_posted=0))
    for (no, commodity), (debits, credits, latest) in sums.items():
        at = (held.c.account_no == no) & (held.c.commodity == commodity)
        posted = {"dr_posted": debits, "cr_posted": credits, "last_effective_on": latest}
        connection.execute(held.update().where(at).values(posted))


def _accounts(connection: Connection) -> None:
    """Let each account stand as its latest event left it."""
    event, account = tables.account_events, tables.accounts
    for row in connection.execute(select(event).order_by(event.c.seq)).mappings().all():
        left = {name: row[name] for name in ("kinds", "bounds", "always_zero_days", "state")}
        at = account.c.no == row["account_no"]
        connection.execute(account.update().where(at).values(left))
