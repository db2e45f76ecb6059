"""REST as its callers meet it: who may do what, two people, replays, pages, refusals."""

import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import posting_queue, session
from api.app import create_app
from api.auth import ROLES
from ledger import journal
from ledger.core.account import Account
from ledger.core.command import Command, Open
from ledger.store import Store, open_store
from ledger.writer import submit
from tests.api.conftest import BOOK, header

Keys = dict[str, dict[str, str]]
HERE = f"/v1/books/{BOOK}"
OPEN_ROUTES = {"/healthz", "/readyz", "/metrics", "/problems/{code}"}
CONSOLE = {
    "/", "/login", "/logout", "/font.ttc", "/console.css", "/openapi.json", "/gep",
    "/gep/cases/{case}", "/gep/cases/{case}/report.pdf", "/gep/cases/{case}/explain",
    "/gep/editions", "/gep/editions/{id}", "/gep/editions/{id}/{action}",
}  # fmt: skip


def transfer(number: int, amount: str = "100.00", **more: object) -> dict[str, Any]:
    """A body between two accounts of Jinhua's treasury."""
    return {
        "id": str(UUID(int=number)),
        "effective_on": "2023-01-31",
        "narrative": "REST",
        "postings": [
            {"account": "T330700:1001国库存款", "commodity": "CNY", "amount": amount},
            {"account": "T330700:5101补助费用", "commodity": "CNY", "amount": f"-{amount}"},
        ],
        **more,
    }


def routes(client: TestClient) -> list[tuple[str, str]]:
    """Return every route that needs a key, by method, with made-up parts."""
    paths: Mapping[str, Mapping[str, object]] = client.get("/openapi.json").json()["paths"]
    parts = {"{book}": BOOK, "{id}": str(UUID(int=1)), "{code}": "T1:1", "{name}": "register"}
    found = []
    for path, methods in paths.items():
        if path not in OPEN_ROUTES:
            for part, value in parts.items():
                path = path.replace(part, value)  # noqa: PLW2901
            found += [(method.upper(), path) for method in methods]
    return found


def test_every_parameter_of_a_path_is_described(client: TestClient) -> None:
    """A client made of the description reaches every route."""
    for path, verbs in client.get("/openapi.json").json()["paths"].items():
        named = set(re.findall(r"{(.+?)}", path))
        for verb, described in verbs.items():
            given = {each["name"] for each in described.get("parameters", ())}
            assert named <= given, (verb, path)


def test_every_route_is_known_to_this_test(client: TestClient) -> None:
    """A new route is in the description, or is one of the console's, whose list this is."""
    described = set(client.get("/openapi.json").json()["paths"])
    app: Any = client.app
    stated = {each.path for each in iter_route_contexts(app.routes)}

    assert stated - described == CONSOLE
    assert described <= stated


def test_no_route_answers_without_a_key(client: TestClient) -> None:
    """401 and a problem, with no key, a wrong key, another scheme; nothing else is said."""
    for method, path in routes(client):
        for said in ({}, header("gep_wrong"), {"Authorization": "Basic eDp5"}):
            answer = client.request(method, path, headers=said)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "auth.unknown-key"


WRITERS = {"finance.preparer", "registrar"}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_preparers_post_and_only_approvers_approve(
    client: TestClient, keys: Keys, role: str
) -> None:
    """An auditor reads all and writes nothing; admin and GEP roles see no money."""
    posted = client.post(f"{HERE}/transactions", json=transfer(1), headers=keys[role])
    assert posted.status_code == (201 if role in WRITERS else 403)
    client.post(f"{HERE}/transactions", json=transfer(2, kind="fiscal.transfer"),
                headers=keys["finance.preparer"])  # fmt: skip
    approved = client.post(f"{HERE}/transactions/{UUID(int=2)}/approve", headers=keys[role])
    assert approved.status_code == (201 if role == "finance.approver" else 403)
    reads = client.get(f"{HERE}/statements/trial-balance", headers=keys[role]).status_code
    assert reads == (200 if role in {*WRITERS, "finance.approver", "auditor"} else 403)


