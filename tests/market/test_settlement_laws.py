"""The laws of markets that settle: each is broken by hand and seen; any history keeps all."""

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import text

from ledger import journal
from ledger.core.amount import CNY, Amount
from ledger.core.draft import Draft, credit, debit
from ledger.core.errors import DomainError
from ledger.market.booking import SETTLE_CASH
from ledger.market.calendar import trades_on
from ledger.market.desk import close_day, open_day
from ledger.market.events import CloseDay, Submit, Take, Withdraw
from ledger.market.floor import Floor
from ledger.rights import desk
from ledger.rights.event import read
from ledger.rights.instrument import right
from ledger.store import market_log, open_store
from ledger.store.load import find_book
from ledger.store.migration import migrate
from tests.market.exchange import BOOK, CLEARING, CRC, MARKET, PARTIES, Exchange
from tests.market.floor import CEA, DAY, at, every_mode

COD = "PR.COD.330200.2022"
VENUES = {"cea": ("listing", CEA, 5777, 300), "discharge": ("continuous", COD, 3335, 900)}
RIGHTS, CASH = 1_000, 50_000_00
A_DAY = dt.timedelta(days=1)
REGISTRY = ("pledge", "release", "freeze", "unfreeze", "surrender", "succeed")
parties, sides = st.sampled_from(PARTIES), st.sampled_from((1, -1))


TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
BROKEN: tuple[tuple[str, set[str]], ...] = (
    ("DELETE FROM market_events WHERE number = 3", {"audit.market"}),
    ("UPDATE market_events SET at_us = 0 WHERE number = 4", {"audit.market"}),
    ("UPDATE market_events SET refusal = NULL WHERE number = 5", {"audit.market"}),
    ("UPDATE market_effects SET effect = replace(effect, '5770', '5771') WHERE number = 3",
     {"audit.market", "audit.delivery"}),
    ("UPDATE market_effects SET effect = replace(effect, ':100', ':99') WHERE number = 3",
     {"audit.market", "audit.delivery"}),
    ("DELETE FROM market_effects WHERE number = 3", {"audit.market"}),
    ("UPDATE hold_states SET state = 'voided', remaining = '[0]' WHERE remaining = '[200]'",
     {"audit.order"}),
    ("UPDATE hold_states SET remaining = '[199]' WHERE remaining = '[200]'", {"audit.order"}),
    ("UPDATE transactions SET kind = 'transfer' WHERE kind = 'trade.settle'", {"audit.delivery"}),
    ("UPDATE postings SET quanta = quanta - 1 WHERE seq = (SELECT max(seq) FROM postings) "
     "AND commodity = 'CNY'", {"audit.delivery"}),
    ("UPDATE postings SET balance_after = 1 WHERE seq = (SELECT max(seq) FROM postings) "
     "AND commodity = 'CNY'", {"audit.overdrawn"}),
)  # fmt: skip


@pytest.mark.parametrize(("broken", "codes"), BROKEN)
def test_what_is_changed_behind_a_markets_back_is_found(
    sqlite_url: str, broken: str, codes: set[str]
) -> None:
    """300 t listed, 100 t sold at 57.70, one order refused: whole, until one row is changed."""
    with open_store(sqlite_url) as store:
        exchange = Exchange(store, every_mode(settlement="at-fill"))
        exchange.open()
        exchange.sell("Plant", 5770, 300)
        exchange.buy("Mill", 5770, 100)
        exchange.buy("Mill", 5760, 1)
        assert exchange.why_not(exchange.submit("Mill", 1, 9999, 1)) == "market.band"
        assert exchange.findings() == []
        with store.engine.connect() as connection:
            for (name,) in connection.exec_driver_sql(TRIGGERS).all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql(broken)
            connection.commit()
        found = {each.code for each in exchange.findings()}

    assert codes <= found


