"""Transit over REST: sent from one book, carried into another by who may write in both."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from api import session
from ledger import journal
from ledger.core.account import Account, Side
from ledger.core.amount import CNY
from ledger.core.command import Command, Declare, Open
from ledger.store import Store
from ledger.writer import submit
from tests.api.conftest import BOOK, header
from tests.api.test_rest import HERE, Keys

URL = f"{HERE}/transits"


def sent(number: int = 1, **more: str) -> dict[str, Any]:
    """Pay 109 yuan from a bureau to a village."""
    return {
        "id": str(UUID(int=number)), "to": "village", "commodity": "CNY", "amount": "109.00",
        "payer": "B:Cash", "charged": "B:Aid", "payee": "V:Cash", "credited": "V:Aid", **more,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def village(store: Store) -> None:
    """A second book, and the accounts of both."""
    journal.open_book(store, "village")
    for book, entity, other in ((BOOK, "B", "village"), ("village", "V", BOOK)):
        accounts = (
            Account(f"{entity}:Cash", "asset", "accrual"),
            Account(f"{entity}:Aid", "income", "accrual", Side.CREDIT),
            Account(f"{entity}:Transit:{other}", "asset", "accrual", always_zero_days=5),
        )
        submit(store, book, Command((Declare(CNY), *map(Open, accounts))))


def test_sent_shown_and_delivered(client: TestClient, store: Store, keys: Keys) -> None:
    """It waits for somebody who may write in the other book too; then it is there, once."""
    preparer = keys["finance.preparer"]
    first, again = (client.post(URL, json=sent(), headers=preparer) for _ in range(2))
    shown = client.get(URL, headers=keys["auditor"]).json()
    early = client.post(f"{URL}/deliver", headers=preparer).json()
    session.new_key(store, "finance.preparer", "finance.preparer", "village")
    done = client.post(f"{URL}/deliver", headers=preparer).json()

    assert (first.status_code, again.status_code) == (201, 200)
    assert [(each["to"], each["payee"]) for each in shown] == [("village", "V:Cash")]
    assert [(each["state"], each["code"]) for each in early] == [
        ("waiting", "ledger.not-permitted")
    ]
    assert [each["state"] for each in done] == ["received", "settled"]
    assert client.get(URL, headers=keys["auditor"]).json() == []


def test_who_may(client: TestClient, store: Store, keys: Keys) -> None:
    """Preparers and registrars send, those of an entity from its accounts; readers see it."""
    own = header(session.new_key(store, "own", "finance.preparer", BOOK, "B"))
    sends = {
        role for role, key in keys.items()
        if client.post(URL, json=sent(), headers=key).status_code in (200, 201)
    }  # fmt: skip
    reads = {role for role, key in keys.items() if client.get(URL, headers=key).is_success}

    assert sends == {"finance.preparer", "registrar"}
    assert reads == {"finance.preparer", "finance.approver", "registrar", "auditor"}
    assert client.post(URL, json=sent(2), headers=own).status_code == 201
    assert client.post(URL, json=sent(3, payer="V:Cash"), headers=own).status_code == 403
    assert client.post(f"{URL}/deliver", headers=own).status_code == 403
    assert client.post(f"{URL}/deliver", headers=keys["auditor"]).status_code == 403
