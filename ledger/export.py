"""Streaming a whole book out of the database in the form that verifies alone."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from ledger.balances import commodities
from ledger.core.book import Book
from ledger.proof.export import Scales, balance_line, closing_line, opening_line
from ledger.proof.merkle import Tree
from ledger.store import tables
from ledger.store.lines import record_lines
from ledger.store.standing import standing


def export(connection: Connection, book: Book) -> Iterator[dict[str, Any]]:
    """Yield the opening line, every record, every balance, all evidence, and the head."""
    yield opening_line(book.uuid, book.code)
    scales = commodities(connection)
    head = tables.heads
    chosen = select(head.c.seq, head.c.frontier).where(head.c.book_id == book.id)
    row = connection.execute(chosen).one()
    yield from record_lines(connection, book, row.seq, scales)
    yield from _balances(connection, book, scales)
    yield from _evidence(connection, book)
    yield closing_line(row.seq, Tree.read(row.seq, row.frontier).root)


def _balances(connection: Connection, book: Book, scales: Scales) -> Iterator[dict[str, Any]]:
    at, stands = tables.accounts.c, standing(connection, book).subquery()
    stand = stands.c
    chosen = (
        select(stands, at.code)
        .join(tables.accounts, at.no == stand.account_no)
        .where(at.book_id == book.id)
        .order_by(at.code, stand.commodity)
    )
    for row in connection.execute(chosen).mappings():
        posted, held = (row["dr_posted"], row["cr_posted"]), (row["dr_held"], row["cr_held"])
        yield balance_line(row["code"], scales[row["commodity"]], posted, held)


def _evidence(connection: Connection, book: Book) -> Iterator[dict[str, Any]]:
    kept, link = tables.evidence, tables.evidence_links
    chosen = select(kept).where(kept.c.book_id == book.id).order_by(kept.c.id)
    for row in connection.execute(chosen).mappings():
        linked = select(link).where(link.c.book_id == book.id, link.c.id == row["id"])
        yield {
            "evidence": {
                "id": str(row["id"]),
                "kind": row["kind"],
                "code": row["code"],
                "content": row["content"],
                "digest": row["digest"].hex(),
                "rests_on": {
                    str(each["rests_on"]): each["digest"].hex()
                    for each in connection.execute(linked).mappings()
                },
            }
        }
