"""A day of the market: how it opens under its rules, is halted, and closes with its price."""

from collections.abc import Mapping

from ledger.market import calendar
from ledger.market.calendar import moment
from ledger.market.events import CloseDay, Halt, OpenDay, Resume
from ledger.market.levels import OrderBook
from ledger.market.market import Day, Market, Product
from ledger.market.order import BUY, SELL, Closed, Effect, Withdrawal
from ledger.market.positions import Positions
from ledger.market.refusals import DayOpen, MarketClosed, NoClose, OutOfRange
from ledger.market.rules import Mode

BOOKED: tuple[Mode, ...] = ("continuous", "listing", "fixed-price")
"""The ways of trading in which orders rest in a book."""


def open_(market: Market, event: OpenDay) -> list[Effect]:
    """Open a trading day under the rules of the day that the event names."""
    if market.day is not None:
        raise DayOpen(market.day.on.isoformat())
    if not calendar.trades_on(event.day):
        raise MarketClosed("day", event.day.isoformat())
    for code, close in event.closes.items():
        if close <= 0:
            raise OutOfRange(f"closes.{code}", close)
    found = market.rules_of(event.venue, event.rules_on)
    products = {}
    for code, previous in event.closes.items():
        held = None if event.holdings is None else event.holdings.get(code, {})
        bands = {mode: found.band(mode, previous) for mode in found.modes}
        books = {mode: OrderBook() for mode in BOOKED if mode in found.modes}
        products[code] = Product(previous, bands, Positions(found, held), books)
    windows = {mode: found.windows(mode, event.day) for mode in found.modes}
    market.day = Day(event.day, found, windows, products, event.groups)
    _set_aside(market, products)
    return []


def close(market: Market, event: CloseDay) -> list[Effect]:
    """Let all day orders and proposals lapse, and fix the close of each product."""
    day = market.day
    if day is None:
        raise MarketClosed("day", moment(event.at).isoformat())
    closes = {code: _close(day, code, event.closes) for code in day.products}
    effects: list[Effect] = [
        Withdrawal(order.id, order.party, order.side, order.quantity, "lapsed")
        for product in day.products.values()
        for book in product.books.values()
        for order in book.orders.values()
    ]
    effects += [each.let_go("lapsed") for each in market.proposals.values()]
    market.day = None
    market.proposals.clear()
    return [*effects, *(Closed(code, price) for code, price in closes.items())]


def halt(market: Market, event: Halt) -> list[Effect]:
    """Stop trading in a product or by a party."""
    market.halted[event.subject] = event.reason
    return []


def resume(market: Market, event: Resume) -> list[Effect]:
    """Let it go on."""
    market.halted.pop(event.subject, None)
    return []


def _close(day: Day, code: str, stated: Mapping[str, int]) -> int:
    """Take the stated close, or the mean price of listing fills, half up; without any the last."""
    product = day.products[code]
    if code in stated:
        if stated[code] <= 0:
            raise OutOfRange(f"closes.{code}", stated[code])
        return stated[code]
    if day.rules.close == "composite":
        raise NoClose(code)
    return _mean(product, day.rules.tick) or product.previous


def _mean(product: Product, tick: int) -> int:
    counted = [each for mode, each in product.turnovers.items() if mode in BOOKED]
    quantity = sum(each.quantity for each in counted)
    value = sum(each.value for each in counted)
    return (2 * value + quantity * tick) // (2 * quantity * tick) * tick if quantity else 0


def _set_aside(market: Market, products: Mapping[str, Product]) -> None:
    """What auctions of earlier days have set aside stays so."""
    for auction in market.auctions.values():
        if auction.product not in products:
            continue
        positions = products[auction.product].positions
        positions.set_aside(auction.seller, SELL, auction.offered)
        for party, quantity in auction.wanted:
            positions.set_aside(party, BUY, quantity)
