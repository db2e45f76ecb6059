"""A whole book recomputed by the second implementation, and held against every law."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, select
from sqlalchemy.exc import DatabaseError

from ledger.audit import Check, audit
from ledger.checkpoint import verify_export
from ledger.core.book import Book
from ledger.core.errors import DomainError, Finding
from ledger.export import export
from ledger.export_apart import Unreadable, exported, unreadable
from ledger.proof.layout import Json
from ledger.proof.note import Checkpoint
from ledger.proof.verify import Report, VerifyFinding
from ledger.store import Store, tables
from ledger.store.load import find_book
from ledger.store.pause import PAUSE

APART_MIN = 50_000
"""From so many records on, the export is worth a process of its own."""
IN_MEMORY = (None, "", ":memory:")


def verify_book(
    store: Store,
    code: str,
    *,
    progress: Callable[[], None] | None = None,
    checkpoint: Checkpoint | None = None,
    also: Sequence[Check] = (),
) -> Report:
    """Recompute a book from its own export by the second implementation, then run every check.

    ``also`` are checks of what stands beside the ledger.
    """
    try:
        with _exported(store, code) as (lines, apart):
            checked = _checked(store, code, also) if apart else None
            with PAUSE:
                report = verify_export(_told(lines, progress), checkpoint)
        if checked is None:
            checked = audit(store, code, also)
    except Unreadable as error:
        return Report([error.finding], book=code)
    except (DatabaseError, DomainError, ValueError, TypeError) as error:
        return Report([unreadable(error)], book=code)
    report.findings += map(_verified, checked)
    return report


@contextmanager
def _exported(store: Store, code: str) -> Iterator[tuple[Iterator[Json], bool]]:
    """Give the lines of a book's export, and whether another process makes them."""
    with store.reading() as connection:
        book = find_book(connection, code)
        apart = _records(connection, book) >= APART_MIN
        if store.engine.url.database in IN_MEMORY or not apart:
            yield export(connection, book), False
            return
    with exported(store, code) as lines:
        yield lines, True


def _checked(store: Store, code: str, also: Sequence[Check]) -> list[Finding] | None:
    """Run every check while the other process starts; one that fails is run again afterwards."""
    try:
        return audit(store, code, also)
    except Exception:  # noqa: BLE001 - the export says first what cannot be read
        return None


def _records(connection: Connection, book: Book) -> int:
    head = tables.heads.c
    found = connection.execute(select(head.seq).where(head.book_id == book.id)).scalar_one()
    return int(found)


def _verified(finding: Finding) -> VerifyFinding:
    seq, id = finding.facts.get("seq"), finding.facts.get("id")
    said = ", ".join(f"{name}={value}" for name, value in finding.facts.items())
    return VerifyFinding(
        finding.code, f"{finding.title} ({said})",
        seq if isinstance(seq, int) else None, str(id) if id else None,
    )  # fmt: skip


def _told(lines: Iterator[Json], tell: Callable[[], None] | None) -> Iterator[Json]:
    if tell is None:
        yield from lines
        return
    for line in lines:
        tell()
        yield line
