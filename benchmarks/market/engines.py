"""Ours over a flow: matching alone, as the peers do it, and the whole market with its rules."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from benchmarks.clock import Clock
from benchmarks.market.flow import CLOSE, Flow
from ledger.market.calendar import instant
from ledger.market.engine import apply
from ledger.market.events import AnyEvent, OpenDay, Submit, Withdraw
from ledger.market.levels import OrderBook
from ledger.market.market import Market
from ledger.market.matching.continuous import submit
from ledger.market.order import Effect, Fill, Order
from ledger.market.rules import MarketRules, Size, in_force

DAY = dt.date(2022, 3, 15)
AT = instant(dt.datetime(2022, 3, 15, 2, tzinfo=dt.UTC))
PRODUCT = "CEA.2021"


def matching(flow: Flow, clock: Clock, seconds: float) -> float:
    """Return orders and withdrawals per second of the order book and its matching."""
    parties = [str(number) for number in range(len(flow.told))]

    def once() -> list[Effect]:
        book, effects = OrderBook(), list[Effect]()
        for side, number, price, quantity in flow.told:
            if side:
                party = parties[number]
                order = Order(number, party, party, side, price, quantity)
                effects += submit(book, order)
            else:
                book.withdraw(number)
        return effects

    return _rate(flow, clock, seconds, once)


def market(flow: Flow, clock: Clock, seconds: float) -> float:
    """Return the same of the whole market: hours, halts, steps, band, sizes, sequence, outcomes."""
    events = _events(flow)
    rules = _rules()

    def once() -> list[Effect]:
        stands, effects = Market(rules_of=lambda venue, on: rules), list[Effect]()
        for event in events:
            outcome = apply(stands, event)
            assert outcome.refusal is None
            effects += outcome.effects
        return effects

    return _rate(flow, clock, seconds, once)


def _rate(flow: Flow, clock: Clock, seconds: float, once: Callable[[], Sequence[Effect]]) -> float:
    done, taken = 0, 0.0
    while taken < seconds:
        effects: list[Effect] = []
        taken += clock.timed(lambda into=effects: into.extend(once()))  # type: ignore[misc]
        done += len(flow.told)
        traded = sum(each.quantity for each in effects if isinstance(each, Fill))
        if traded != flow.traded:
            raise ValueError(f"ours trades {traded}, not {flow.traded}")
    return done / taken


def _events(flow: Flow) -> list[AnyEvent]:
    """Write a flow as events; the day opens before the first."""
    events: list[AnyEvent] = [OpenDay(1, AT, DAY, "cea", DAY, {PRODUCT: CLOSE})]
    seqs: dict[int, int] = {}
    for seq, (side, number, price, quantity) in enumerate(flow.told, start=2):
        if side:
            seqs[number] = seq
            one = 1 if side > 0 else -1
            said = PRODUCT, str(number), one, price, quantity, "continuous"
            events.append(Submit(seq, AT, *said))  # type: ignore[arg-type]
        else:
            events.append(Withdraw(seq, AT, PRODUCT, str(number), seqs[number]))
    return events


def _rules() -> MarketRules:
    """The rules of the national market, with matching by price and time."""
    found = in_force("cea", DAY)
    return replace(
        found, modes=frozenset(("continuous",)), hours={"continuous": found.hours["listing"]},
        sizes={"continuous": Size(None, 99_999)}, bands={"continuous": Fraction(1, 10)},
    )  # fmt: skip