def test_prepared_by_one_and_approved_by_another(client: TestClient, keys: Keys) -> None:
    """202 on preparing, 403 to approve one's own, 201 to the other, then a replay."""
    sent = transfer(7, kind="fiscal.transfer")
    preparer, approver = keys["finance.preparer"], keys["finance.approver"]
    prepared = client.post(f"{HERE}/transactions", json=sent, headers=preparer)
    waiting = client.get(f"{HERE}/proposals", headers=approver).json()
    approved = client.post(f"{HERE}/transactions/{sent['id']}/approve", headers=approver)
    again = client.post(f"{HERE}/transactions", json=sent, headers=preparer)
    read = client.get(f"{HERE}/transactions/{sent['id']}", headers=keys["auditor"]).json()

    assert (prepared.status_code, prepared.json()["status"]) == (202, "held")
    assert [each["id"] for each in waiting] == [sent["id"]]
    assert (approved.status_code, again.status_code) == (201, 200)
    assert read["preparer"] != read["approver"]


def test_nobody_approves_what_he_prepared(client: TestClient, store: Store) -> None:
    """One user with both grants is still one person."""
    key = session.new_key(store, "both", "finance.preparer", BOOK)
    session.new_key(store, "both", "finance.approver", BOOK)
    sent = transfer(8, kind="fiscal.transfer")
    client.post(f"{HERE}/transactions", json=sent, headers=header(key))
    refused = client.post(f"{HERE}/transactions/{sent['id']}/approve", headers=header(key))

    assert (refused.status_code, refused.json()["code"]) == (403, "ledger.self-approval")


def test_rejected_and_reversed(client: TestClient, keys: Keys) -> None:
    """A rejection is final; a reversal happens once."""
    preparer, approver = keys["finance.preparer"], keys["finance.approver"]
    sent = transfer(9, kind="fiscal.transfer")
    client.post(f"{HERE}/transactions", json=sent, headers=preparer)
    at = f"{HERE}/transactions/{sent['id']}"
    assert client.post(f"{at}/reject", json={"reason": "twice"}, headers=approver).json()[
        "status"
    ] == "done"  # fmt: skip
    assert client.post(f"{at}/approve", headers=approver).status_code == 409

    client.post(f"{HERE}/transactions", json=transfer(10), headers=preparer)
    said = {"on": "2023-02-01", "narrative": "back"}
    reverse = f"{HERE}/transactions/{UUID(int=10)}/reverse"
    codes = [
        client.post(reverse, json=said, headers=preparer).status_code,
        client.post(reverse, json=said | {"on": "2023-02-02"}, headers=preparer).status_code,
    ]
    assert codes == [201, 409]


def test_replay_conflict_and_key(client: TestClient, keys: Keys) -> None:
    """The same body is answered as the first time; another is 409; the header must be the id."""
    preparer, url = keys["finance.preparer"], f"{HERE}/transactions"
    first = client.post(url, headers=preparer, json=transfer(11))
    again = client.post(url, headers=preparer, json=transfer(11, "100"))
    other = client.post(url, headers=preparer, json=transfer(11, "99"))
    key = preparer | {"Idempotency-Key": str(UUID(int=12))}
    wrong = client.post(url, headers=key, json=transfer(11))

    assert [each.status_code for each in (first, again, other, wrong)] == [201, 200, 409, 422]
    assert first.json()["seq"] == again.json()["seq"]
    assert other.json()["code"] == "ledger.id-conflict"


def test_a_list_answers_item_by_item_or_as_a_whole(client: TestClient, keys: Keys) -> None:
    """Good ones post beside refused ones; with atomic nothing does."""
    bad = transfer(21)
    bad["postings"][0]["amount"] = "100.01"
    sent = [transfer(20), bad, {"id": "x"}]
    preparer = keys["finance.preparer"]
    whole = client.post(f"{HERE}/transactions?atomic=true", json=sent[:2], headers=preparer)
    each = client.post(f"{HERE}/transactions", json=sent, headers=preparer)

    assert [it["status"] for it in whole.json()["results"]] == ["refused", "refused"]
    assert [it["status"] for it in each.json()["results"]] == ["posted", "refused", "refused"]
    assert [it["problem"] and it["problem"]["code"] for it in each.json()["results"]] == [
        None, "ledger.unbalanced", "ledger.malformed",
    ]  # fmt: skip


