"""The command line turns periods, changes accounts and ends keys as REST does."""

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import session
from api.commands.books import NO_LIMIT
from ledger import journal
from ledger.store import Store
from tests.api.conftest import BOOK, header
from tests.api.test_rest import HERE, Keys, transfer
from tests.commands.test_stranger import Desk

PERIOD = ("T330700", "accrual", "2023-01")
ACCOUNT = "T330700:1001国库存款"


@pytest.fixture
def desk(store: Store, demonstration_url: str, tmp_path: Path) -> Desk:
    """A terminal on the demonstration book."""
    return Desk(demonstration_url, tmp_path)


def test_a_period_is_closed_and_reopened(client: TestClient, keys: Keys, desk: Desk) -> None:
    """Each command says what it did; what the order of periods forbids ends with 2."""
    opened = desk.gep("period", "open", *PERIOD)
    closed = desk.gep("period", "close", *PERIOD, "--json")
    wrong = desk.gep("period", "open", *PERIOD)
    refused = client.post(
        f"{HERE}/transactions", json=transfer(1), headers=keys["finance.preparer"]
    )
    silent = desk.gep("period", "reopen", *PERIOD)
    reopened = desk.gep("period", "reopen", *PERIOD, "--reason", "a late bill")
    (shown,) = client.get(f"{HERE}/periods", headers=keys["auditor"]).json()

    assert [each[0] for each in (opened, closed, wrong, silent, reopened)] == [0, 0, 2, 2, 0]
    assert '"state": "closed"' in closed[1]
    assert refused.json()["code"] == "ledger.period-closed"
    assert (shown["state"], shown["reason"]) == ("reopened", "a late bill")


def test_an_account_is_changed(client: TestClient, keys: Keys, desk: Desk) -> None:
    """State and bounds each by itself; what is not stated stays."""
    change = ("account", "change", ACCOUNT)
    codes = [
        desk.gep(*change, "--floor", "-1000", "--commodity", "CNY")[0],
        desk.gep(*change, "--ceiling", "5", "--commodity", "CNY")[0],
        desk.gep(*change, "--state", "frozen")[0],
        desk.gep(*change, "--state", "ajar")[0],
        desk.gep(*change, "--floor", "much")[0],
    ]
    read = client.get(f"{HERE}/accounts/{ACCOUNT}", headers=keys["auditor"]).json()
    desk.gep(*change, "--floor", NO_LIMIT, "--ceiling", NO_LIMIT, "--commodity", "CNY")
    cleared = client.get(f"{HERE}/accounts/{ACCOUNT}", headers=keys["auditor"]).json()

    assert codes == [0, 0, 0, 2, 2]
    assert read["state"] == "frozen"
    assert read["bounds"] == [{"commodity": "CNY", "floor": "-1000", "ceiling": "5"}]
    assert (cleared["bounds"], cleared["state"]) == ([], "frozen")


def test_keys_are_revoked_by_an_admin_of_every_book(
    client: TestClient, store: Store, desk: Desk
) -> None:
    """An admin of one book does not end the keys of somebody who also works in another."""
    journal.open_book(store, "other")
    key = session.new_key(store, "leaver", "auditor", BOOK)
    other = session.new_key(store, "leaver", "auditor", "other")
    admin = session.new_key(store, "admin", "admin", BOOK)
    url = f"{HERE}/accounts"
    refused = Desk(desk.url, desk.folder, admin).gep("key", "revoke", "--user", "leaver")
    still = client.get(url, headers=header(key)).status_code
    session.new_key(store, "admin", "admin", "other")
    revoked = Desk(desk.url, desk.folder, admin).gep("key", "revoke", "--user", "leaver", "--json")

    assert (refused[0], still, revoked[0]) == (2, 200, 0)
    assert '"revoked": 2' in revoked[1]
    assert [client.get(url, headers=header(each)).status_code for each in (key, other)] == [401] * 2
    assert desk.gep("key", "revoke", "--user", "nobody")[0] == 2


def test_books_are_listed_to_whom_they_are_open(desk: Desk) -> None:
    """In the order in which they were opened; one that needs a key is not there without it."""
    desk.gep("book", "new", "closed", "--no-command-line")
    code, said, _ = desk.gep("book", "list", "--json")

    assert code == 0
    assert [each["book"] for each in json.loads(said)] == [BOOK]
