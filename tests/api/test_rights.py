"""The registry over REST: who enters events, who sees which holdings, pages, replays, refusals."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from api import session
from api.auth import ROLES
from ledger import audit, journal
from ledger.chart import party_id
from ledger.rights import desk
from ledger.rights.registry import Registry
from ledger.store import Store
from tests.api.conftest import BOOK, header
from tests.api.test_rest import HERE, Keys

CEA = "CEA.2023"
RESOURCES = ("issuances", "surrenders", "holdings")
READERS = {"finance.preparer", "finance.approver", "registrar", "auditor"}


def event(number: int, name: str, amount: str = "", **more: str) -> dict[str, Any]:
    """An event of the registry N."""
    id = str(UUID(int=number))
    said = {"id": id, "event": name, "on": "2024-11-01", "registry": "N", "right": CEA, **more}
    return said | ({"amount": amount} if amount else {})


STORY = (
    ("issuances", event(1, "cap", "1000")),
    ("issuances", event(2, "issue", "900")),
    ("issuances", event(3, "allocate", "400", holder="1", pool="Total")),
    ("issuances", event(4, "allocate", "300", holder="2", pool="Total")),
    ("holdings", event(5, "pledge", "100", holder="1", lender="9", reference="LOAN-1")),
    ("surrenders", event(6, "verify", "250", holder="1", year="2023")),
    ("surrenders", event(7, "surrender", "250", holder="1", year="2023")),
    ("surrenders", event(8, "verify", "50", holder="2", year="2023")),
    ("surrenders", event(9, "surrender", "50", holder="2", year="2023")),
)


@pytest.fixture
def told(client: TestClient, keys: Keys, store: Store) -> TestClient:
    """A registry of two firms and a bank, in which the story has happened."""
    for holder, party in (("1", "firm-1"), ("2", "firm-2"), ("9", "bank-9")):
        desk.open_holder(store, BOOK, Registry("N"), holder, party, party, actor=None)
    for resource, said in STORY:
        answer = client.post(f"{HERE}/{resource}", json=said, headers=keys["registrar"])
        assert answer.status_code == 201, answer.json()
    return client


def of_party(store: Store, role: str, party: str) -> dict[str, str]:
    """Return the header of a key for one party."""
    key = session.new_key(store, f"{role} of {party}", role, BOOK, party=party_id(party))
    return header(key)


def seen(client: TestClient, resource: str, who: dict[str, str]) -> str:
    """Return all that a caller gets of a resource, as text."""
    answer = client.get(f"{HERE}/{resource}", headers=who)
    assert answer.status_code == 200, answer.json()
    return answer.text


def test_the_registry_keeps_its_laws(told: TestClient, store: Store) -> None:
    """What was entered over HTTP is as an auditor wants it."""
    assert audit.audit(store, BOOK) == []


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_the_registrar_enters_and_only_readers_see_all(
    told: TestClient, keys: Keys, role: str
) -> None:
    """A preparer of money keeps no registry; traders and lenders see no issues."""
    who = keys[role]
    entered = [
        told.post(f"{HERE}/{resource}", json=said, headers=who).status_code
        for resource, said in STORY[:1] + STORY[4:6]
    ]
    issued = told.get(f"{HERE}/issuances", headers=who).status_code

    assert entered == [200 if role == "registrar" else 403] * 3
    assert issued == (200 if role in READERS else 403)


def test_a_key_of_one_party_sees_nothing_of_another(told: TestClient, store: Store) -> None:
    """Firm 1 has 50 free and 100 pledged, and gave up 250; firm 2's 250 and 50 it never sees."""
    one, two = (of_party(store, "trader", f"firm-{n}") for n in "12")
    mine = told.get(f"{HERE}/holdings", headers=one).json()
    given = told.get(f"{HERE}/surrenders", headers=one).json()["items"]

    assert [(each["holder"], each["state"], each["amount"]) for each in mine] == [
        ("1", "Free", "50"), ("1", "Pledged", "100"),
    ]  # fmt: skip
    assert [(each["event"], each["lines"][0]["amount"]) for each in given] == [
        ("right.surrender", "-250"),
    ]  # fmt: skip
    for resource in ("holdings", "surrenders"):
        assert "N:Holding:2" not in seen(told, resource, one)
        assert '"holder":"2"' not in seen(told, resource, one)
        assert '"holder":"1"' not in seen(told, resource, two)
    for resource in RESOURCES:
        said = STORY[4][1] | {"id": str(UUID(int=77))}
        refused = told.post(f"{HERE}/{resource}", json=said, headers=one)
        assert (refused.status_code, refused.json()["code"]) == (403, "ledger.not-permitted")
    serials = told.get(f"{HERE}/holdings", params={"right": CEA}, headers=one).json()
    assert [each["serials"] for each in serials] == [[[351, 400]], [[1, 100]]]


