"""Counterparty choice (挂牌协议): levels in order of price, but inside one any counterparty.

A listing rests and never meets another by itself; a taker names the orders he takes and how much
of each, within the best levels, and gets each at its own price. Where the venue asks for no order
of price (定价点选, fixed-price click), any listing may be picked.
"""

from collections.abc import Sequence

from ledger.market.levels import OrderBook
from ledger.market.order import Effect, Fill, Order
from ledger.market.refusals import (
    BeyondLevels,
    Crosses,
    OutOfRange,
    TooMuchPicked,
    UnknownOrder,
    WithOneself,
    WorsePicked,
)

Picks = Sequence[tuple[int, int]]


def post(book: OrderBook, order: Order) -> list[Effect]:
    """List an order; refuse one that could be dealt with at once, so that no book ever crosses."""
    if book.crosses(order.side, order.price):
        raise Crosses(order.price)
    book.rest(order)
    return []


def take(book: OrderBook, taker: Order, picks: Picks, levels: int | None) -> list[Effect]:
    """Take the picked orders, all or none; with ``levels`` in order of price, within so many."""
    picked = _picked(book, taker, picks)
    if levels is not None:
        _in_order(book, taker, picked, levels)
    effects: list[Effect] = []
    for resting, quantity in picked:
        effects.append(
            Fill(
                taker.id, resting.id, taker.side, taker.party, resting.party, resting.price,
                quantity,
            )
        )  # fmt: skip
        book.reduce(resting, quantity)
    return effects


def _picked(book: OrderBook, taker: Order, picks: Picks) -> list[tuple[Order, int]]:
    """Find what was picked: open orders of others on the other side, none beyond what it has."""
    found: dict[int, tuple[Order, int]] = {}
    for id, quantity in picks:
        resting = book.orders.get(id)
        if resting is None or resting.side == taker.side:
            raise UnknownOrder(id)
        if quantity <= 0:
            raise OutOfRange("quantity", quantity)
        if resting.group == taker.group:
            raise WithOneself(taker.party)
        if quantity > resting.quantity or id in found:
            raise TooMuchPicked(id, resting.quantity)
        found[id] = resting, quantity
    if not found:
        raise OutOfRange("quantity", 0)
    return list(found.values())


def _in_order(
    book: OrderBook, taker: Order, picked: Sequence[tuple[Order, int]], levels: int
) -> None:
    """Refuse a pick beyond the best levels, or while others have more to give at a better one."""
    best = book.side(-taker.side).best(levels)
    open_at = {
        price: sum(each.quantity for each in orders if each.group != taker.group)
        for price, orders in best
    }
    for order, quantity in picked:
        if order.price not in open_at:
            raise BeyondLevels(order.id, levels)
        open_at[order.price] -= quantity
    for order, _ in picked:
        for price, left in open_at.items():
            if left and -taker.side * price > -taker.side * order.price:
                raise WorsePicked(order.id, price)