def test_what_stands_in_settle_without_a_fill_is_found(sqlite_url: str) -> None:
    """A fill is set aside; one yuan is put beside it."""
    with open_store(sqlite_url) as store:
        exchange = Exchange(store)
        exchange.open()
        listed = exchange.sell("Plant", 5770, 300, mode="listing")
        exchange.must(Take(0, 0, CEA, "Mill", 1, ((listed, 100),), "listing"))
        assert exchange.findings() == []
        settle, mill = CLEARING.at(SETTLE_CASH, "clearing"), CLEARING.client("Mill")
        lines = (debit(mill, Amount(100, CNY)), credit(settle, Amount(100, CNY)))
        draft = Draft(exchange.id(), "transaction", DAY, "by hand", lines)
        assert journal.post(store, BOOK, [draft], actor=None)[0].error is None

        assert {each.code for each in exchange.findings()} == {"audit.settlement"}


class AnyHistory(RuleBasedStateMachine):
    """Days of trading beside a registry at work, by two processes, one of which forgets."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.url = f"sqlite:///{Path(self.folder.name) / 'gep.db'}"
        migrate(self.url)
        self.stores = [open_store(self.url), open_store(self.url)]
        self.orders: list[tuple[int, str]] = []

    def teardown(self) -> None:
        """Close both processes and remove the book."""
        for store in self.stores:
            store.close()
        self.folder.cleanup()

    @initialize(venue=st.sampled_from(sorted(VENUES)))
    def opens(self, venue: str) -> None:
        """A day opens: with listings that settle after the close, or by price and time at once."""
        self.mode, self.product, self.close, self.most = VENUES[venue]
        self.exchange = Exchange(
            self.stores[0], rights=RIGHTS, cash=CASH, product=self.product, venue=venue
        )
        self.stores[1].clock = self.exchange.clock
        assert not self._cap() or self._registry("cap", 10_000)
        self.exchange.open(self.close)
        self.floor = Floor(MARKET)

    @rule(orders=st.lists(
        st.tuples(parties, sides, st.integers(-3, 3), st.integers(1, 400)), min_size=2, max_size=6
    ))  # fmt: skip
    def order(self, orders: list[tuple[str, int, int, int]]) -> None:
        """An order is taken in with its hold, or refused and holds nothing."""
        for party, side, off, quantity in orders:
            apart = -side * 2 if self.mode == "listing" else 0
            submit = self.exchange.submit(
                party, side, self.close + off + apart, quantity, self.mode
            )
            self._tell(submit, party)

    @precondition(lambda self: self.mode == "listing")
    @rule(party=parties, side=sides, many=st.integers(1, 3), share=st.integers(1, 3))
    def take(self, party: str, side: int, many: int, share: int) -> None:
        """The best listings of others are picked, all of them or a part of the last."""
        lister = PARTIES[PARTIES.index(party) - 1]
        listing = self.exchange.submit(lister, -side, self.close + 3 * side, 50, "listing")
        self._tell(listing, lister)
        market = self._followed().market
        assert market.day is not None
        book = market.day.products[self.product].books["listing"]
        others = [
            each for _, orders in book.side(-side).best() for each in orders if each.party != party
        ]
        picks = tuple((each.id, -(-each.quantity // share)) for each in others[:many])
        self._tell(Take(0, 0, self.product, party, side, picks, "listing"), party)  # type: ignore[arg-type]

    @precondition(lambda self: self.orders)
    @rule(which=st.integers(0, 20), other=st.none() | parties)
    def withdraw(self, which: int, other: str | None) -> None:
        """Its party takes an order back; another is refused."""
        number, party = self.orders[which % len(self.orders)]
        self._tell(Withdraw(0, 0, self.product, other or party, number), party)

    @rule(name=st.sampled_from(REGISTRY), holder=parties, to=parties, amount=st.integers(1, 400))
    def registry(self, name: str, holder: str, to: str, amount: int) -> None:
        """What is pledged, frozen or surrendered meanwhile is no longer there to sell."""
        more = {
            "pledge": {"lender": to, "reference": "L"}, "freeze": {"reference": "C"},
            "unfreeze": {"reference": "C"}, "surrender": {"year": self.product[-4:]},
            "release": {"lender": to, "consent": "yes"}, "succeed": {"to": to, "reason": "merger"},
        }[name]  # fmt: skip
        self._registry(name, amount, holder=holder, **more)

    @rule(amount=st.integers(1, 300), holder=parties)
    def issues(self, amount: int, holder: str) -> None:
        """More is issued and allocated."""
        if self._registry("issue", amount):
            assert self._registry("allocate", amount, holder=holder, pool="Total")

    @rule(settles=st.booleans())
    def next_day(self, settles: bool) -> None:
        """The day closes, is settled then or later; before the next, what was bought is free."""
        exchange = self.exchange
        exchange.clock.now = max(exchange.clock.now, at("15:00", exchange.day))
        if settles:
            _, run = close_day(exchange.store, BOOK, MARKET, exchange.id(), CloseDay(0, 0),
                               actor=None)  # fmt: skip
            assert run.refused == ()
        else:
            exchange.close()
        assert exchange.held == {}
        assert not settles or not any(":Settle:" in name for name in exchange.standing)
        exchange.day += A_DAY
        while not trades_on(exchange.day):
            exchange.day += A_DAY
        exchange.clock.now = at("14:00", exchange.day)
        opened = open_day(exchange.store, BOOK, MARKET, exchange.id(),
                          exchange.opening(self.close), actor=None)  # fmt: skip
        assert opened.settled.refused == ()
        left = [name for name in exchange.standing if ":BoughtToday" in name or ":Settle:" in name]
        assert left == []

    @rule()
    def the_other_process(self) -> None:
        """From now on the other process takes what comes."""
        self.stores.reverse()
        self.exchange.store = self.stores[0]

    @rule()
    def forgets(self) -> None:
        """A process starts again: it knows nothing but what is stored."""
        self.stores[0].close()
        self.stores[0] = open_store(self.url)
        self.stores[0].clock = self.exchange.clock
        self.exchange.store = self.stores[0]

    @invariant()
    def every_law_is_kept(self) -> None:
        """All of the ledger's, the registry's and the market's."""
        if hasattr(self, "exchange"):
            assert self.exchange.findings() == []

    @invariant()
    def money_and_rights_are_conserved(self) -> None:
        """What clients, fees and settlement have is what was paid in."""
        if hasattr(self, "exchange"):
            with self.exchange.store.reading() as connection:
                rows = connection.execute(text(
                    "SELECT a.code, b.cr_posted - b.dr_posted FROM balances b JOIN accounts a "
                    "ON a.book_id = b.book_id AND a.no = b.account_no WHERE b.commodity = 'CNY'"
                )).all()  # fmt: skip
            clients = sum(amount for code, amount in rows if not code.startswith("CLR:Bank"))
            assert clients == CASH * len(PARTIES)

    def _cap(self) -> bool:
        """Approve a cap and verify emissions where the right has them."""
        if self.product != CEA:
            return False
        for party in PARTIES:
            assert self._registry("verify", 500, holder=party, year="2021")
        return True

    def _tell(self, event: Any, party: str) -> None:
        outcome = self.exchange.tell(event)
        if outcome.error is None and isinstance(event, Submit):
            assert outcome.seq is not None
            self.orders.append((outcome.seq, party))

    def _followed(self) -> Floor:
        """Return a market that has only ever looked."""
        with self.exchange.store.reading() as connection:
            book = find_book(connection, BOOK)
            self.floor.replay(market_log.after(connection, book, MARKET, self.floor.number))
        return self.floor

    def _registry(self, name: str, amount: int, **more: str) -> bool:
        said = {"id": str(self.exchange.id()), "event": name, "registry": CRC.code,
                "on": str(self.exchange.day), "right": self.product,
                "amount": str(Amount(amount, right(self.product).commodity)), **more}  # fmt: skip
        try:
            desk.post(self.exchange.store, BOOK, read(said), actor=None)
        except DomainError:
            return False
        return True


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=8, stateful_step_count=16, deadline=None)
