"""What both databases do to many rows at once, each in its own fast way."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Connection

from ledger.core.position import Position, Totals
from ledger.core.state import Entry, Marks, State, Turnover

TRANSACTION, REFUSAL, PROPOSAL, HOLD = "transaction", "refusal", "proposal", "hold"
DUE = "due"
CONSUMPTION = "consumption"


class KnownId(NamedTuple):
    """An id that the book knows, and as what."""

    what: str
    id: UUID
    digest: bytes
    seq: int


class Head(NamedTuple):
    """The end of a book's log, and the last record that turnovers and balances tell of."""

    seq: int
    turned_seq: int
    balanced_seq: int
    refusals: int
    booked_at_us: int = 0
    accounts_opened: int = 0
    frontier: bytes = b""

    @property
    def marks(self) -> Marks:
        """How far the book is written."""
        return Marks(self.seq, self.turned_seq, self.balanced_seq, self.refusals)


class Bulk(Protocol):
    """What must be fast: to look up ids and balances, to pack a batch's rows, to add them."""

    def lock(self, connection: Connection, book_id: int) -> Head:
        """Lock the head of a book until the transaction ends, and return it."""

    def forget_plans(self, connection: Connection) -> None:
        """Let statements be planned anew, for tables that have grown."""

    def known_ids(
        self, connection: Connection, book_id: int, ids: Sequence[UUID], now_us: int
    ) -> list[KnownId]:
        """Return which of the ids the book knows, and the holds whose deadline has come."""

    def totals(
        self, connection: Connection, book_id: int, pairs: Sequence[tuple[int, str]]
    ) -> list[tuple[int, str, Totals]]:
        """Return the balances of accounts (by number) in commodities, as far as there are any."""

    def packed(
        self,
        state: State,
        entries: Sequence[Entry],
        leaves: Sequence[bytes],
        positions: Sequence[Position],
        turned: Sequence[Turnover],
        head: Head,
        before: Marks,
    ) -> Any:
        """Pack rows of records, transactions, postings, balances, turnovers, head, as of now."""

    def add(self, connection: Connection, packed: Any) -> None:
        """Add the packed rows to the log and move the balances."""

    def one_trip(self, connection: Connection) -> AbstractContextManager[None]:
        """Send all that follows at once, kept wholly or not at all, and look at it last."""
