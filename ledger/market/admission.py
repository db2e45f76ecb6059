"""What every order must pass before it meets another: hours, halts, steps, sizes, bands."""

from ledger.core.amount import QUANTA_MAX
from ledger.market.calendar import moment
from ledger.market.market import Day, Market, Product
from ledger.market.refusals import (
    Halted,
    MarketClosed,
    OffStep,
    OutOfRange,
    OutsideBand,
    OutsideSize,
)
from ledger.market.rules import MarketRules, Mode


def open_day(market: Market, mode: Mode, at: int) -> Day:
    """Return the day if that way of trading is open at an instant."""
    day = market.day
    if day is None or not any(first <= at < end for first, end in day.windows.get(mode, ())):
        raise MarketClosed(mode, moment(at).isoformat())
    return day


def traded(market: Market, mode: Mode, at: int, code: str, *parties: str) -> tuple[Day, Product]:
    """Return the day and a product that may be traded now by these parties."""
    day = open_day(market, mode, at)
    product = day.product(code)
    for subject in (code, *parties):
        if subject in market.halted:
            raise Halted(subject)
    return day, product


def check_terms(
    rules: MarketRules, product: Product, mode: Mode, price: int, quantity: int
) -> None:
    """Refuse a price or a quantity that the rules of the day do not allow."""
    check_quantity(rules, mode, quantity)
    if not 0 < price <= QUANTA_MAX:
        raise OutOfRange("price", price)
    if price % rules.tick:
        raise OffStep("price", price, rules.tick)
    band = product.bands[mode]
    if band is not None and not band[0] <= price <= band[1]:
        raise OutsideBand(price, *band)


def check_quantity(rules: MarketRules, mode: Mode, quantity: int) -> None:
    """Refuse a quantity that is no whole number of lots, or too small or large for the mode."""
    if not 0 < quantity <= QUANTA_MAX:
        raise OutOfRange("quantity", quantity)
    if quantity % rules.lot:
        raise OffStep("quantity", quantity, rules.lot)
    size = rules.sizes[mode]
    if not size.holds(quantity):
        raise OutsideSize(quantity, size.least, size.most)
