"""Trading over REST: an order is entered and seen to fill, and nobody sees or touches another's."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from api import session
from api.app import create_app
from api.auth import ROLES
from ledger import journal
from ledger.store import open_store
from tests.api.conftest import header
from tests.market.exchange import BOOK, MARKET, Exchange
from tests.market.floor import CEA, DAY, at

HERE = f"/v1/books/{BOOK}"
OTHERS = {"Plant": 1, "Mill": 2, "Smelter": 3}
Keys = dict[str, dict[str, str]]


@pytest.fixture
def exchange(database_url: str) -> Iterator[Exchange]:
    """The national market as it is, on each kind of database in turn."""
    with open_store(database_url) as store:
        yield Exchange(store)


@pytest.fixture
def client(exchange: Exchange) -> Iterator[TestClient]:
    """A client without a key."""
    with TestClient(create_app(exchange.store), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def keys(exchange: Exchange) -> Keys:
    """A trader's key for each holder, and one of each role that is of no party."""
    made = {
        name: header(session.new_key(exchange.store, name, "trader", BOOK, party=UUID(int=number)))
        for name, number in OTHERS.items()
    }
    for role in ROLES:
        party = UUID(int=99) if role in {"trader", "lender"} else None
        made[role] = header(session.new_key(exchange.store, role, role, BOOK, party=party))
    return made


def opening(number: int = 900, **more: Any) -> dict[str, Any]:
    """A day as an operator opens it."""
    return {
        "id": str(UUID(int=number)), "market": MARKET, "event": "open-day", "day": str(DAY),
        "venue": "cea", "registry": "CRC", "clearing": "CLR", "closes": {CEA: "57.77"}, **more,
    }  # fmt: skip


def order(number: int, holder: str, side: str, price: str, quantity: str, **more: Any) -> Any:
    """An order as it is sent."""
    said = {"price": price, "quantity": quantity} if price else {}
    return {
        "id": str(UUID(int=number)), "market": MARKET, "product": CEA, "holder": holder,
        "side": side, "mode": "listing", **said, **more,
    }  # fmt: skip


def ok(answer: Any, status: int = 201) -> Any:
    """Return what was answered, if it was answered so."""
    assert answer.status_code == status, answer.json()
    return answer.json()


@pytest.fixture
def opened(client: TestClient, keys: Keys) -> TestClient:
    """A client of a market in which the plant has listed 300 t at 57.70."""
    ok(client.post(f"{HERE}/market-events", json=opening(), headers=keys["registrar"]))
    sent = order(1, "Plant", "sell", "57.70", "300")
    ok(client.post(f"{HERE}/orders", json=sent, headers=keys["Plant"]))
    return client


def test_an_order_is_entered_and_seen_to_fill(opened: TestClient, keys: Keys) -> None:
    """The mill picks 100 t of the plant's listing; both see it, each its own side."""
    market = ok(opened.get(f"{HERE}/market-data?market={MARKET}", headers=keys["Mill"]), 200)
    (listing,) = market["products"][0]["books"][0]["asks"][0]["listings"]
    picks = [{"order": listing["order"], "quantity": "100"}]
    bought = ok(opened.post(
        f"{HERE}/orders", json=order(2, "Mill", "buy", "", "", picks=picks), headers=keys["Mill"]
    ))  # fmt: skip
    sold = ok(opened.get(f"{HERE}/orders/{UUID(int=1)}", headers=keys["Plant"]), 200)
    trades = {
        name: ok(opened.get(f"{HERE}/trades?market={MARKET}", headers=keys[name]), 200)["items"]
        for name in (*OTHERS, "auditor")
    }

    assert (bought["state"], bought["filled"]) == ("filled", "100")
    assert (sold["state"], sold["filled"], sold["open"]) == ("part-filled", "100", "200")
    assert [len(each) for each in trades.values()] == [1, 1, 0, 1]
    assert (trades["Mill"][0]["buyer"], trades["Mill"][0]["seller"]) == ("Mill", None)
    assert (trades["auditor"][0]["buyer"], trades["auditor"][0]["seller"]) == ("Mill", "Plant")
    assert trades["Plant"][0]["price"] == "57.70"


