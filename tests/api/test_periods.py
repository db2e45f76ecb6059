"""Periods and accounts over REST: who turns them, and what then is refused."""

from decimal import Decimal
from uuid import UUID

from fastapi.testclient import TestClient

from api import session
from ledger import balances
from ledger.proof.sumtree import seal_root
from ledger.store import Store
from ledger.store.load import find_book
from tests.api.conftest import BOOK, header
from tests.api.test_rest import HERE, Keys, transfer

PERIODS, JANUARY = f"{HERE}/periods", {"entity": "T330700", "basis": "accrual", "period": "2023-01"}
ACCOUNT = "T330700:5101补助费用"


def test_closed_and_reopened_with_a_reason(client: TestClient, keys: Keys) -> None:
    """A closed month takes nothing more; reopened, for a reason, it does."""
    approver, preparer = keys["finance.approver"], keys["finance.preparer"]
    closed = client.post(PERIODS, json=JANUARY | {"state": "closed"}, headers=approver)
    again = client.post(PERIODS, json=JANUARY | {"state": "closed"}, headers=approver)
    late = client.post(f"{HERE}/transactions", json=transfer(1), headers=preparer)
    silent = client.post(PERIODS, json=JANUARY | {"state": "reopened"}, headers=approver)
    said = JANUARY | {"state": "reopened", "reason": "a late bill"}
    reopened = client.post(PERIODS, json=said, headers=approver)
    posted = client.post(f"{HERE}/transactions", json=transfer(2), headers=preparer)

    assert [each.status_code for each in (closed, again, late, silent, reopened, posted)] == [
        200, 200, 422, 422, 200, 201,
    ]  # fmt: skip
    assert (again.json()["seq"], late.json()["code"]) == (None, "ledger.period-closed")
    assert silent.json()["at"] == "reason"


def test_a_close_seals_every_balance_of_the_entity_on_the_basis(
    client: TestClient, keys: Keys, store: Store
) -> None:
    """The seal can be rebuilt from the balances, and is of this entity and basis only."""
    client.post(f"{HERE}/transactions", json=transfer(1), headers=keys["finance.preparer"])
    approver = keys["finance.approver"]
    client.post(PERIODS, json=JANUARY | {"state": "closed"}, headers=approver)
    (period,) = client.get(PERIODS, headers=approver).json()
    with store.reading() as connection:
        found = list(balances.balances(connection, find_book(connection, BOOK)))
    mine = [each for each in found if each.account.entity == "T330700"]
    accrual = [each for each in mine if each.account.basis == "accrual"]
    leaves = [
        (each.account.code, each.commodity.code, each.debits, each.credits) for each in accrual
    ]

    assert period["seal"] == seal_root(leaves).hex()
    assert (period["state"], len(accrual) < len(mine)) == ("closed", True)


def test_only_approvers_of_the_entity_turn_its_periods(
    client: TestClient, keys: Keys, store: Store
) -> None:
    """Preparers, auditors and approvers of another entity do not, and do not see them either."""
    other = header(session.new_key(store, "x", "finance.approver", BOOK, entity="XS-CLR"))
    own = header(session.new_key(store, "y", "finance.approver", BOOK, entity="T330700"))
    asked = JANUARY | {"state": "closed"}
    roles = [keys[role] for role in ("finance.preparer", "registrar", "auditor", "trader")]
    answers = [client.post(PERIODS, json=asked, headers=who) for who in (*roles, other, own)]

    assert [each.status_code for each in answers] == [403, 403, 403, 403, 403, 200]
    assert client.get(PERIODS, headers=other).json() == []
    assert client.get(PERIODS, headers=keys["trader"]).status_code == 403


def test_what_is_no_period(client: TestClient, keys: Keys) -> None:
    """A month 14, an unknown basis, an entity that has no account, a state there is not."""
    for wrong in ({"period": "2023-14"}, {"basis": "cash"}, {"entity": "T1"}, {"state": "shut"}):
        asked = JANUARY | {"state": "closed"} | wrong
        assert client.post(PERIODS, json=asked, headers=keys["finance.approver"]).status_code == 422