def test_a_lender_sees_what_is_pledged_to_it_and_no_more(told: TestClient, store: Store) -> None:
    """The bank has an account in the registry; another bank sees nothing."""
    bank = of_party(store, "lender", "bank-9")
    other = of_party(store, "lender", "bank-8")
    found = told.get(f"{HERE}/holdings", headers=bank).json()

    assert [(each["holder"], each["lender"], each["amount"]) for each in found] == [
        ("1", "9", "100")
    ]
    assert told.get(f"{HERE}/holdings", headers=other).json() == []
    assert told.get(f"{HERE}/surrenders", headers=bank).json()["items"] == []


def test_a_registrar_of_another_registry_enters_nothing_here(
    told: TestClient, store: Store
) -> None:
    """A grant for one entity covers its registry alone; what takes back, that of its original."""
    key = session.new_key(store, "elsewhere", "registrar", BOOK, entity="CRC")
    who = header(key)
    answers = [
        told.post(f"{HERE}/issuances", json=event(20, "issue", "1"), headers=who),
        told.post(f"{HERE}/surrenders", headers=who, json=event(
            21, "unsurrender", registry="CRC", original=str(UUID(int=7)), reason="not mine",
        )),
        told.get(f"{HERE}/issuances", headers=who),
    ]  # fmt: skip

    assert [each.status_code for each in answers] == [403, 403, 403]
    assert "N:Holding" not in seen(told, "holdings", who)
    assert "N:Holding" not in seen(told, "surrenders", who)


def test_pages_replays_conflicts_and_two_people(told: TestClient, keys: Keys) -> None:
    """One a page; the same again 200, another 409; an event of the wrong resource 422."""
    who = keys["registrar"]
    first = told.get(f"{HERE}/surrenders", params={"limit": 1}, headers=who).json()
    rest, link = first["items"], first["next"]
    while link:
        page = told.get(link, headers=who).json()
        rest, link = rest + page["items"], page["next"]
    whole = told.get(f"{HERE}/surrenders", headers=who).json()["items"]
    again = told.post(f"{HERE}/surrenders", json=STORY[6][1], headers=who)
    other = told.post(f"{HERE}/surrenders", json=STORY[6][1] | {"amount": "1"}, headers=who)
    wrong = told.post(f"{HERE}/issuances", json=STORY[6][1], headers=who)

    assert rest == whole
    assert len(whole) == 4  # with what the demonstration cancelled and surrendered
    assert (again.status_code, other.status_code, wrong.status_code) == (200, 409, 422)
    assert again.json()["status"] == "replayed"


def test_a_dual_event_waits_for_a_second_person(
    client: TestClient, keys: Keys, store: Store
) -> None:
    """In a book whose policy says so: 202, and again, until the approver posts it."""
    journal.open_book(store, "second", policy={"dual": "right.issue"}, actor=None)
    registrar = header(session.new_key(store, "r2", "registrar", "second"))
    approver = header(session.new_key(store, "a2", "finance.approver", "second"))
    at = "/v1/books/second"
    assert client.post(f"{at}/issuances", json=STORY[0][1], headers=registrar).status_code == 201
    held = [client.post(f"{at}/issuances", json=STORY[1][1], headers=registrar) for _ in range(2)]
    approved = client.post(f"{at}/transactions/{UUID(int=2)}/approve", headers=approver)
    again = client.post(f"{at}/issuances", json=STORY[1][1], headers=registrar)

    assert [each.status_code for each in held] == [202, 202]
    assert (approved.status_code, again.status_code) == (201, 200)


BAD = (
    ({"amount": "1.5"}, 422, "ledger.inexact-amount"),
    ({"amount": 1}, 422, "ledger.malformed"),
    ({"colour": "green"}, 422, "ledger.malformed"),
    ({"right": "CNY"}, 404, "rights.unknown-right"),
    ({"holder": "77"}, 404, "rights.unknown-holder"),
    ({"holder": "../x"}, 422, "ledger.malformed"),
    ({"amount": "9000"}, 422, "ledger.floor"),
    ({"metadata": {"a": "x" * 20_000}}, 422, "ledger.malformed"),
    ({"narrative": "x" * 2_001}, 422, "ledger.malformed"),
    ({"narrative": "x" * 70_000}, 422, "ledger.malformed"),
    ({"metadata": {"serials": "1"}}, 422, "ledger.malformed"),
    ({"event": "give"}, 422, "ledger.malformed"),
)


@pytest.mark.parametrize(("changed", "status", "code"), BAD, ids=[each[2] for each in BAD])
def test_what_is_wrong_is_a_problem(
    told: TestClient, keys: Keys, changed: dict[str, Any], status: int, code: str
) -> None:
    """A stable code each, never a fault of the server."""
    said = event(30, "allocate", "1", holder="1", pool="Total") | changed
    answer = told.post(f"{HERE}/issuances", json=said, headers=keys["registrar"])

    assert (answer.status_code, answer.json()["code"]) == (status, code)
