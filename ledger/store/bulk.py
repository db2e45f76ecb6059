"""What both databases do to many rows at once, each in its own fast way."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Connection

from ledger.core.position import Position, Totals
from ledger.core.state import Entry, State

TRANSACTION, REFUSAL, PROPOSAL, HOLD = "transaction", "refusal", "proposal", "hold"


class KnownId(NamedTuple):
    """An id that the book knows, and as what."""

    what: str
    id: UUID
    digest: bytes
    seq: int


class Bulk(Protocol):
    """The four things that must be fast."""

    def known_ids(self, connection: Connection, book_id: int, ids: Sequence[UUID]) -> list[KnownId]:
        """Return which of the ids the book knows."""

    def totals(
        self, connection: Connection, book_id: int, pairs: Sequence[tuple[int, str]]
    ) -> Iterable[tuple[int, str, Totals]]:
        """Return the balances of accounts (by number) in commodities, as far as there are any."""

    def add_entries(
        self, connection: Connection, state: State, entries: Sequence[Entry], leaves: Sequence[bytes]
    ) -> None:
        """Add the rows of records, of transactions and of their postings."""

    def move(self, connection: Connection, book_id: int, positions: Sequence[Position]) -> None:
        """Write the balances of positions."""
