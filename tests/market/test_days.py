"""Days of trading that can be followed with a pencil, and what a venue refuses."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

from ledger.market.calendar import trades_on
from ledger.market.engine import apply, under
from ledger.market.events import (
    Announce,
    Call,
    CloseDay,
    Confirm,
    Counter,
    Decline,
    Defaulted,
    Halt,
    Hammer,
    Offer,
    OpenDay,
    Paid,
    Propose,
    Qualify,
    Resume,
    Submit,
    Take,
    Withdraw,
)
from ledger.market.log import replay
from ledger.market.market import Market
from ledger.market.matching.auction import Terms
from ledger.market.order import BUY, SELL, Award, Closed, Deposit, Fill, Withdrawal
from ledger.market.refusals import BackInTime, NoVenueRule, OutOfSequence, WorsePicked
from ledger.market.rules import Size, find, in_force
from tests.market.floor import CEA, DAY, Floor, at, every_mode, standing


def listed(floor: Floor, party: str, side: int, price: int, quantity: int) -> int:
    """List an order of the national market; return its number."""
    floor.did(
        Submit, product=CEA, party=party, side=side, price=price, quantity=quantity, mode="listing"
    )
    return floor.seq


def test_inside_a_level_the_taker_picks_his_counterparty() -> None:
    """The second to list at 57.70 is taken before the first; at 57.80 only after both are gone."""
    floor = Floor()
    first = listed(floor, "Plant", SELL, 5770, 100)
    second = listed(floor, "Mill", SELL, 5770, 50)
    dear = listed(floor, "Smelter", SELL, 5780, 10)
    buying = {"product": CEA, "party": "Buyer", "side": BUY, "mode": "listing"}

    assert floor.did(Take, picks=((second, 50),), **buying) == (
        Fill(floor.seq, second, BUY, "Buyer", "Mill", 5770, 50),
    )
    refusal = floor.try_(Take, picks=((first, 99), (dear, 10)), **buying).refusal
    assert isinstance(refusal, WorsePicked)
    assert (refusal.order, refusal.better_price) == (dear, 5770)
    both = floor.did(Take, picks=((first, 100), (dear, 10)), **buying)
    assert [each.price for each in both if isinstance(each, Fill)] == [5770, 5780]


def test_only_the_best_five_levels_may_be_picked() -> None:
    """The sixth may not, even with all five taken in the same breath."""
    floor = Floor()
    orders = [listed(floor, "Plant", SELL, 5770 + step, 1) for step in range(6)]
    buying = {"product": CEA, "party": "Buyer", "side": BUY, "mode": "listing"}

    picks = tuple((each, 1) for each in orders)
    assert floor.why_not(Take, picks=picks, **buying) == "market.beyond-levels"
    assert len(floor.did(Take, picks=picks[:5], **buying)) == 5


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"mode": "continuous"}, "market.closed"),
        ({"mode": "block"}, "market.wrong-mode"),
        ({"product": "CEA.1999"}, "market.unknown-product"),
        ({"quantity": 0}, "market.out-of-range"),
        ({"price": 0}, "market.out-of-range"),
        ({"quantity": 100_000}, "market.size"),
        ({"price": 5198}, "market.band"),
        ({"price": 6356}, "market.band"),
        ({"at": at("15:00")}, "market.closed"),
        ({"quantity": 51}, "market.not-sellable"),
    ],
)
def test_an_order_that_a_rule_forbids_changes_nothing(said: dict[str, object], code: str) -> None:
    """The band of a close of 57.77 is 51.99 to 63.55; a listing is below 100,000 t."""
    floor = Floor(holdings={CEA: {"Plant": 50}})
    before = standing(floor.market)
    order = {
        "product": CEA, "party": "Plant", "side": SELL, "price": 5777, "quantity": 50,
        "mode": "listing", "at": at("14:59"), **said,
    }  # fmt: skip

    assert floor.why_not(Submit, **order) == code
    assert standing(floor.market)[2:] == before[2:]  # type: ignore[index]


def test_the_band_can_also_be_rounded_inwards() -> None:
    """51.993 to 63.547: half up it is 51.99 to 63.55, inside only it is 52.00 to 63.54."""
    assert in_force("cea", DAY).band("listing", 5777) == (5199, 6355)
    assert every_mode(band_rounding="inside").band("listing", 5777) == (5200, 6354)
    assert every_mode(bands={}).band("listing", 5777) is None


def test_what_was_bought_today_is_not_sold_today() -> None:
    """Tomorrow it is; what was held before goes first."""
    floor = Floor(holdings={CEA: {"Plant": 100, "Mill": 5}})
    order = listed(floor, "Plant", SELL, 5777, 100)
    floor.did(Take, product=CEA, party="Mill", side=BUY, picks=((order, 100),), mode="listing")
    again = {"product": CEA, "party": "Mill", "side": SELL, "price": 5777, "mode": "listing"}

    assert floor.why_not(Submit, quantity=6, **again) == "market.not-sellable"
    floor.did(Submit, quantity=5, **again)
    floor.close()
    next_day = DAY + dt.timedelta(days=1)
    opening = {"day": next_day, "venue": "cea", "rules_on": next_day, "closes": {CEA: 5777}}
    floor.did(OpenDay, at=at("09:00", next_day), holdings={CEA: {"Mill": 105}}, **opening)
    floor.did(Submit, at=at("09:30", next_day), quantity=105, **again)


def test_the_close_is_the_mean_of_listing_fills_or_the_one_before() -> None:
    """2022-03-15: 748 t for 43,214.90 close at 57.77, whatever a block at another price does."""
    floor = Floor(closes={CEA: 5800, "CEA.2022": 5600})
    for price, quantity in ((5800, 405), (5750, 343)):
        order = listed(floor, "Plant", SELL, price, quantity)
        floor.did(
            Take, product=CEA, party="Mill", side=BUY, picks=((order, quantity),), mode="listing"
        )
    block = {"price": 5550, "quantity": 190_656}
    floor.did(Propose, product=CEA, party="Plant", counterparty="Mill", side=SELL, **block)
    floor.did(Confirm, proposal=floor.seq, party="Mill", **block)

    assert floor.close() == (Closed(CEA, 5777), Closed("CEA.2022", 5600))


def test_half_a_fen_of_a_close_is_rounded_up() -> None:
    """1 t at 57.77 and 1 t at 57.78 close at 57.78; 2 t and 1 t at 57.77."""
    for quantity, close in ((1, 5778), (2, 5777)):
        floor = Floor()
        for price, many in ((5777, quantity), (5778, 1)):
            order = listed(floor, "Plant", SELL, price, many)
            picks = ((order, many),)
            floor.did(Take, product=CEA, party="Mill", side=BUY, picks=picks, mode="listing")
        assert floor.close() == (Closed(CEA, close),)


def test_a_composite_close_is_stated() -> None:
    """Since 2023-08-24 nobody outside the exchange can work it out."""
    day = dt.date(2023, 9, 14)
    floor = Floor(day=day, rules_on=day)

    assert floor.why_not(CloseDay, at=at("15:30", day)) == "market.no-close"
    assert floor.did(CloseDay, closes={CEA: 7401}) == (Closed(CEA, 7401),)


def test_a_block_is_countered_and_confirmed_by_the_other_side() -> None:
    """Who stated the terms cannot confirm them, and only the terms that stand are confirmed."""
    floor = Floor()
    terms = {"price": 5500, "quantity": 150_000}
    floor.did(Propose, product=CEA, party="Plant", counterparty="Mill", side=SELL, **terms)
    id = floor.seq
    assert floor.why_not(Confirm, proposal=id, party="Plant", **terms) == "market.not-your-turn"
    assert floor.did(Counter, proposal=id, party="Mill", price=5400, quantity=150_000) == (
        Withdrawal(id, "Plant", SELL, 150_000, "replaced"),
    )
    assert floor.why_not(Confirm, proposal=id, party="Plant", **terms) == "market.terms-differ"
    assert floor.why_not(Decline, proposal=id, party="Else") == "market.not-yours"

    fills = floor.did(Confirm, proposal=id, party="Plant", price=5400, quantity=150_000)

    assert fills == (Fill(floor.seq, id, SELL, "Plant", "Mill", 5400, 150_000),)
    assert isinstance(fills[0], Fill)
    assert (fills[0].buyer, fills[0].seller) == ("Mill", "Plant")


def auctioned(floor: Floor, **terms: Any) -> int:
    """Announce an auction by the township and admit three bidders."""
    stated: dict[str, Any] = {"quantity": 2340, "floor": 3000, "step": 100, "deposit": 3_000_000}
    floor.did(Announce, product=CEA, party="Township", terms=Terms(**stated, **terms))
    id = floor.seq
    for party in ("Yiduan", "Beta", "Gamma"):
        floor.did(Qualify, auction=id, party=party, deposit=stated["deposit"])
    return id


def test_xiangshan_is_bid_up_as_a_whole() -> None:
    """From 30 to 106 yuan; the losers' deposits go back at the hammer, the winner's on paying."""
    floor = Floor(every_mode())
    id = auctioned(floor, whole=True)
    bid = {"auction": id, "quantity": 2340}
    assert floor.why_not(Offer, party="Nobody", price=3000, **bid) == "market.not-qualified"
    floor.did(Offer, party="Beta", price=3000, **bid)
    assert floor.why_not(Offer, party="Yiduan", price=3050, **bid) == "market.bid-too-low"
    floor.did(Offer, party="Yiduan", price=10600, **bid)
    winning = floor.seq
    assert floor.why_not(Hammer, auction=id, party="Beta") == "market.not-yours"

    assert floor.did(Hammer, auction=id, party="Township") == (
        Award(id, winning, "Yiduan", 10600, 2340),
        Withdrawal(winning - 2, "Beta", BUY, 2340, "lapsed"),
        Deposit(id, "Beta", 3_000_000, kept=False),
        Deposit(id, "Gamma", 3_000_000, kept=False),
    )
    assert floor.did(Paid, auction=id, party="Yiduan") == (
        Fill(winning, id, BUY, "Yiduan", "Township", 10600, 2340),
        Deposit(id, "Yiduan", 3_000_000, kept=False),
    )
    assert floor.why_not(Paid, auction=id, party="Yiduan") == "market.unknown-auction"


@pytest.mark.parametrize(("pricing", "first"), [("uniform", 3100), ("pay-as-bid", 3200)])
def test_a_quantity_is_shared_out_by_price_then_time(pricing: str, first: int) -> None:
    """1,500 at 32, then 840 of the 1,000 of the earlier bid at 31; who defaults loses it all."""
    floor = Floor(every_mode())
    id = auctioned(floor, pricing=pricing)
    floor.did(Offer, auction=id, party="Yiduan", price=3000, quantity=1500)
    floor.did(Call, auction=id, party="Township", price=3100)
    assert floor.why_not(Offer, auction=id, party="Beta", price=3099, quantity=1) == (
        "market.bid-too-low"
    )
    floor.did(Offer, auction=id, party="Beta", price=3100, quantity=1000)
    floor.did(Offer, auction=id, party="Gamma", price=3100, quantity=1000)
    floor.did(Offer, auction=id, party="Yiduan", price=3200, quantity=1500)

    awards = floor.did(Hammer, auction=id, party="Township")
    defaults = floor.did(Defaulted, auction=id, party="Township", winner="Beta")

    assert [(each.party, each.price, each.quantity) for each in awards if type(each) is Award] == [
        ("Yiduan", first, 1500), ("Beta", 3100, 840),
    ]  # fmt: skip
    assert defaults[0] == Deposit(id, "Beta", 3_000_000, kept=True)


def test_an_auction_outlives_its_day_and_keeps_what_it_has_set_aside() -> None:
    """Announced on Tuesday, hammered on Wednesday; meanwhile the right cannot be sold again."""
    floor = Floor(every_mode(), holdings={CEA: {"Township": 2340}})
    id = auctioned(floor)
    floor.did(Offer, auction=id, party="Beta", price=3000, quantity=2340)
    floor.close()
    day = DAY + dt.timedelta(days=1)
    opening = {"day": day, "venue": "cea", "rules_on": day, "closes": {CEA: 5777}}
    floor.did(OpenDay, at=at("09:00", day), holdings={CEA: {"Township": 2340}}, **opening)
    again = {"product": CEA, "side": SELL, "price": 5777, "quantity": 1, "mode": "listing"}
    assert floor.why_not(Submit, at=at("14:00", day), party="Township", **again) == (
        "market.not-sellable"
    )
    floor.did(Hammer, auction=id, party="Township")
    floor.did(Paid, auction=id, party="Beta")

    assert floor.market.day is not None
    of = floor.market.day.products[CEA].positions.of
    assert of is not None
    assert (of["Beta"].bought, of["Beta"].wanted) == (2340, 0)
    assert (of["Township"].held, of["Township"].offered) == (0, 0)


def test_a_halt_stops_orders_and_lets_them_be_withdrawn() -> None:
    """Until it is resumed; a halted party trades with nobody."""
    floor = Floor()
    order = listed(floor, "Plant", SELL, 5777, 10)
    floor.did(Halt, subject=CEA, reason="abnormal trading")
    again = {"product": CEA, "side": BUY, "mode": "listing"}
    assert floor.why_not(Take, party="Mill", picks=((order, 1),), **again) == "market.halted"
    floor.did(Resume, subject=CEA)
    floor.did(Halt, subject="Mill", reason="under inquiry")
    assert floor.why_not(Take, party="Mill", picks=((order, 1),), **again) == "market.halted"

    assert floor.why_not(Withdraw, product=CEA, party="Mill", order=order) == "market.not-yours"
    assert floor.did(Withdraw, product=CEA, party="Plant", order=order) == (
        Withdrawal(order, "Plant", SELL, 10, "asked"),
    )


def test_a_recorded_day_replays_and_other_rules_give_other_fills() -> None:
    """Under a band of 3 % the second listing, 5 % above the close, is refused and not dealt."""
    wide = every_mode()
    floor = Floor(wide)
    for price in (5790, 6060):
        order = listed(floor, "Plant", SELL, price, 10)
        floor.try_(Take, product=CEA, party="Mill", side=BUY, picks=((order, 10),), mode="listing")
    floor.close()

    tight = every_mode(bands={"listing": Fraction(3, 100)})
    again, other = (Market(rules_of=lambda venue, on: wide if on == DAY else tight) for _ in "ab")
    same = replay(floor.events, again)
    changed = replay(list(under(floor.events, DAY + dt.timedelta(days=1))), other)

    assert [each.effects for each in same] == [each.effects for each in floor.outcomes]
    assert [str(each.refusal)[:11] for each in changed if each.refusal] == [
        "market.band",
        "market.unkn",
    ]
    assert changed[-1].effects == (Closed(CEA, 5790),)
    assert same[-1].effects == (Closed(CEA, 5925),)


def test_an_event_out_of_its_turn_is_none_of_this_market() -> None:
    """Neither a number twice, nor a time before the last."""
    floor = Floor()
    with pytest.raises(OutOfSequence):
        apply(floor.market, floor.events[0])
    with pytest.raises(BackInTime):
        apply(floor.market, CloseDay(2, 0))


def test_markets_rest_at_weekends_and_on_holidays() -> None:
    """The trap of the published data: 2021-10-31 was a Sunday. No year is guessed."""
    assert trades_on(dt.date(2021, 10, 29))
    assert not trades_on(dt.date(2021, 10, 31))
    assert not trades_on(dt.date(2021, 10, 1))
    with pytest.raises(NoVenueRule):
        trades_on(dt.date(2031, 1, 6))
    sunday = dt.date(2022, 3, 13)
    code = Floor().why_not
    assert code(OpenDay, day=sunday, venue="cea", rules_on=sunday, closes={}) == "market.day-open"


def test_every_venue_has_rules_with_a_source() -> None:
    """Each rule names its document, or says that it is recalled."""
    for id in ("cea", "discharge"):
        rules = find(id).rules
        assert all(each.document and each.tag for each in rules)
        assert in_force(id, dt.date(2022, 3, 15)).sizes.keys() == in_force(id, DAY).modes
    assert in_force("cea", DAY).sizes["listing"] == Size(None, 99_999)


def test_large_holders_are_listed() -> None:
    """Whoever holds as much as the venue wants to be told of."""
    floor = Floor(every_mode(large_holding=60), holdings={CEA: {"Plant": 100, "Mill": 59}})
    assert floor.market.day is not None
    positions = floor.market.day.products[CEA].positions

    assert positions.large() == {"Plant": 100}
