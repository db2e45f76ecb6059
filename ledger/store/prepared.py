"""What a decided batch writes, taken down before the state moves on."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Table

from ledger.core.book import Book

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a decided batch writes, taken down before the state moves on."""

    book: Book
    seq: int
    hot: Any
    rare: tuple["RareRows", ...]


class RareRows(NamedTuple):
    """Rows of one table; ``replaced`` columns win over a row that is there (none: it stays)."""

    table: Table
    rows: Rows
    upserted: bool = False
    replaced: tuple[str, ...] = ()