def test_a_day_from_opening_to_settlement(
    opened: TestClient, keys: Keys, exchange: Exchange
) -> None:
    """Filled at two, settled after three; on the next day what was bought may be sold."""
    mill, registrar = keys["Mill"], keys["registrar"]
    picks = [{"order": 2, "quantity": "100"}]
    ok(opened.post(f"{HERE}/orders", json=order(2, "Mill", "buy", "", "", picks=picks),
                   headers=mill))  # fmt: skip
    exchange.clock.now = at("15:00")
    closing = {"id": str(UUID(int=901)), "market": MARKET, "event": "close-day"}
    closed = ok(opened.post(f"{HERE}/market-events", json=closing, headers=registrar))
    again = ok(opened.post(f"{HERE}/market-events", json=closing, headers=registrar), 200)
    lapsed = ok(opened.get(f"{HERE}/orders/{UUID(int=1)}", headers=keys["Plant"]), 200)
    bars = ok(opened.get(
        f"{HERE}/market-data/bars?market={MARKET}&product={CEA}&until={DAY}", headers=mill
    ), 200)  # fmt: skip
    exchange.clock.now = at("14:00", DAY.replace(day=16))
    next_day = opening(902, day="2022-03-16", closes={CEA: "57.70"})
    rolled = ok(opened.post(f"{HERE}/market-events", json=next_day, headers=registrar))
    sold = order(3, "Mill", "sell", "57.80", "1100")
    ok(opened.post(f"{HERE}/orders", json=sold, headers=mill))

    assert (closed["settled"], again["settled"], closed["unsettled"]) == (1, 0, [])
    assert (lapsed["state"], lapsed["open"]) == ("lapsed", "0")
    assert [(each["price_basis"], each["close"], each["quantity"]) for each in bars] == [
        ("listing", "57.70", "100"), ("all", "57.70", "100"),
    ]  # fmt: skip
    assert rolled["rolled"] == 1
    assert exchange.findings() == []


def test_orders_are_idempotent_paged_and_withdrawn(opened: TestClient, keys: Keys) -> None:
    """The same order is a replay; a page leads to the next; a withdrawn order frees its hold."""
    plant = keys["Plant"]
    sent = order(1, "Plant", "sell", "57.70", "300")
    assert opened.post(f"{HERE}/orders", json=sent, headers=plant).status_code == 200
    changed = order(1, "Plant", "sell", "57.70", "301")
    assert opened.post(f"{HERE}/orders", json=changed, headers=plant).status_code == 409
    ok(opened.post(f"{HERE}/orders", json=order(5, "Plant", "sell", "57.90", "10"), headers=plant))
    first = ok(opened.get(f"{HERE}/orders?market={MARKET}&limit=1", headers=plant), 200)
    second = ok(opened.get(first["next"], headers=plant), 200)
    gone = [
        ok(opened.post(f"{HERE}/orders/{UUID(int=1)}/withdraw", headers=plant), 200)["state"]
        for _ in range(2)
    ]

    assert [each["id"] for each in (*first["items"], *second["items"])] == [
        str(UUID(int=number)) for number in (1, 5)
    ]
    assert second["next"] is None
    assert gone == ["withdrawn", "withdrawn"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"price": "63.56"}, "market.band"),
        ({"price": "57.701"}, "ledger.malformed"),
        ({"quantity": "0.5"}, "ledger.malformed"),
        ({"quantity": "0"}, "market.out-of-range"),
        ({"quantity": "100000"}, "market.size"),
        ({"quantity": "701"}, "ledger.floor"),
        ({"product": "CEA.2019"}, "market.unknown-product"),
        ({"product": "GOLD"}, "rights.unknown-right"),
        ({"mode": "continuous"}, "market.closed"),
        ({"mode": "block"}, "market.wrong-mode"),
        ({"side": "hold"}, "http.invalid"),
        ({"market": "nasdaq"}, "market.unknown"),
        ({"price": None}, "ledger.malformed"),
        ({"id": "1"}, "http.invalid"),
        ({"hidden": True}, "http.invalid"),
    ],
)
def test_an_order_is_refused_with_its_reason(
    opened: TestClient, keys: Keys, said: dict[str, Any], code: str
) -> None:
    """And nothing of it is held."""
    sent = order(7, "Plant", "sell", "57.80", "10") | said
    answer = opened.post(f"{HERE}/orders", json=sent, headers=keys["Plant"])

    assert answer.json()["code"] == code, answer.json()
    assert answer.status_code in {404, 422}
    held = ok(opened.get(f"{HERE}/holds?state=pending", headers=keys["Plant"]), 200)["items"]
    assert [each["lines"][0]["remaining"] for each in held] == ["300"]


