"""The desk of a registry, on SQLite and on PostgreSQL in turn."""

from collections.abc import Iterator

import pytest

from ledger.store import open_store
from tests.rights.desk import Desk


@pytest.fixture
def registry(sqlite_url: str) -> Iterator[Desk]:
    """A desk on SQLite."""
    with open_store(sqlite_url) as store:
        yield Desk(store)


@pytest.fixture
def registry_everywhere(database_url: str) -> Iterator[Desk]:
    """A desk on each kind of database in turn."""
    with open_store(database_url) as store:
        yield Desk(store)
