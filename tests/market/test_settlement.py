"""Orders are holds and fills are settled: worked on a real book, on SQLite and PostgreSQL."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from uuid import UUID

import pytest

from ledger.core.command import Change, Command
from ledger.core.refusals import AccountNotOpen
from ledger.market.events import Take, Withdraw
from ledger.market.order import BUY, SELL
from ledger.store import open_store
from ledger.writer import submit
from tests.market.exchange import BOOK, Exchange, cash_account
from tests.market.floor import CEA, at, every_mode

COD = "PR.COD.330200.2022"


@pytest.fixture
def exchange(database_url: str) -> Iterator[Exchange]:
    """A market that settles with each fill, on each kind of database in turn."""
    with open_store(database_url) as store:
        yield Exchange(store, every_mode(settlement="at-fill"))


def test_a_fill_consumes_both_holds_in_one_transaction(exchange: Exchange) -> None:
    """100 t at 57.70: the mill's hold at its limit of 58.00 is let go beyond what it pays."""
    exchange.open()
    exchange.sell("Plant", 5770, 300)
    assert exchange.held == {"CRC:Holding:Plant:Free": 300}
    exchange.buy("Mill", 5800, 100)

    assert exchange.held == {"CRC:Holding:Plant:Free": 200}
    assert exchange.standing == {
        "CRC:Holding:Plant:Free": "900",
        "CRC:Holding:Mill:Free": "1000",
        "CRC:Holding:Mill:BoughtToday": "100",
        "CRC:Holding:Smelter:Free": "1000",
        "CLR:Client:Plant:Free": "105770.00",
        "CLR:Client:Mill:Free": "94230.00",
        "CLR:Client:Smelter:Free": "100000.00",
    }
    assert exchange.findings() == []


def test_an_order_without_its_rights_or_cash_is_no_event(exchange: Exchange) -> None:
    """1,001 t are not there, nor 100,000.01 yuan; the same again is refused as the first time."""
    exchange.open()
    id = exchange.id()
    too_much = exchange.submit("Plant", SELL, 5770, 1_001)
    assert exchange.why_not(too_much, id) == "ledger.floor"
    assert exchange.why_not(too_much, id) == "ledger.floor"
    assert exchange.why_not(exchange.submit("Mill", BUY, 5800, 1_725)) == "ledger.floor"
    assert exchange.sell("Plant", 5770, 1_000) == 2
    assert exchange.why_not(exchange.submit("Plant", SELL, 5770, 1)) == "ledger.floor"


def test_what_a_venue_settles_after_the_close_stands_in_settle(database_url: str) -> None:
    """The national market as it is: filled at two, settled after three, sold from tomorrow."""
    with open_store(database_url) as store:
        exchange = Exchange(store)
        exchange.open()
        listed = exchange.sell("Plant", 5770, 300, mode="listing")
        exchange.must(Take(0, 0, CEA, "Mill", 1, ((listed, 100),), "listing"))
        between = exchange.standing
        exchange.clock.now = at("15:00")
        exchange.close()
        assert exchange.held == {}
        assert exchange.findings() == []
        assert (exchange.settle(), exchange.settle()) == (1, 0)
        after = exchange.standing
        assert exchange.findings() == []

    assert between["CRC:Settle:In"] == "100"
    assert between["CLR:Settle:Cash"] == "5770.00"
    assert between["CLR:Client:Plant:Free"] == "100000.00"
    assert "CRC:Settle:In" not in after
    assert "CLR:Settle:Cash" not in after
    assert after["CLR:Client:Plant:Free"] == "105770.00"
    assert after["CRC:Holding:Mill:BoughtToday"] == "100"


def test_consideration_and_fees_are_rounded_on_the_running_total(database_url: str) -> None:
    """Three fills of 0.0001 t at 33.35 yuan/t: a third of a fen each, one fen in all."""
    with open_store(database_url) as store:
        exchange = Exchange(store, venue="discharge", product=COD, rights=1_000_000)
        exchange.open(close=3335)
        for _ in range(3):
            exchange.sell("Plant", 3335, 100)
        exchange.buy("Mill", 3335, 300)
        assert exchange.standing["CLR:Client:Plant:Free"] == "100000.01"
        assert exchange.standing["CLR:Client:Mill:Free"] == "99999.99"
        exchange.sell("Plant", 3335, 600_000)
        exchange.buy("Smelter", 3335, 600_000)
        fee = exchange.standing["CLR:Fee:Exchange"]
        assert exchange.findings() == []

    assert fee == "0.30"


