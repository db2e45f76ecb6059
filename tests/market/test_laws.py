"""The laws of the order book, held by random days against a second, slow implementation."""

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger.market.events import (
    Confirm,
    Decline,
    Propose,
    Submit,
    Take,
    Withdraw,
    decode,
    encode,
)
from ledger.market.events import (
    Counter as CounterTerms,
)
from ledger.market.log import replay
from ledger.market.order import SELF_TRADE, Effect, Fill, Withdrawal
from tests.market.floor import CEA, Floor, every_mode, standing
from tests.market.oracle import Entry, Oracle

GROUPS = {"Delta": "concert", "Echo": "concert"}
PARTIES = ("Alpha", "Bravo", "Charlie", *GROUPS)
HOLDING, LIMIT, LEVELS = 10, 20, 2
parties, sides = st.sampled_from(PARTIES), st.sampled_from((1, -1))
prices = st.integers(5774, 5780) | st.sampled_from((5198, 5199, 6355, 6356))
quantities = st.integers(0, 12)


class Day(RuleBasedStateMachine):
    """One day of continuous trading, listings and block talks among five parties."""

    @initialize(self_trade=st.sampled_from(SELF_TRADE), tracked=st.booleans())
    def opens(self, self_trade: str, tracked: bool) -> None:
        """The day opens, with the rule on self-trade that is drawn."""
        holdings = {CEA: dict.fromkeys(PARTIES, HOLDING)} if tracked else None
        rules = every_mode(self_trade=self_trade, levels=LEVELS, holding_limit=LIMIT)
        self.floor = Floor(rules, holdings=holdings, groups=GROUPS)
        self.oracles = {"continuous": Oracle(self_trade), "listing": Oracle(self_trade)}
        self.entered: Counter[int] = Counter()
        self.left: Counter[int] = Counter()
        self.owner: dict[int, str] = {}

    @rule(party=parties, side=sides, price=prices, quantity=quantities)
    def submits(self, party: str, side: int, price: int, quantity: int) -> None:
        """An order by price and time does exactly what the oracle says."""
        outcome = self._try(Submit, party, side, price, quantity, mode="continuous")
        if outcome.refusal is None:
            expected = self.oracles["continuous"].submit(self._entry(party, side, price, quantity))
            assert [_short(each) for each in outcome.effects] == expected

    @rule(party=parties, side=sides, price=prices, quantity=quantities)
    def lists(self, party: str, side: int, price: int, quantity: int) -> None:
        """A listing is refused if, and only if, it could be dealt with at once."""
        outcome = self._try(Submit, party, side, price, quantity, mode="listing")
        code = outcome.refusal.code if outcome.refusal else ""
        if code in ("", "market.crosses"):
            stands = self.oracles["listing"].post(self._entry(party, side, price, quantity))
            assert stands == (not code)

    @rule(party=parties, side=sides, picked=st.lists(st.tuples(st.integers(0, 9), quantities),
          max_size=4))  # fmt: skip
    def takes(self, party: str, side: int, picked: list[tuple[int, int]]) -> None:
        """What is picked is dealt if, and only if, levels are taken in order."""
        against = [each for each in self.oracles["listing"].orders if each.side == -side]
        by_price = sorted(against, key=lambda each: (each.price * side, each.id))
        picks = tuple((by_price[at].id, many) for at, many in picked if at < len(by_price))
        outcome = self._try(Take, party, side, picks=picks, mode="listing")
        code = outcome.refusal.code if outcome.refusal else ""
        allowed = self.oracles["listing"].may_take(_group(party), side, picks, LEVELS)
        if not code:
            assert allowed
            assert [(each.resting, each.quantity) for each in outcome.effects] == list(picks)
            self.oracles["listing"].take(picks)
        elif code not in ("market.not-sellable", "market.position-limit", "market.out-of-range"):
            assert not allowed, code

    @rule(
        at=st.integers(0, 30),
        other=st.none() | parties,
        mode=st.sampled_from(("continuous", "listing")),
    )
    def withdraws(self, at: int, other: str | None, mode: str) -> None:
        """The owner takes an order back, nobody else does."""
        orders = self.oracles[mode].orders
        order = orders[at % len(orders)].id if orders else 10_000
        party = other or self.owner.get(order, "Alpha")
        outcome = self._try(Withdraw, party, order=order)
        assert (outcome.refusal is None) == (self.owner.get(order) == party)
        if outcome.refusal is None:
            self.oracles[mode].withdraw(order)

    @rule(party=parties, other=parties, side=sides, price=prices, quantity=quantities)
    def proposes(self, party: str, other: str, side: int, price: int, quantity: int) -> None:
        """Talks begin between two parties that do not act in concert."""
        outcome = self._try(Propose, party, side, price, quantity, counterparty=other)
        if outcome.refusal is None:
            assert _group(party) != _group(other)

    @rule(kind=st.sampled_from((CounterTerms, Confirm, Decline)), at=st.integers(0, 5),
          party=parties, price=prices, quantity=quantities, same=st.booleans())  # fmt: skip
    def answers(
        self, kind: type, at: int, party: str, price: int, quantity: int, same: bool
    ) -> None:
        """Only the side that did not state the terms can agree to them, and to those alone."""
        standing = list(self.floor.market.proposals.values())
        if not standing:
            return
        proposal = standing[at % len(standing)]
        terms = (proposal.price, proposal.quantity) if same else (price, quantity)
        stated_by, agreed = proposal.stated_by, (proposal.price, proposal.quantity)
        said = {} if kind is Decline else {"price": terms[0], "quantity": terms[1]}
        outcome = self.floor.try_(kind, proposal=proposal.id, party=party, **said)
        if outcome.refusal is None and kind is Confirm:
            assert stated_by != party
            assert terms == agreed

    def _try(self, kind: type, party: str, side: int | None = None, price: int | None = None,
             quantity: int | None = None, **more: Any) -> Any:  # fmt: skip
        said = {"side": side, "price": price, "quantity": quantity, **more}
        given = {name: value for name, value in said.items() if value is not None}
        outcome = self.floor.try_(kind, product=CEA, party=party, **given)
        if outcome.refusal is None and kind is Submit:
            assert quantity is not None
            self.entered[outcome.seq] += quantity
            self.owner[outcome.seq] = party
        for effect in outcome.effects if kind is not Propose else ():
            if isinstance(effect, Fill):
                self.left.update({effect.resting: effect.quantity})
                if kind is Submit:
                    self.left.update({effect.incoming: effect.quantity})
            elif isinstance(effect, Withdrawal):
                self.left.update({effect.order: effect.quantity})
        return outcome

    def _entry(self, party: str, side: int, price: int, quantity: int) -> Entry:
        return Entry(self.floor.seq, party, _group(party), side, price, quantity)

    @invariant()
    def the_book_is_the_oracles(self) -> None:
        """Order for order, in order of price and time; hence first in, first out in each level."""
        for mode, oracle in self.oracles.items():
            book = self._books()[mode]
            for side, levels in ((1, book.bids), (-1, book.asks)):
                ours = [
                    (price, each.id, each.quantity)
                    for price, orders in levels.best()
                    for each in orders
                ]
                theirs = [
                    (each.price, each.id, each.quantity)
                    for each in sorted(oracle.orders, key=lambda e: (-e.price * side, e.id))
                    if each.side == side
                ]
                assert ours == theirs

    @invariant()
    def no_book_is_crossed(self) -> None:
        """The best bid lies below the best ask."""
        for book in self._books().values():
            bids, asks = [price for price, _ in book.bids.best(1)], list(book.asks.best(1))
            assert not (bids and asks) or bids[0] < asks[0][0]

    @invariant()
    def no_quantity_is_lost(self) -> None:
        """Entered = open + filled + withdrawn, order by order."""
        still = Counter[int]()
        for book in self._books().values():
            still.update({id: each.quantity for id, each in book.orders.items()})
        assert self.entered == self.left + still

    @invariant()
    def no_fill_breaks_a_rule(self) -> None:
        """Within the band, and never between parties that act in concert."""
        for effect in (each for outcome in self.floor.outcomes[-1:] for each in outcome.effects):
            if isinstance(effect, Fill):
                assert 5199 <= effect.price <= 6355
                assert _group(effect.buyer) != _group(effect.seller)

    @invariant()
    def nobody_oversells_nor_breaks_his_limit(self) -> None:
        """Offers fit into what was there in the morning, holdings into the limit; none is lost."""
        assert self.floor.market.day is not None
        of = self.floor.market.day.products[CEA].positions.of
        if of is None:
            return
        assert all(0 <= each.offered <= each.sellable for each in of.values())
        assert all(each.wanted >= 0 and each.held + each.wanted <= LIMIT for each in of.values())
        assert sum(each.held for each in of.values()) == HOLDING * len(PARTIES)

    def teardown(self) -> None:
        """Its events, read back from their lines, give the same market and the same outcomes."""
        if hasattr(self, "floor"):
            again = self.floor.fresh()
            outcomes = replay([decode(encode(each)) for each in self.floor.events], again)
            assert _told(outcomes) == _told(self.floor.outcomes)
            assert standing(again) == standing(self.floor.market)

    def _books(self) -> Any:
        assert self.floor.market.day is not None
        return self.floor.market.day.products[CEA].books


TestDay = Day.TestCase
TestDay.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)


def _group(party: str) -> str:
    return GROUPS.get(party, party)


def _short(effect: Effect) -> tuple[object, ...]:
    if isinstance(effect, Fill):
        return "fill", effect.incoming, effect.resting, effect.price, effect.quantity
    assert isinstance(effect, Withdrawal)
    return "withdrawal", effect.order, effect.quantity


def _told(outcomes: list[Any]) -> list[object]:
    return [(each.seq, each.effects, str(each.refusal)) for each in outcomes]