def test_pages_follow_one_another(client: TestClient, keys: Keys) -> None:
    """Every transaction once, in booking order, by following `next`."""
    path, seqs = f"{HERE}/transactions?limit=7", []
    while path:
        page = client.get(path, headers=keys["auditor"]).json()
        seqs += [each["seq"] for each in page["items"]]
        path = page["next"]

    assert len(seqs) == len(set(seqs)) == 45
    assert seqs == sorted(seqs)


def test_a_trader_sees_his_own_accounts_only(client: TestClient, keys: Keys) -> None:
    """The buyer of the blue carbon sees its holding and its cash, and nobody else's."""
    trader = keys["trader"]
    balances = client.get(f"{HERE}/balances", headers=trader).json()
    codes = {each["account"] for each in balances}
    own = f"{HERE}/statements/register?account=XS-REG:Holding:1002:Free"

    assert codes == {"XS-REG:Holding:1002:Free", "XS-CLR:Client:1002:Free"}
    assert client.get(own, headers=trader).status_code == 200
    assert client.get(own.replace("1002", "1001"), headers=trader).status_code == 403
    assert client.get(own.replace("1002:Free", "1002"), headers=trader).status_code == 404
    assert client.get(f"{HERE}/accounts/XS-REG:Issued", headers=trader).status_code == 403
    assert client.get(f"{HERE}/transactions", headers=trader).status_code == 403


def test_a_key_of_one_book_sees_nothing_of_another(client: TestClient, store: Store) -> None:
    """403 on every route of the other book, whether what is asked for exists or not."""
    journal.open_book(store, "other")
    key = header(session.new_key(store, "stranger", "auditor", "other"))
    for method, path in routes(client):
        if path.startswith(HERE):
            answer = client.request(method, path, headers=key, json={"on": "2023-01-01",
                                    "narrative": "", "reason": "x"})  # fmt: skip
            assert answer.status_code in {403, 422}, (method, path)


def test_from_a_payment_to_its_reading(client: TestClient, keys: Keys) -> None:
    """The auditor walks from 7,029,000 yuan to 109 yuan a person and the 37,000 people."""
    auditor = keys["auditor"]
    found = client.get(f"{HERE}/transactions?limit=500", headers=auditor).json()["items"]
    paid = next(each for each in found if each["reference"] == "JH-2022")
    evidence = client.get(f"{HERE}/evidence/{paid['metadata']['evidence']}", headers=auditor).json()
    readings = {each["content"].get("code"): each["content"] for each in evidence["rests_on"]}

    assert evidence["digest"] == paid["metadata"]["evidence_digest"]
    assert {"name": "people", "expression": "109 × 37000 person", "value": "4033000.00",
            "unit": "CNY"} in evidence["content"]["steps"]  # fmt: skip
    assert readings["people"]["value"] == "37000"


def test_balances_of_a_day_and_statements_in_every_form(client: TestClient, keys: Keys) -> None:
    """Before the deal nothing, after it 248,050.60."""
    auditor = keys["auditor"]
    at = f"{HERE}/balances?account=XS-CLR:Client:1001:Free&as_of="
    assert client.get(f"{at}2023-02-27", headers=auditor).json() == []
    assert client.get(f"{at}2023-02-28", headers=auditor).json()[0]["normal"] == "248050.60"
    for form in ("json", "csv", "xlsx"):
        answer = client.get(f"{HERE}/statements/register?format={form}", headers=auditor)
        assert (answer.status_code, bool(answer.content)) == (200, True)


def test_instruments(client: TestClient, keys: Keys) -> None:
    """The rules of the rights with their sources, to anybody with a key."""
    rules = client.get("/v1/instruments", headers=keys["trader"]).json()

    assert {"cea", "ccer", "discharge", "energy-use", "water", "blue-carbon"} <= {
        each["id"] for each in rules
    }


