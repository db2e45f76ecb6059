"""The driver's own connection, lent where SQLAlchemy's way to it would cost too much."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

TAKEN = ("23502", "23505")
RETRIED_STATES = ("40001", "40P01", *TAKEN)
"""Not serialisable, a deadlock, the head moved on or something declared meanwhile."""


@contextmanager
def driven(connection: Connection) -> Iterator[Any]:
    """Lend the driver's connection; what fails there is raised as SQLAlchemy raises it."""
    dialect, driver = connection.dialect, connection.connection.driver_connection
    try:
        yield driver
    except dialect.loaded_dbapi.Error as error:
        lost = dialect.is_disconnect(error, driver, None)
        if lost:
            connection.invalidate(error)
        raise DBAPIError(None, None, error, connection_invalidated=lost) from error


def worth_repeating(error: DBAPIError) -> bool:
    """Whether trying again may help: another was first, or the connection was lost."""
    return error.connection_invalidated or sqlstate(error) in RETRIED_STATES


def sqlstate(error: DBAPIError) -> str:
    """Return the code of what went wrong, as SQL has it; empty where the database has none."""
    return getattr(error.orig, "sqlstate", None) or ""
