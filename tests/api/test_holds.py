"""Holds over REST: whose they are, what is left of them, and what a stranger learns: nothing."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from api import session
from ledger.chart import party_id
from ledger.store import Store
from tests.api.conftest import BOOK, header
from tests.api.test_rest import HERE, Keys

OWN, OTHERS, CASH = (
    "XS-REG:Holding:1002:Free", "XS-REG:Holding:1001:Free", "XS-CLR:Client:1001:Free",
)  # fmt: skip
SINK, BLUE = "XS-REG:Sink:Cancelled", "BC.XSG.2023"
GROUP = str(UUID(int=900))
HOLDS = f"{HERE}/holds"


def hold(number: int, amount: str = "100", account: str = OWN, **more: object) -> dict[str, Any]:
    """Reserve blue carbon that is to go out of a holding."""
    line = {"account": account, "commodity": BLUE, "amount": amount, "side": "credit"}
    return {"id": str(UUID(int=number)), "lines": [line], **more}


def cash(number: int, **more: object) -> dict[str, Any]:
    """Reserve the seller's cash."""
    line = {"account": CASH, "commodity": "CNY", "amount": "50.00", "side": "debit"}
    return {"id": str(UUID(int=number)), "lines": [line], **more}


@pytest.fixture
def stranger(store: Store) -> dict[str, str]:
    """The header of a trader of another party: the seller."""
    seller = UUID("fe9c7604-d16c-58d4-bde1-76bd7603acf1")
    return header(session.new_key(store, "seller", "trader", BOOK, party=seller))


def test_placed_replayed_and_read(client: TestClient, keys: Keys) -> None:
    """201, then 200 with the same record; the same id with another body is a conflict."""
    trader = keys["trader"]
    sent = hold(1, deadline="2999-01-01T00:00:00Z", reference="order 7")
    first = client.post(HOLDS, json=sent, headers=trader)
    again = client.post(HOLDS, json=sent, headers=trader)
    other = client.post(HOLDS, json=hold(1, "99"), headers=trader)
    read = client.get(f"{HOLDS}/{UUID(int=1)}", headers=trader).json()

    assert [each.status_code for each in (first, again, other)] == [201, 200, 409]
    assert first.json()["seq"] == again.json()["seq"] == read["seq"]
    assert (read["state"], read["deadline"]) == ("pending", "2999-01-01T00:00:00.000000Z")
    assert read["lines"] == [{"account": OWN, "commodity": BLUE, "side": "credit",
                              "amount": "100.000", "remaining": "100.000"}]  # fmt: skip


def test_no_more_is_reserved_than_is_there(client: TestClient, keys: Keys) -> None:
    """2,240.1 t are there: 2,000 and then 300 are too many, and 240.1 are not."""
    sent = [hold(number, amount) for number, amount in ((1, "2000"), (2, "300"), (3, "240.1"))]
    answers = [client.post(HOLDS, json=each, headers=keys["trader"]) for each in sent]

    assert [each.status_code for each in answers] == [201, 422, 201]
    assert answers[1].json()["code"] == "ledger.floor"


def test_a_trader_touches_nothing_of_another_s(
    client: TestClient, keys: Keys, stranger: dict[str, str]
) -> None:
    """Neither places nor sees nor voids, and is not told whether it exists."""
    client.post(HOLDS, json=hold(1, group=GROUP), headers=keys["trader"])
    tried = [
        client.post(HOLDS, json=hold(2, account=OWN), headers=stranger),
        client.post(HOLDS, json=hold(2, account="XS-REG:Holding:none"), headers=stranger),
        client.post(HOLDS, json=cash(2, group=GROUP), headers=stranger),
        client.post(f"{HERE}/hold-groups/{GROUP}/void", json={"reason": "x"}, headers=stranger),
    ]
    unknown = [
        client.request(method, f"{HOLDS}/{UUID(int=number)}{verb}", headers=stranger, json=said)
        for number in (1, 99)
        for method, verb, said in (("GET", "", None), ("POST", "/void", {"reason": "x"}))
    ]

    assert {(each.status_code, each.json()["code"]) for each in tried} == {
        (403, "ledger.not-permitted")
    }
    assert {(each.status_code, each.json()["code"]) for each in unknown} == {
        (404, "ledger.unknown-hold")
    }
    assert client.get(HOLDS, headers=stranger).json() == {"items": [], "next": None}


