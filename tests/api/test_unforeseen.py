"""What nobody foresaw: answered as a problem, told in the server's log, counted like any answer."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from api import caller, posted, posting_queue
from api.app import HEADERS, create_app
from ledger.store import Store
from tests.api.test_rest import HERE, Keys, transfer

URL = f"{HERE}/transactions"
WRONG = "nobody foresaw this"


def broken(*_: object, **__: object) -> None:
    """Fail in a way that no rule foresees."""
    raise RuntimeError(WRONG)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program with a fault on the route under load, and on every other."""
    monkeypatch.setattr(posted, "one", broken)
    monkeypatch.setattr(caller, "find_book", broken)


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("verb", ["POST", "GET"])
def test_it_is_a_problem_with_every_header(client: TestClient, keys: Keys, verb: str) -> None:
    """And says nothing of what was wrong."""
    answer = client.request(verb, URL, json=transfer(1), headers=keys["finance.preparer"])

    assert (answer.status_code, answer.json()["code"]) == (500, "http.internal")
    assert WRONG not in answer.text
    assert {name.decode(): value.decode() for name, value in HEADERS}.items() <= (
        dict(answer.headers).items()
    )
    assert 'status="500"' in client.get("/metrics").text


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("verb", ["POST", "GET"])
def test_it_goes_on_into_the_log_of_the_server(store: Store, keys: Keys, verb: str) -> None:
    """The server sees the error itself, from every route."""
    with TestClient(create_app(store)) as client, pytest.raises(RuntimeError, match=WRONG):
        client.request(verb, URL, json=transfer(1), headers=keys["finance.preparer"])


def test_a_method_that_no_client_should_send_is_counted_once(client: TestClient) -> None:
    """Whatever it is called, it makes no series of its own."""
    for method in ("ZZ0", "ZZ1"):
        client.request(method, URL)

    assert "ZZ" not in client.get("/metrics").text


def test_a_database_that_is_away_is_said_to_all_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is tried by itself: each would wait for the database as long."""
    calls = []

    def away(*_: object) -> None:
        calls.append(1)
        raise OperationalError("SELECT 1", {}, OSError("gone"))

    monkeypatch.setattr(posting_queue, "submit_batch", away)
    answers = posting_queue.decided(store, "main", [object(), object()])  # type: ignore[list-item]

    assert len(calls) == 1
    assert [type(each) for each in answers] == [OperationalError, OperationalError]
