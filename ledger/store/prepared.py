"""What a decided batch writes, taken down before the state moves on."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Table

from ledger.core.book import Book
from ledger.core.state import NOTHING_YET, Marks

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a decided batch writes, taken down before the state moves on.

    ``folded_after``: the record after which turnovers are to be folded from the log, if at all;
    ``few``: whether one round trip takes it all; ``before``: the marks of the head that it follows.
    """

    book: Book
    seq: int
    hot: Any
    rare: tuple["RareRows", ...]
    folded_after: int | None = None
    few: bool = False
    before: Marks = NOTHING_YET


class RareRows(NamedTuple):
    """Rows of one table; ``replaced`` columns win over a row that is there (none: it stays)."""

    table: Table
    rows: Rows
    upserted: bool = False
    replaced: tuple[str, ...] = ()
