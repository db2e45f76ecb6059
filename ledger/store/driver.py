"""The driver's own connection, lent where SQLAlchemy's way to it would cost too much."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


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
