"""Market data from events and their outcomes: trades, best levels, bars and running totals.

A bar says what its prices are (``price_basis``): those of listings, of blocks, of auctions, or of
all trades; a block at the floor drags the combined low, never the listings' one.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ledger.market.events import AnyEvent, Confirm, OpenDay, Submit, Take
from ledger.market.levels import OrderBook
from ledger.market.market import Outcome
from ledger.market.order import Closed, Fill
from ledger.market.rules import MODES, Mode

PriceBasis = Mode | Literal["all"]
ALL: Literal["all"] = "all"
Span = Literal["day", "week", "year", "cumulative"]
SPANS: tuple[Span, ...] = ("day", "week", "year", "cumulative")
LEVELS = 5


@dataclass(frozen=True, slots=True)
class Trade:
    """One fill as the market tells it: without the parties."""

    seq: int
    at: int
    on: dt.date
    product: str
    mode: Mode
    price: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Bar:
    """Open, high, low, last and totals of the trades of a span; ``value`` is price × quantity."""

    product: str
    span: Span
    first: dt.date
    last: dt.date
    price_basis: PriceBasis
    open: int
    high: int
    low: int
    close: int
    quantity: int
    value: int
    trades: int

    @property
    def mean(self) -> tuple[int, int]:
        """The mean price as value over quantity, unrounded."""
        return self.value, self.quantity


@dataclass(frozen=True, slots=True)
class Level:
    """One price level as all may see it: how much, in how many orders."""

    price: int
    quantity: int
    orders: int


def trades(events: Sequence[AnyEvent], outcomes: Sequence[Outcome]) -> Iterator[Trade]:
    """Tell every fill of a log in its order, with its day, its product and its way of trading."""
    on, products = dt.date.min, dict[int, str]()
    for event, outcome in zip(events, outcomes, strict=True):
        if outcome.refusal is not None:
            continue
        if isinstance(event, OpenDay):
            on = event.day
        if product := getattr(event, "product", None):
            products[event.seq] = product
        for effect in outcome.effects:
            if isinstance(effect, Fill):
                yield Trade(
                    event.seq, event.at, on, products[effect.resting], _mode(event),
                    effect.price, effect.quantity,
                )  # fmt: skip


def closes(outcomes: Iterable[Outcome]) -> Iterator[Closed]:
    """Tell the official closes: of listings, or composite as the exchange stated them."""
    for outcome in outcomes:
        yield from (each for each in outcome.effects if isinstance(each, Closed))


def bars(told: Iterable[Trade], span: Span) -> tuple[Bar, ...]:
    """Sum trades up by product, span and way of trading, and over all ways together."""
    found: dict[tuple[str, dt.date, PriceBasis], Bar] = {}
    for trade in told:
        start = _start(trade.on, span)
        bases: tuple[PriceBasis, ...] = (trade.mode, ALL)
        for basis in bases:
            key = trade.product, start, basis
            before = found.get(key)
            found[key] = _more(before, trade) if before else _first(trade, span, start, basis)
    order: dict[PriceBasis, int] = {basis: at for at, basis in enumerate((*MODES, ALL))}
    return tuple(
        sorted(found.values(), key=lambda bar: (bar.product, bar.first, order[bar.price_basis]))
    )


def best(book: OrderBook, side: int, count: int = LEVELS) -> tuple[Level, ...]:
    """Return the best levels of a side, without saying whose orders they are."""
    return tuple(
        Level(price, sum(each.quantity for each in orders), len(orders))
        for price, orders in book.side(side).best(count)
    )


def _mode(event: AnyEvent) -> Mode:
    if isinstance(event, Submit | Take):
        return event.mode
    return "block" if isinstance(event, Confirm) else "auction"


def _start(on: dt.date, span: Span) -> dt.date:
    if span == "day":
        return on
    if span == "week":
        return on - dt.timedelta(days=on.weekday())
    return dt.date(on.year, 1, 1) if span == "year" else dt.date.min


def _first(trade: Trade, span: Span, start: dt.date, basis: PriceBasis) -> Bar:
    first = trade.on if span == "cumulative" else start
    price, quantity = trade.price, trade.quantity
    return Bar(
        trade.product, span, first, trade.on, basis, price, price, price, price,
        quantity, quantity * price, 1,
    )  # fmt: skip


def _more(bar: Bar, trade: Trade) -> Bar:
    return replace(
        bar, last=trade.on, high=max(bar.high, trade.price), low=min(bar.low, trade.price),
        close=trade.price, quantity=bar.quantity + trade.quantity,
        value=bar.value + trade.quantity * trade.price, trades=bar.trades + 1,
    )  # fmt: skip