def test_fees_of_what_settles_later_are_taken_then(sqlite_url: str) -> None:
    """57.70 × 100, three quarters of a per cent a side: the buyer's with the fill, 43.28 each."""
    with open_store(sqlite_url) as store:
        rules = every_mode(settlement="after-close", fee=Fraction("0.0075"))
        exchange = Exchange(store, rules)
        exchange.open()
        exchange.sell("Plant", 5770, 100)
        exchange.buy("Mill", 5800, 100)
        between = exchange.standing
        exchange.close()
        assert exchange.settle() == 1
        after = exchange.standing
        assert exchange.findings() == []

    assert between["CLR:Fee:Exchange"] == "43.28"
    assert between["CLR:Client:Mill:Free"] == "94186.72"
    assert after["CLR:Fee:Exchange"] == "86.56"
    assert after["CLR:Client:Plant:Free"] == "105726.72"


def test_withdrawal_and_the_close_free_the_rest(exchange: Exchange) -> None:
    """Filled in part, then taken back; the other lapses with the day."""
    exchange.open()
    first, id = exchange.sell("Plant", 5770, 300), exchange.id()
    exchange.order("Mill", BUY, 5770, 100, id=id)
    exchange.sell("Smelter", 5790, 40)
    exchange.withdraw("Plant", first)
    assert exchange.held == {"CRC:Holding:Smelter:Free": 40}
    assert exchange.why_not(Withdraw(0, 0, CEA, "Plant", first)) == "market.unknown-order"
    exchange.close()
    assert exchange.held == {}
    assert exchange.findings() == []


def test_an_order_that_came_before_answers_as_the_first_time(exchange: Exchange) -> None:
    """The same id and order is a replay; another order under it, or a hold's id, is a conflict."""
    exchange.open()
    id, order = exchange.id(), exchange.submit("Plant", SELL, 5770, 10)
    assert exchange.must(order, id) == exchange.must(order, id) == 2
    assert exchange.tell(order, id).status == "replayed"
    assert exchange.why_not(exchange.submit("Plant", SELL, 5770, 11), id) == "ledger.id-conflict"
    outside, other = exchange.submit("Plant", SELL, 9999, 10), exchange.id()
    refused = [exchange.why_not(outside, other) for _ in range(2)]
    assert refused == ["market.band", "market.band"]
    assert exchange.held == {"CRC:Holding:Plant:Free": 10}
    assert exchange.findings() == []


def test_two_processes_on_one_market_never_fork_it(database_url: str) -> None:
    """Each replays what the other did before it matches; both come to one sequence."""
    with open_store(database_url) as store, open_store(database_url) as other:
        exchange = Exchange(store, every_mode(settlement="at-fill"))
        exchange.open()
        mirror = copy.copy(exchange)
        mirror.store, other.clock = other, exchange.clock
        numbers = []
        for step in range(6):
            at_desk = (exchange, mirror)[step % 2]
            numbers.append(at_desk.sell("Plant", 5770 + step, 10))
        numbers.append(mirror.buy("Mill", 5775, 25))
        numbers.append(exchange.buy("Mill", 5775, 25))
        numbers.append(mirror.withdraw("Plant", 7))
        assert numbers == [*range(2, 11)]
        assert exchange.standing["CRC:Holding:Mill:BoughtToday"] == "50"
        assert exchange.findings() == []


def test_a_batch_that_fails_throws_the_market_away(sqlite_url: str) -> None:
    """A counterparty's account that is frozen: the trade is refused, and nothing of it remains."""
    with open_store(sqlite_url) as store:
        exchange = Exchange(store, every_mode(settlement="at-fill"))
        exchange.open()
        exchange.sell("Plant", 5770, 10)
        frozen = replace(cash_account("CLR:Client:Plant:Free", UUID(int=1)), state="frozen")
        submit(store, BOOK, Command((Change(frozen),), None))
        with pytest.raises(AccountNotOpen):
            exchange.buy("Mill", 5770, 10)
        assert exchange.held == {"CRC:Holding:Plant:Free": 10}
        assert exchange.buy("Mill", 5769, 10) == 3
        assert exchange.findings() == []