PROBLEMS = (
    ("not JSON", b"{", 422, "ledger.malformed"),
    ("a key twice", b'{"id": 1, "id": 2}', 422, "ledger.malformed"),
    ("not UTF-8", b"\xff", 422, "ledger.malformed"),
    ("deep", b"[" * 200_000, 422, "ledger.malformed"),
    ("an empty list", b"[]", 422, "ledger.malformed"),
    ("a number for an amount", json.dumps(transfer(1)).replace('"100.00"', "100").encode(), 422,
     "ledger.malformed"),
    ("an unknown account", json.dumps(transfer(1)).replace("T330700:5", "T330700:9").encode(), 404,
     "ledger.unknown-account"),
    ("another book", json.dumps(transfer(1, book="other")).encode(), 404, "ledger.unknown-book"),
    ("too large", b" " * (9 << 20), 422, "ledger.malformed"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("story", "sent", "status", "code"), PROBLEMS, ids=[p[0] for p in PROBLEMS]
)
def test_problems(
    client: TestClient, keys: Keys, story: str, sent: bytes, status: int, code: str
) -> None:
    """Each is a problem object with its code, in the language asked for."""
    headers = keys["finance.preparer"] | {"Accept-Language": "zh-CN,en;q=0.5"}
    answer = client.post(f"{HERE}/transactions", content=sent, headers=headers)
    problem = answer.json()

    assert (answer.status_code, problem["code"]) == (status, code), story
    assert answer.headers["content-type"] == "application/problem+json"
    assert any("一" <= char <= "鿿" for char in problem["title"])
    assert client.get(problem["type"]).json()["code"] == code


def test_every_fault_of_a_request_is_told_at_once(client: TestClient, keys: Keys) -> None:
    """Two wrong parameters are two findings, each with its place."""
    asked = f"{HERE}/transactions?cursor=x&limit=0"
    problem = client.get(asked, headers=keys["auditor"]).json()

    assert problem["code"] == "http.invalid"
    assert [each["at"] for each in problem["findings"]] == ["query.cursor", "query.limit"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_misspelt_parameter_is_refused(client: TestClient, keys: Keys, method: str) -> None:
    """Passed over, it would give an answer to another question."""
    asked = f"{HERE}/transactions?limits=3"
    answer = client.request(method, asked, headers=keys["finance.preparer"], json=transfer(60))

    assert (answer.status_code, answer.json()["code"]) == (422, "ledger.malformed")
    assert answer.json()["at"] == "limits"


def test_a_full_queue_says_so(
    client: TestClient, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes when too much waits is told to come again; nothing of it is kept."""
    headers = keys["finance.preparer"]
    with monkeypatch.context() as smaller:
        smaller.setattr(posting_queue, "WAITING_MAX", 0)
        answer = client.post(f"{HERE}/transactions", json=transfer(61), headers=headers)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["code"] == "http.busy"
    again = client.post(f"{HERE}/transactions", json=transfer(61), headers=headers)
    assert again.status_code == 201


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)
fields = st.sampled_from([*transfer(1), "metadata", "periods", "reverses", "consumes", "chain"])


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(field=fields, value=anything)
def test_no_body_is_answered_with_500(
    client: TestClient, keys: Keys, field: str, value: object
) -> None:
    """Any JSON in any field is posted or refused."""
    text = json.dumps(transfer(30) | {field: value})
    answer = client.post(
        f"{HERE}/transactions", content=text.encode(), headers=keys["finance.preparer"]
    )

    assert answer.status_code < 500


def test_an_operator_watches(client: TestClient, store: Store) -> None:
    """Health, readiness and metrics are open; a book's figures are in none of them."""
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    assert "gep_requests_total" in client.get("/metrics").text
    assert client.get("/docs").status_code == 404
    assert client.get("/nowhere").headers["content-type"] == "application/problem+json"


def test_ready_on_postgresql_means_that_the_log_is_closed_to_change(postgresql_url: str) -> None:
    """The runtime role may not rewrite it."""
    with open_store(postgresql_url) as store, TestClient(create_app(store)) as client:
        assert client.get("/readyz").json() == {"status": "ready"}


def test_a_closed_account_is_said_in_the_problem(
    client: TestClient, keys: Keys, store: Store
) -> None:
    """The typed facts stand beside the code."""
    closed = Account("T330700:9999", "asset", "accrual", state="closed")
    submit(store, BOOK, Command((Open(closed),)))
    sent = transfer(40)
    sent["postings"][1]["account"] = closed.code
    problem = client.post(
        f"{HERE}/transactions", json=sent, headers=keys["finance.preparer"]
    ).json()

    assert (problem["code"], problem["account"], problem["state"]) == (
        "ledger.account-state", closed.code, "closed",
    )  # fmt: skip
