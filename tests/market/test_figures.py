"""Market data and alerts from a recorded day, with a pencil."""

import datetime as dt
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ledger.market.bars import SPANS, Level, Trade, bars, best, closes, trades
from ledger.market.events import Confirm, OpenDay, Propose, Submit, Take, Withdraw
from ledger.market.order import BUY, SELL, Closed
from ledger.market.surveillance import alerts
from tests.market.floor import CEA, DAY, Floor, at, every_mode


def traded(floor: Floor, seller: str, buyer: str, price: int, quantity: int) -> int:
    """Deal by listing; return the number of the deal."""
    told = {"product": CEA, "mode": "listing"}
    floor.did(Submit, party=seller, side=SELL, price=price, quantity=quantity, **told)
    floor.did(Take, party=buyer, side=BUY, picks=((floor.seq, quantity),), **told)
    return floor.seq


def a_day_with_a_block() -> Floor:
    """Two listings at 57.80 and 57.60, and a block at 50.91."""
    floor = Floor()
    traded(floor, "Plant", "Mill", 5780, 300)
    traded(floor, "Plant", "Mill", 5760, 100)
    terms = {"price": 5091, "quantity": 100_000}
    floor.did(Propose, product=CEA, party="Plant", counterparty="Mill", side=SELL, **terms)
    floor.did(Confirm, proposal=floor.seq, party="Mill", **terms)
    floor.close()
    return floor


def test_a_block_drags_the_combined_low_and_not_that_of_listings() -> None:
    """As on 2023-08-23: combined low 50.91 while listings never went below 57.60."""
    floor = a_day_with_a_block()
    told = tuple(trades(floor.events, floor.outcomes))
    by_basis = {bar.price_basis: bar for bar in bars(told, "day")}

    assert [each.mode for each in told] == ["listing", "listing", "block"]
    listing, block, every = by_basis["listing"], by_basis["block"], by_basis["all"]
    assert (listing.open, listing.high, listing.low, listing.close) == (5780, 5780, 5760, 5760)
    assert listing.mean == (2_310_000, 400)
    assert (every.low, every.quantity, every.trades) == (5091, 100_400, 3)
    assert listing.quantity + block.quantity == every.quantity
    assert listing.value + block.value == every.value
    assert tuple(closes(floor.outcomes)) == (Closed(CEA, 5775),)


def test_weeks_years_and_the_whole_add_up_over_days() -> None:
    """Monday and Friday are one week; the next Monday is another; all are one total."""
    floor = Floor()
    days = (DAY, dt.date(2022, 3, 18), dt.date(2022, 3, 21), dt.date(2023, 1, 3))
    for day in days:
        if day != DAY:
            opening = {"venue": "cea", "rules_on": day, "closes": {CEA: 5777}}
            floor.did(OpenDay, at=at("09:00", day), day=day, **opening)
        told = {"product": CEA, "mode": "listing", "at": at("14:00", day)}
        floor.did(Submit, party="Plant", side=SELL, price=5777, quantity=10, **told)
        floor.did(Take, party="Mill", side=BUY, picks=((floor.seq, 10),), **told)
        floor.close()
    found = tuple(trades(floor.events, floor.outcomes))

    counts = {
        span: [bar.quantity for bar in bars(found, span) if bar.price_basis == "all"]
        for span in SPANS
    }
    assert counts == {"day": [10] * 4, "week": [20, 10, 10], "year": [30, 10], "cumulative": [40]}


@given(st.lists(st.builds(
    Trade, st.integers(1, 99), st.just(0), st.dates(dt.date(2022, 1, 1), dt.date(2023, 12, 31)),
    st.sampled_from((CEA, "CEA.2022")), st.sampled_from(("listing", "block", "auction")),
    st.integers(1, 99), st.integers(1, 99),
)))  # fmt: skip
def test_every_span_has_the_same_totals(told: list[Trade]) -> None:
    """Nothing is traded twice or lost, however it is summed: by span, and by way of trading."""
    whole = Counter[str]()
    for each in told:
        whole[each.product] += each.quantity
    for span in SPANS:
        found = bars(sorted(told, key=lambda each: each.on), span)
        for every in (True, False):
            summed = Counter[str]()
            for bar in found:
                summed[bar.product] += bar.quantity if (bar.price_basis == "all") == every else 0
            assert summed == whole
        assert all(bar.low <= min(bar.open, bar.close) <= bar.high for bar in found)
        assert all(bar.low * bar.quantity <= bar.value <= bar.high * bar.quantity for bar in found)


def test_best_levels_say_how_much_and_not_whose() -> None:
    """Two orders at 57.70 are one level of 150."""
    floor = Floor(every_mode())
    for price, quantity in ((5770, 100), (5770, 50), (5780, 7)):
        floor.did(
            Submit, product=CEA, party="Plant", side=SELL, price=price, quantity=quantity,
            mode="listing",
        )  # fmt: skip
    assert floor.market.day is not None
    book = floor.market.day.products[CEA].books["listing"]

    assert best(book, SELL) == (Level(5770, 150, 2), Level(5780, 7, 1))
    assert best(book, BUY) == ()


def test_a_round_trip_of_two_parties_is_told_with_its_deals() -> None:
    """100 there and 80 back on one day: 80 went in a circle; a one-way day says nothing."""
    floor = Floor()
    there = traded(floor, "Plant", "Mill", 5770, 100)
    assert alerts(floor.events, floor.outcomes) == ()
    back = traded(floor, "Mill", "Plant", 5770, 80)
    (alert,) = alerts(floor.events, floor.outcomes)

    assert (alert.kind, alert.parties, alert.quantity) == ("wash-trade", ("Mill", "Plant"), 80)
    assert alert.evidence == (there, back)


def test_one_buyer_of_most_of_a_day_is_told() -> None:
    """60 of 100 among three parties."""
    floor = Floor()
    deals = [traded(floor, "Plant", "Mill", 5770, 60), traded(floor, "Smelter", "Plant", 5770, 40)]
    found = alerts(floor.events, floor.outcomes)

    assert [(each.kind, each.parties, each.evidence) for each in found] == [
        ("concentration", ("Mill",), (deals[0],)),
        ("concentration", ("Plant",), (deals[0],)),
    ]


def test_layers_that_are_taken_back_while_dealing_on_the_other_side_are_told() -> None:
    """Three bids on three levels, all withdrawn after the party's own sale."""
    floor = Floor(every_mode())
    listed = {"product": CEA, "party": "Plant", "mode": "listing"}
    bids = []
    for price in (5700, 5701, 5702):
        floor.did(Submit, side=BUY, price=price, quantity=10, **listed)
        bids.append(floor.seq)
    traded(floor, "Plant", "Mill", 5770, 5)
    for order in bids:
        floor.did(Withdraw, product=CEA, party="Plant", order=order)
    (alert,) = alerts(floor.events, floor.outcomes)

    assert (alert.kind, alert.parties, alert.quantity) == ("layering", ("Plant",), 30)
    assert len(alert.evidence) == 6