def test_a_hold_of_two_parties_is_of_neither_alone(
    client: TestClient, keys: Keys, stranger: dict[str, str]
) -> None:
    """The registrar places it; each party's trader sees a line of another's, so none of it.

    Nor one on an account that is nobody's.
    """
    both = cash(1)
    both["lines"] += hold(1)["lines"]
    placed = client.post(HOLDS, json=both, headers=keys["registrar"])
    nobodys = client.post(HOLDS, json=hold(2, "1", account=SINK), headers=keys["registrar"])
    seen = [
        [each["id"] for each in client.get(HOLDS, headers=who).json()["items"]]
        for who in (keys["auditor"], keys["trader"], stranger)
    ]

    assert (placed.status_code, nobodys.status_code) == (201, 201)
    assert seen == [[both["id"], str(UUID(int=2))], [], []]


def test_who_only_reads_voids_nothing(client: TestClient, keys: Keys) -> None:
    """An auditor sees the hold and may not; a lender and an approver place none."""
    client.post(HOLDS, json=hold(1), headers=keys["trader"])
    said = {"reason": "withdrawn"}
    answers = [
        client.post(f"{HOLDS}/{UUID(int=1)}/void", json=said, headers=keys[role]).status_code
        for role in ("auditor", "lender", "finance.approver", "trader", "registrar")
    ]
    placed = [
        client.post(HOLDS, json=hold(2), headers=keys[role]).status_code
        for role in ("auditor", "lender", "finance.approver", "admin")
    ]

    assert answers == [403, 403, 403, 200, 200]
    assert placed == [403, 403, 403, 403]
    assert client.get(f"{HOLDS}/{UUID(int=1)}", headers=keys["lender"]).json()["state"] == "voided"


def test_a_group_is_voided_together(client: TestClient, keys: Keys) -> None:
    """Both members are free again; a second time nothing is left to void."""
    trader = keys["trader"]
    for number in (1, 2):
        client.post(HOLDS, json=hold(number, group=GROUP), headers=trader)
    url = f"{HERE}/hold-groups/{GROUP}/void"
    first, again = (client.post(url, json={"reason": "both"}, headers=trader) for _ in range(2))
    states = [each["state"] for each in client.get(HOLDS, headers=trader).json()["items"]]

    assert (first.status_code, first.json()["seq"] is not None) == (200, True)
    assert (again.status_code, again.json()["seq"]) == (200, None)
    assert states == ["voided", "voided"]


def test_a_transaction_consumes_a_hold(client: TestClient, keys: Keys) -> None:
    """Forty of a hundred are cancelled: sixty stay reserved; then twenty, the last ones."""
    client.post(HOLDS, json=hold(1), headers=keys["trader"])
    answers = []
    for number, amount, final in ((10, "40", False), (11, "20", True), (12, "1", False)):
        sent = {
            "id": str(UUID(int=number)), "effective_on": "2024-01-01", "narrative": "cancel",
            "consumes": [
                {"hold": str(UUID(int=1)), "line": 1, "amount": amount, "final": final}
            ],
            "postings": [
                {"account": OWN, "commodity": BLUE, "amount": f"-{amount}"},
                {"account": SINK, "commodity": BLUE, "amount": amount},
            ],
        }  # fmt: skip
        answers.append(client.post(f"{HERE}/transactions", json=sent, headers=keys["registrar"]))
        shown = client.get(f"{HOLDS}/{UUID(int=1)}", headers=keys["trader"]).json()
        answers[-1].left = (shown["state"], shown["lines"][0]["remaining"])  # type: ignore[attr-defined]

    assert [each.status_code for each in answers] == [201, 201, 409]
    assert [each.left for each in answers] == [  # type: ignore[attr-defined]
        ("pending", "60.000"), ("consumed", "0.000"), ("consumed", "0.000"),
    ]  # fmt: skip


