"""What is posted over REST: many at once, lists, chains, keys that have just ended."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from api import posting_queue, session
from api.app import create_app
from ledger.core.command import Command, Post
from ledger.core.state import Outcome
from ledger.store import Store
from ledger.writer import submit
from tests.api.conftest import BOOK, header
from tests.api.test_rest import HERE, Keys, transfer

URL = f"{HERE}/transactions"
CHAIN, OTHER = str(UUID(int=501)), str(UUID(int=502))


@pytest.fixture
def preparer(keys: Keys) -> dict[str, str]:
    """The header of somebody who may post."""
    return keys["finance.preparer"]


def statuses(answer: Any) -> list[str]:
    """Return what became of each element of a list."""
    return [each["status"] for each in answer.json()["results"]]


def codes(answer: Any) -> list[str | None]:
    """Return the code of each refusal of a list."""
    return [each["problem"] and each["problem"]["code"] for each in answer.json()["results"]]


def test_many_at_once_are_each_posted_once(client: TestClient, preparer: dict[str, str]) -> None:
    """Sixty requests, every third sent twice: each id once in the log, every answer its own."""

    def send(number: int) -> tuple[int, dict[str, Any]]:
        answer = client.post(URL, json=transfer(number), headers=preparer)
        return answer.status_code, answer.json()

    numbers = [*range(1000, 1060), *range(1000, 1060, 3)]
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(send, numbers))

    assert {status for status, _ in answers} == {200, 201}
    assert [said["id"] for _, said in answers] == [str(UUID(int=number)) for number in numbers]
    assert len({said["seq"] for _, said in answers}) == 60


def test_the_book_may_be_left_out_or_named(client: TestClient, preparer: dict[str, str]) -> None:
    """Either way it is one body, and so is one that needs the careful reader."""
    sent = transfer(1100)
    first = client.post(URL, json=sent, headers=preparer)
    named = client.post(URL, json={"book": BOOK, **sent}, headers=preparer)
    spelt = json.dumps(sent).replace("REST", "\\u0052EST").replace("100.00", "100.0")
    spaced = client.post(URL, content=f"\n {spelt} ".encode(), headers=preparer)

    assert [each.status_code for each in (first, named, spaced)] == [201, 200, 200]


def test_a_revoked_key_opens_nothing_a_second_later(client: TestClient, store: Store) -> None:
    """Who was let in is remembered for a moment only."""
    key = session.new_key(store, "leaver", "registrar", BOOK)
    before = client.post(URL, json=transfer(1200), headers=header(key))
    session.revoke_key(store, key)
    time.sleep(1)
    after = client.post(URL, json=transfer(1201), headers=header(key))

    assert (before.status_code, after.status_code) == (201, 401)
    assert after.json()["code"] == "auth.unknown-key"


def test_an_entity_s_preparer_posts_nothing_beside_it(client: TestClient, store: Store) -> None:
    """Every entity of the transaction needs a grant; of a list, each element by itself."""
    key = header(session.new_key(store, "jinhua", "finance.preparer", BOOK, entity="T330700"))
    other = transfer(1301)
    other["postings"][0]["account"] = "XS-REG:Issued"
    single = client.post(URL, json=other, headers=key)
    both = client.post(URL, json=[transfer(1300), other], headers=key)

    assert single.status_code == 403
    assert codes(both) == [None, "ledger.not-permitted"]


def test_an_element_that_cannot_be_read_is_refused_alone(
    client: TestClient, preparer: dict[str, str]
) -> None:
    """A key twice, a number, another type: the others post, each keeps its id."""
    good, twice = json.dumps(transfer(1400)), json.dumps(transfer(1401))
    twice = twice.replace("{", '{"kind": "a", "kind": "b", ', 1)
    sent = f"[{good}, {twice}, 7, {json.dumps(transfer(1402))}]".encode()
    answer = client.post(URL, content=sent, headers=preparer)

    assert statuses(answer) == ["posted", "refused", "refused", "posted"]
    assert codes(answer) == [None, "ledger.malformed", "ledger.malformed", None]
    assert answer.json()["results"][1]["id"] == str(UUID(int=1401))


def chained() -> Iterator[tuple[str, list[dict[str, Any]], list[str]]]:
    """Yield lists with chains, and what becomes of each element."""
    unbalanced = transfer(1502, chain=CHAIN)
    unbalanced["postings"][0]["amount"] = "1"
    unread = transfer(1502, chain=CHAIN, narrative=7)
    good = [transfer(number, chain=CHAIN) for number in (1501, 1503)]
    yield "all stand", good, ["posted", "posted"]
    yield "one is refused", [good[0], unbalanced, good[1], transfer(1504)], [
        "refused", "refused", "refused", "posted",
    ]  # fmt: skip
    yield "one cannot be read", [good[0], unread, good[1], transfer(1504)], [
        "refused", "refused", "refused", "posted",
    ]  # fmt: skip
    yield "two chains", [good[0], transfer(1505, chain=OTHER), unbalanced], [
        "posted", "posted", "refused",
    ]  # fmt: skip
    yield "no neighbours", [good[0], transfer(1506, narrative=7), unbalanced], [
        "posted", "refused", "refused",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "became"), [each[1:] for each in chained()], ids=[each[0] for each in chained()]
)
def test_neighbours_with_one_chain_stand_or_fall_together(
    client: TestClient, preparer: dict[str, str], sent: list[dict[str, Any]], became: list[str]
) -> None:
    """Also where a link is refused before anything is decided; those that fall burn no id."""
    answer = client.post(URL, json=sent, headers=preparer)

    assert statuses(answer) == became
    alone = client.post(URL, json=transfer(1501), headers=preparer)
    assert alone.status_code == (409 if became[0] == "posted" else 201)


def test_a_list_is_not_longer_than_it_may_be(client: TestClient, preparer: dict[str, str]) -> None:
    """8,000 elements at most; what is asked for with ``atomic`` is yes or no."""
    assert client.post(URL, content=b"[" + b"{}," * 8_000 + b"{}]", headers=preparer).json()[
        "at"
    ] == "body"  # fmt: skip
    second = client.post(f"{URL}?atomic=true", json=[transfer(1), {}], headers=preparer)
    assert (second.status_code, second.json()["at"]) == (422, "[1].id")
    unclear = client.post(f"{URL}?atomic=perhaps", json=[transfer(1)], headers=preparer)
    assert (unclear.status_code, unclear.json()["at"]) == (422, "atomic")


def test_of_a_batch_that_fails_only_the_culprit_has_an_error(
    client: TestClient, preparer: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others of the batch are decided alone, and posted."""

    def broken(*_: object) -> None:
        raise ValueError("no rule foresees this")

    def alone(store: Store, book: str, command: Command) -> tuple[Outcome, ...]:
        (item,) = command.items
        assert isinstance(item, Post)
        if item.body.id == UUID(int=1600):
            raise ValueError("this one")
        return submit(store, book, command)

    monkeypatch.setattr(posting_queue, "submit_batch", broken)
    monkeypatch.setattr(posting_queue, "submit", alone)
    sent = [client.post(URL, json=transfer(number), headers=preparer) for number in (1600, 1601)]

    assert [each.status_code for each in sent] == [500, 201]


def test_the_plain_route_is_described(client: TestClient) -> None:
    """The fast route stands in the description with its body, its header and its answers."""
    described = client.get("/openapi.json").json()["paths"][f"{HERE}/transactions".replace(
        BOOK, "{book}"
    )]["post"]  # fmt: skip

    assert {"200", "201", "202", "401", "403", "404", "409", "422"} <= set(described["responses"])
    assert {each["name"] for each in described["parameters"]} >= {"atomic", "Idempotency-Key"}
    assert "requestBody" in described


def test_the_plain_route_comes_first(store: Store) -> None:
    """Nothing of FastAPI stands between it and the request."""
    assert type(create_app(store).routes[0]).__name__ == "Route"
