"""A random flow of orders, 70 % new and 30 % withdrawn, the same for every engine by its seed.

Prices lie round the close of 2022-03-15 (57.77) within the day's band, bids mostly below and asks
mostly above, so that a book of some thousand orders on some hundred levels stands; or, shallow,
evenly over twenty-one steps, so that hardly anything stands. Only open orders are withdrawn.
"""

import random
from collections.abc import Callable
from typing import NamedTuple

from ledger.market.levels import OrderBook
from ledger.market.matching.continuous import submit
from ledger.market.order import BUY, SELL, Fill, Order

SEED = 20220315
LOW, CLOSE, HIGH = 5199, 5777, 6355
APART, SPREAD = 50, 100
STEPS = 10
QUANTITY_MAX = 100
WITHDRAWN = 0.3
WITHDRAWAL = 0

Told = tuple[int, int, int, int]
"""Side, number, price and quantity of an order; for a withdrawal the number alone."""


class Flow(NamedTuple):
    """What happens, what must be traded by it, and what stands at the end."""

    told: list[Told]
    traded: int
    orders: int
    levels: int


def deep(draws: random.Random, side: int) -> int:
    """Draw a price round the close, within the band."""
    return min(max(round(draws.gauss(CLOSE - side * APART, SPREAD)), LOW), HIGH)


def shallow(draws: random.Random, side: int) -> int:
    """Draw a price as likely to meet as to rest."""
    return CLOSE + draws.randint(-STEPS, STEPS)


PRICES = {"deep": deep, "shallow": shallow}


def flow(count: int, price: Callable[[random.Random, int], int]) -> Flow:
    """Draw so many orders and withdrawals."""
    draws = random.Random(SEED)  # noqa: S311 - a flow is no secret
    book, told, traded = OrderBook(), list[Told](), 0
    entered: list[int] = []
    while len(told) < count:
        if book.orders and draws.random() < WITHDRAWN:
            number = _open(draws, book, entered)
            book.withdraw(number)
            told.append((WITHDRAWAL, number, 0, 0))
        else:
            side, number = draws.choice((BUY, SELL)), len(told)
            at, quantity = price(draws, side), draws.randint(1, QUANTITY_MAX)
            effects = submit(book, Order(number, str(number), str(number), side, at, quantity))
            traded += sum(each.quantity for each in effects if isinstance(each, Fill))
            told.append((side, number, at, quantity))
            entered.append(number)
    return Flow(told, traded, len(book.orders), len(book.bids.keys) + len(book.asks.keys))


def _open(draws: random.Random, book: OrderBook, entered: list[int]) -> int:
    """Draw one of the open orders; forget the others that come up."""
    while True:
        at = draws.randrange(len(entered))
        entered[at], entered[-1] = entered[-1], entered[at]
        number = entered.pop()
        if number in book.orders:
            return number