def test_a_hold_is_taken_up_without_a_posting(client: TestClient, keys: Keys) -> None:
    """Forty of a hundred, replayed, and then more than is left; the holding is as before."""
    trader = keys["trader"]
    client.post(HOLDS, json=hold(1), headers=trader)
    sent = [
        {"id": str(UUID(int=number)),
         "consumes": [{"hold": str(UUID(int=1)), "line": 1, "amount": amount}]}
        for number, amount in ((10, "40"), (10, "40"), (10, "41"), (11, "61"))
    ]  # fmt: skip
    answers = [client.post(f"{HOLDS}/consume", json=each, headers=trader) for each in sent]
    shown = client.get(f"{HOLDS}/{UUID(int=1)}", headers=trader).json()

    assert [each.status_code for each in answers] == [201, 200, 409, 422]
    assert answers[0].json()["seq"] == answers[1].json()["seq"]
    assert answers[3].json()["code"] == "ledger.hold-exceeded"
    assert (shown["state"], shown["lines"][0]["remaining"]) == ("pending", "60.000")


def test_nobody_takes_up_another_s_hold(
    client: TestClient, keys: Keys, stranger: dict[str, str]
) -> None:
    """To a stranger it is unknown, as one that is not there; who only reads may not."""
    client.post(HOLDS, json=hold(1), headers=keys["trader"])

    def taking(number: int) -> dict[str, Any]:
        consumes = [{"hold": str(UUID(int=number)), "line": 1, "amount": "1"}]
        return {"id": str(UUID(int=50 + number)), "consumes": consumes}

    told = [
        client.post(f"{HOLDS}/consume", json=taking(number), headers=headers).status_code
        for number, headers in (
            (1, stranger), (2, stranger), (2, keys["registrar"]), (1, keys["auditor"]),
            (1, keys["lender"]), (1, keys["registrar"]),
        )
    ]  # fmt: skip

    assert told == [404, 404, 404, 403, 403, 201]


def test_pages_of_holds(client: TestClient, keys: Keys) -> None:
    """Each once, in booking order, by following ``next``; a state narrows them."""
    trader = keys["trader"]
    for number in range(1, 6):
        client.post(HOLDS, json=hold(number, "1"), headers=trader)
    client.post(f"{HOLDS}/{UUID(int=2)}/void", json={"reason": "x"}, headers=trader)
    path, found = f"{HOLDS}?limit=2&state=pending", []
    while path:
        page = client.get(path, headers=trader).json()
        found += [UUID(each["id"]).int for each in page["items"]]
        path = page["next"]

    assert found == [1, 3, 4, 5]


BAD = (
    ("no lines", hold(1) | {"lines": []}, "lines"),
    ("negative", hold(1, "-1"), "lines[0].amount"),
    ("a field too many", hold(1, why="x"), "why"),
    ("no instant", hold(1, deadline="tomorrow"), "deadline"),
    ("an approval", hold(1, kind="approval"), "kind"),
)


@pytest.mark.parametrize(("story", "sent", "at"), BAD, ids=[each[0] for each in BAD])
def test_what_is_no_hold(
    client: TestClient, keys: Keys, story: str, sent: dict[str, Any], at: str
) -> None:
    """422, and the field is named."""
    answer = client.post(HOLDS, json=sent, headers=keys["trader"])

    assert (answer.status_code, answer.json()["at"]) == (422, at), story


def test_the_trader_is_the_buyer() -> None:
    """The accounts of these tests are those of the party of the trader's key."""
    assert str(party_id("yiduan")) == "d2be53e4-ffec-5ed8-ba48-368cc48e4269"
