"""A served demonstration book, and a key for every role."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api import session
from api.app import create_app
from api.auth import ROLES
from ledger.chart import party_id
from ledger.store import Store, open_store

BOOK = "main"


@pytest.fixture
def store(demonstration_url: str) -> Iterator[Store]:
    """The demonstration book."""
    with open_store(demonstration_url) as store:
        yield store


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    """A client without a key; an error of the server is an answer, not an exception."""
    with TestClient(create_app(store), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def keys(store: Store) -> dict[str, dict[str, str]]:
    """The header of each role: traders and lenders are of one party."""
    owner = party_id("yiduan")
    return {
        role: header(
            session.new_key(
                store, role, role, BOOK, party=owner if role in {"trader", "lender"} else None
            )
        )
        for role in ROLES
    }


def header(key: str) -> dict[str, str]:
    """Return the header that carries a key."""
    return {"Authorization": f"Bearer {key}"}
