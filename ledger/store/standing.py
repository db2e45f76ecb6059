"""How balances stand: as they were last written, and what was posted since.

A desk that writes a book alone leaves the balances behind while long batches follow each other:
``balanced_seq`` of the head names the record up to which they tell all.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    cast,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from ledger.core.book import Book
from ledger.store import tables, turnover
from ledger.store.bulk import Head
from ledger.store.tables import Big, Day

MOVING = ("dr_posted", "cr_posted", "dr_held", "cr_held")


def standing(connection: Connection, book: Book) -> Select[Any]:
    """Select the balances of a book as its head leaves them, in the columns of ``balances``."""
    held, head = tables.balances.c, tables.heads.c
    chosen = select(head.seq, head.balanced_seq).where(head.book_id == book.id)
    seq, balanced_seq = connection.execute(chosen).one()
    written = select(
        held.account_no, held.commodity, *(held[name] for name in MOVING), held.last_effective_on
    ).where(held.book_id == book.id)
    if seq == balanced_seq:
        return written
    both = union_all(written, _moved(book, balanced_seq)).subquery()
    sums = (cast(func.sum(both.c[name]), BigInteger).label(name) for name in MOVING)
    latest = func.max(both.c.last_effective_on, type_=Day).label("last_effective_on")
    return select(both.c.account_no, both.c.commodity, *sums, latest).group_by(
        both.c.account_no, both.c.commodity
    )


def catch_up(connection: Connection, book: Book, head: Head) -> None:
    """Bring the balances up to the head, whose lock is had, and let it say so."""
    moved = _moved(book, head.balanced_seq).subquery()
    chosen = select(literal(book.id), *moved.c).where(moved.c.account_no > 0)
    columns = ("book_id", "account_no", "commodity", *MOVING, "last_effective_on")
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    added = dialect.insert(tables.balances).from_select(columns, chosen)
    held, new = tables.balances.c, added.excluded
    later = func.greatest if connection.dialect.name == "postgresql" else func.max
    caught: dict[str, Any] = {name: held[name] + new[name] for name in MOVING}
    caught["last_effective_on"] = later(held.last_effective_on, new.last_effective_on)
    key = [column.name for column in tables.balances.primary_key]
    connection.execute(added.on_conflict_do_update(index_elements=key, set_=caught))
    of_book = tables.heads.c.book_id == book.id
    connection.execute(update(tables.heads).where(of_book).values(balanced_seq=head.seq))


def _moved(book: Book, balanced_seq: int) -> Select[Any]:
    """Select what was posted after a record, as a balance that began with nothing."""
    posted = turnover.sums(book, balanced_seq + 1).subquery()
    nothing = literal(0, Big)
    return select(
        posted.c.account_no, posted.c.commodity,
        cast(func.sum(posted.c.dr), BigInteger).label("dr_posted"),
        cast(func.sum(posted.c.cr), BigInteger).label("cr_posted"),
        nothing.label("dr_held"), nothing.label("cr_held"),
        func.max(posted.c.effective_on, type_=Day).label("last_effective_on"),
    ).group_by(posted.c.account_no, posted.c.commodity)  # fmt: skip