def test_a_trader_sees_and_touches_nothing_of_anothers(
    opened: TestClient, keys: Keys, exchange: Exchange
) -> None:
    """On every route of a market: the mill with the plant's order, its hold, its holder's name."""
    mill, plants = keys["Mill"], UUID(int=1)
    number = 300
    tried = [
        opened.post(f"{HERE}/orders", json=order(number, "Plant", "sell", "57.80", "1"),
                    headers=mill),
        opened.post(f"{HERE}/orders", json=order(number, "Nobody", "sell", "57.80", "1"),
                    headers=mill),
        opened.get(f"{HERE}/orders/{plants}", headers=mill),
        opened.post(f"{HERE}/orders/{plants}/withdraw", headers=mill),
        opened.get(f"{HERE}/market-events?market={MARKET}", headers=mill),
        opened.post(f"{HERE}/market-events", json=opening(), headers=mill),
        opened.get(f"{HERE}/holds/{plants}", headers=mill),
        opened.post(f"{HERE}/holds/{plants}/void", json={"reason": "no"}, headers=mill),
    ]  # fmt: skip
    lists = [
        ok(opened.get(f"{HERE}/{path}?market={MARKET}", headers=mill), 200)["items"]
        for path in ("orders", "trades")
    ]
    public = "".join(
        opened.get(f"{HERE}/market-data{path}", headers=mill).text
        for path in (f"?market={MARKET}", f"/trades?market={MARKET}&product={CEA}",
                     f"/bars?market={MARKET}&product={CEA}&until={DAY}")
    )  # fmt: skip

    assert [each.status_code for each in tried] == [403, 403, 404, 404, 403, 403, 404, 404]
    assert "Nobody" not in tried[0].text
    assert lists == [[], []]
    assert "Plant" not in public
    assert str(plants) not in public
    assert exchange.held == {"CRC:Holding:Plant:Free": 300}


def test_an_orders_hold_is_its_markets(opened: TestClient, keys: Keys) -> None:
    """Its own trader cannot void it, nor take it up, nor place one that looks like it."""
    plant, id = keys["Plant"], str(UUID(int=1))
    line = {"account": "CRC:Holding:Plant:Free", "commodity": CEA, "amount": "1", "side": "credit"}
    taking = {"id": str(UUID(int=8)), "consumes": [{"hold": id, "line": 1, "amount": "1"}]}
    placing = {"id": str(UUID(int=9)), "kind": "market.order", "lines": [line]}
    codes = [
        opened.post(f"{HERE}/holds/{id}/void", json={"reason": "no"}, headers=plant),
        opened.post(f"{HERE}/holds/consume", json=taking, headers=plant),
        opened.post(f"{HERE}/holds", json=placing, headers=plant),
    ]

    assert [each.json()["code"] for each in codes] == [
        "ledger.hold-of-order", "ledger.hold-of-order", "ledger.malformed",
    ]  # fmt: skip


@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_staff_account_trades(opened: TestClient, keys: Keys, role: str) -> None:
    """Only a trader of the party orders; any role sees the market, readers all of it."""
    who = keys[role]
    sent = order(40, "Plant", "sell", "57.80", "1")
    assert opened.post(f"{HERE}/orders", json=sent, headers=who).status_code == 403
    market = opened.get(f"{HERE}/market-data?market={MARKET}", headers=who)
    assert market.status_code == 200
    readers = {"finance.preparer", "finance.approver", "registrar", "auditor"}
    events = opened.get(f"{HERE}/market-events?market={MARKET}", headers=who)
    assert events.status_code == (200 if role in readers else 403)
    orders = opened.get(f"{HERE}/orders?market={MARKET}", headers=who)
    seen = {"trader": 0, "lender": 0}.get(role, 1)
    assert orders.status_code == (200 if role in {*readers, "trader", "lender"} else 403)
    if orders.status_code == 200:
        assert len(orders.json()["items"]) == seen


def test_the_registrar_takes_an_order_out(opened: TestClient, keys: Keys) -> None:
    """Where a party cannot: its account is frozen, or its key is lost."""
    answer = opened.post(f"{HERE}/orders/{UUID(int=1)}/withdraw", headers=keys["registrar"])
    assert ok(answer, 200)["state"] == "withdrawn"


def test_a_key_of_another_book_sees_nothing(
    opened: TestClient, keys: Keys, exchange: Exchange
) -> None:
    """Not even what any key of the book may see."""
    journal.open_book(exchange.store, "other", actor=None)
    other = header(session.new_key(exchange.store, "other", "auditor", "other"))
    for path in (f"orders?market={MARKET}", f"trades?market={MARKET}", f"orders/{UUID(int=1)}",
                 f"market-data?market={MARKET}", f"market-events?market={MARKET}",
                 f"market-data/trades?market={MARKET}&product={CEA}",
                 f"market-data/bars?market={MARKET}&product={CEA}&until={DAY}"):  # fmt: skip
        assert opened.get(f"{HERE}/{path}", headers=other).status_code == 403, path
