"""What the writer asks of a store: lock, read, write, keep; nothing about rules."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ledger.core.book import Book
from ledger.core.footprint import Footprint
from ledger.core.state import State
from ledger.proof.merkle import Tree
from ledger.store import write
from ledger.store.bulk import Head
from ledger.store.driver import sqlstate
from ledger.store.load import bulk, fill, find_book, fresh_state
from ledger.store.prepared import Prepared
from ledger.store.standing import catch_up

TURNS = 0x676570
"""Under this number the turns of books are locked."""
TURN_MS_MAX, LOCK_TIMED_OUT = 30_000, "55P03"
"""Whoever keeps a turn for so long stands still: the others go on without turns."""


class Keeping(Protocol):
    """What the writer alone decides: to keep what was written, or not."""

    def begin(self) -> object:
        """Begin to write."""

    def commit(self) -> None:
        """Keep what was written, for good."""

    def rollback(self) -> None:
        """Forget what was written since the last commit."""

    def close(self) -> None:
        """Give the connection back."""


class Session(Protocol):
    """One transaction after another on one store, kept or forgotten by its connection."""

    @property
    def connection(self) -> Keeping:
        """What keeps or forgets."""

    def find(self, code: str) -> Book:
        """Return the book of this code, or refuse."""

    def take_turn(self, book: Book) -> bool:
        """Wait for a turn of several batches; none where the store has no turns."""

    def give_turn(self, book: Book) -> None:
        """Let the next process have its turn."""

    def lock(self, book: Book) -> Head:
        """Lock the book until the transaction ends, and return its head."""

    def catch_up(self, book: Book, head: Head) -> None:
        """Bring balances up to the locked head, which says so."""

    def fresh(self, book: Book, head: Head, earlier: State | None = None) -> tuple[State, Tree]:
        """Return state and tree at the head; of an earlier state, take what still holds."""

    def fill(self, state: State, needs: Footprint, now_us: int) -> None:
        """Load what a batch needs and the state does not have yet."""

    def prepare(self, state: State, tree: Tree) -> Prepared:
        """Take down all that a decided batch writes."""

    def write(self, prepared: Prepared) -> None:
        """Write a prepared batch behind the head."""

    def one_trip(self) -> AbstractContextManager[None]:
        """Send a few rows at once, to be kept wholly or not at all, and look at it last."""


class Sessions(Protocol):
    """A store as the writer knows it: a clock, and sessions on the same books."""

    @property
    def clock(self) -> Callable[[], int]:
        """What dates the records."""

    def session(self, *, writing: bool) -> Session:
        """Open a session; one that only reads sees what is committed."""


class SqlSession:
    """A session on a database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._planned_seq = 0

    @property
    def connection(self) -> Connection:
        """The database connection."""
        return self._connection

    def find(self, code: str) -> Book:
        """Return the book of this code, or refuse."""
        return find_book(self.connection, code)

    def take_turn(self, book: Book) -> bool:
        """Wait for a turn of several batches: on PostgreSQL whoever waits is served in order."""
        if self.connection.dialect.name != "postgresql":
            return False
        try:
            self.connection.exec_driver_sql(f"SET LOCAL lock_timeout = {TURN_MS_MAX}")
            self.connection.exec_driver_sql("SELECT pg_advisory_lock(%s, %s)", (TURNS, book.id))
            self.connection.exec_driver_sql("SET LOCAL lock_timeout TO DEFAULT")
        except DBAPIError as error:
            self.connection.rollback()
            if sqlstate(error) != LOCK_TIMED_OUT:
                raise
            return False
        except BaseException:
            self.connection.invalidate()
            raise
        return True

    def give_turn(self, book: Book) -> None:
        """Let the next process have its turn; a lost connection has given it already."""
        try:
            self.connection.rollback()
            self.connection.exec_driver_sql("SELECT pg_advisory_unlock(%s, %s)", (TURNS, book.id))
            self.connection.rollback()
        except DBAPIError:
            self.connection.invalidate()
            self.connection.rollback()

    def lock(self, book: Book) -> Head:
        """Lock the book's head row."""
        return bulk(self.connection).lock(self.connection, book.id)

    def catch_up(self, book: Book, head: Head) -> None:
        """Bring balances up to the locked head, which says so."""
        catch_up(self.connection, book, head)

    def fresh(self, book: Book, head: Head, earlier: State | None = None) -> tuple[State, Tree]:
        """Return state and tree at the head; of an earlier state, take what still holds."""
        return fresh_state(self.connection, book, head, earlier)

    def fill(self, state: State, needs: Footprint, now_us: int) -> None:
        """Load what a batch needs and the state does not have yet.

        Plans are made anew whenever the log has doubled: one that was good for an empty table
        reads every row of a long one, until the database comes to analyse it.
        """
        if state.seq >= 2 * self._planned_seq:
            bulk(self.connection).forget_plans(self.connection)
            self._planned_seq = max(state.seq, 1)
        fill(self.connection, state, needs, now_us)

    def prepare(self, state: State, tree: Tree) -> Prepared:
        """Take down all that a decided batch writes."""
        return write.prepare(state, tree, bulk(self.connection))

    def write(self, prepared: Prepared) -> None:
        """Write a prepared batch."""
        write.write(self.connection, prepared)

    def one_trip(self) -> AbstractContextManager[None]:
        """Send a few rows at once, to be kept wholly or not at all, and look at it last."""
        return bulk(self.connection).one_trip(self.connection)
