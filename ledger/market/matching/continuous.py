"""Price-time priority: the best price first, and at one price the oldest order first.

No clock, no chance, no storage: the book that is given is changed in place, and the effects say
all that happened to it, in order.
"""

from collections import deque

from ledger.market.levels import OrderBook
from ledger.market.order import BUY, Effect, Fill, Order, SelfTrade, Withdrawal


def submit(book: OrderBook, order: Order, self_trade: SelfTrade = "cancel-newest") -> list[Effect]:
    """Match an incoming order against the book and let what is left of it rest."""
    other = book.asks if order.side == BUY else book.bids
    keys, limit = other.keys, -order.side * order.price
    effects: list[Effect] = []
    while order.quantity and keys and keys[-1] >= limit:
        key = keys[-1]
        queue = other.queues[key]
        _meet(book, order, queue, self_trade, effects)
        while queue and not queue[0].quantity:
            queue.popleft()
        if not queue:
            del other.queues[key]
            keys.pop()
    if order.quantity:
        book.rest(order)
    return effects


def _meet(
    book: OrderBook, order: Order, queue: deque[Order], rule: SelfTrade, effects: list[Effect]
) -> None:
    """Meet the orders of one level, the oldest first, until one side of it is used up."""
    id, party, group, side, left = order.id, order.party, order.group, order.side, order.quantity
    for resting in queue:
        met = resting.quantity
        if not met:
            continue
        if resting.group == group:
            order.quantity = left
            _prevent(order, resting, rule, effects)
            left = order.quantity
        elif met > left:
            effects.append(Fill(id, resting.id, side, party, resting.party, resting.price, left))
            resting.quantity = met - left
            left = 0
        else:
            effects.append(Fill(id, resting.id, side, party, resting.party, resting.price, met))
            resting.quantity = 0
            left -= met
        if not resting.quantity:
            del book.orders[resting.id]
        if not left:
            break
    order.quantity = left


def _prevent(order: Order, resting: Order, rule: SelfTrade, effects: list[Effect]) -> None:
    """Keep two orders of one group from meeting: quantity leaves instead of being filled."""
    met = min(order.quantity, resting.quantity)
    for each, spared in ((resting, "cancel-newest"), (order, "cancel-oldest")):
        if rule != spared:
            gone = met if rule == "decrement" else each.quantity
            effects.append(Withdrawal(each.id, each.party, each.side, gone, "self-trade"))
            each.quantity -= gone
