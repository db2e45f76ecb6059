"""The small interface of every store: a connection to write in, a connection to read from."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ledger.core.refusals import Malformed
from ledger.store import postgresql, sqlite
from ledger.store.revision import check_migrated
from ledger.store.session import Session, SqlSession

DEFAULT_URL = "sqlite:///gep.db"
BACKENDS = {"sqlite": sqlite.open_engine, "postgresql": postgresql.open_engine}


def system_clock_us() -> int:
    """Return the system's time in microseconds, UTC."""
    return time.time_ns() // 1000


class Closable(Protocol):
    """Something of the writer's that holds connections of this store."""

    def close(self) -> None:
        """Give them back."""


@dataclass
class Store:
    """A migrated database that holds books, and the clock that dates its records."""

    engine: Engine
    clock: Callable[[], int] = system_clock_us
    migrated: bool = field(default=False, init=False)
    durable: bool = field(default=False, init=False)
    mutex: threading.Lock = field(default_factory=threading.Lock, init=False)
    desks: dict[str, Closable] = field(default_factory=dict, init=False)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that is rolled back unless the writer commits it."""
        with self.engine.connect() as connection:
            connection.execution_options(writing=True)
            self._check_migrated(connection)
            self._check_durable(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the books and changes nothing."""
        with self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            self._check_migrated(connection)
            yield connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        for desk in self.desks.values():
            desk.close()
        self.engine.dispose()

    def session(self, *, writing: bool) -> Session:
        """Open a session of the writer's; one that only reads sees what is committed."""
        connection = self.engine.connect()
        if writing:
            connection.execution_options(writing=True)
            self._check_migrated(connection)
            self._check_durable(connection)
            connection.rollback()
        elif self.engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT")
        return SqlSession(connection)

    def _check_migrated(self, connection: Connection) -> None:
        if not self.migrated:
            check_migrated(connection)
            self.migrated = True

    def _check_durable(self, connection: Connection) -> None:
        if not self.durable and self.engine.dialect.name == "postgresql":
            postgresql.check_durable(connection)
        self.durable = True


def open_store(url: str = DEFAULT_URL) -> Store:
    """Open the store behind a database URL (``sqlite:///…`` or ``postgresql+psycopg://…``)."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Malformed("database", "is not a database URL") from error
    opener = BACKENDS.get(parsed.get_backend_name())
    if opener is None:
        raise Malformed(
            "database", f"{parsed.get_backend_name()!r} is neither SQLite nor PostgreSQL"
        )
    return Store(opener(parsed))