def test_a_frozen_account_takes_nothing(client: TestClient, keys: Keys) -> None:
    """Frozen by the registrar, refused, opened by the approver, posted."""
    url, post = f"{HERE}/accounts/{ACCOUNT}/change", f"{HERE}/transactions"
    frozen = client.post(url, json={"state": "frozen"}, headers=keys["registrar"])
    again = client.post(url, json={"state": "frozen"}, headers=keys["registrar"])
    refused = client.post(post, json=transfer(1), headers=keys["finance.preparer"])
    client.post(url, json={"state": "open"}, headers=keys["finance.approver"])
    posted = client.post(post, json=transfer(2), headers=keys["finance.preparer"])

    assert (frozen.status_code, again.json()["seq"]) == (200, None)
    assert (refused.json()["code"], posted.status_code) == ("ledger.account-state", 201)


def test_new_bounds_hold_from_now_on(client: TestClient, keys: Keys) -> None:
    """A ceiling of 150: the second hundred is refused; the bounds can be read, and taken away."""
    url = f"{HERE}/accounts/T330700:1001国库存款"
    stood = client.get(url, headers=keys["auditor"]).json()
    now = client.get(f"{HERE}/balances?account=T330700:1001国库存款", headers=keys["auditor"])
    before = Decimal(now.json()[0]["normal"] if now.json() else 0)
    ceiling = str(before + 150)
    bound = {"commodity": "CNY", "ceiling": ceiling}
    client.post(f"{url}/change", json={"bounds": [bound]}, headers=keys["registrar"])
    read = client.get(url, headers=keys["auditor"]).json()
    answers = [
        client.post(f"{HERE}/transactions", json=transfer(n), headers=keys["finance.preparer"])
        for n in (1, 2)
    ]
    client.post(f"{url}/change", json={"bounds": []}, headers=keys["registrar"])

    assert [each.status_code for each in answers] == [201, 422]
    assert answers[1].json()["code"] == "ledger.ceiling"
    assert (stood["bounds"], len(read["bounds"])) == ([], 1)
    assert client.get(url, headers=keys["auditor"]).json()["bounds"] == []


def test_who_changes_accounts(client: TestClient, keys: Keys, store: Store) -> None:
    """Not a preparer, an admin or a trader; a registrar of another entity neither."""
    other = header(session.new_key(store, "x", "registrar", BOOK, entity="XS-REG"))
    url = f"{HERE}/accounts/{ACCOUNT}/change"
    refused = [keys[role] for role in ("finance.preparer", "admin", "trader", "auditor")]
    for who in (*refused, other):
        assert client.post(url, json={"state": "frozen"}, headers=who).status_code == 403
    for wrong in ({"state": "ajar"}, {"bounds": [{"commodity": "*", "floor": "1e3"}]}, {"x": 1}):
        assert client.post(url, json=wrong, headers=keys["registrar"]).status_code == 422
    twice = {"bounds": [{"commodity": "CNY"}, {"commodity": "CNY"}]}
    assert client.post(url, json=twice, headers=keys["registrar"]).status_code == 422


def test_annotated_later(client: TestClient, keys: Keys) -> None:
    """The latest wins, all are kept; the same again is a replay; who only reads adds nothing."""
    preparer = keys["finance.preparer"]
    client.post(f"{HERE}/transactions", json=transfer(1), headers=preparer)
    url = f"{HERE}/transactions/{UUID(int=1)}"
    answers = [
        client.post(f"{url}/annotate", json={"metadata": {"file": name}}, headers=preparer).json()
        for name in ("a", "a", "b")
    ]
    forbidden = client.post(
        f"{url}/annotate", json={"metadata": {"file": "c"}}, headers=keys["auditor"]
    )
    shown = client.get(url, headers=keys["auditor"]).json()["annotations"]

    assert [each["status"] for each in answers] == ["done", "replayed", "done"]
    assert forbidden.status_code == 403
    assert [each["metadata"]["file"] for each in shown] == ["a", "b"]
