"""The order book of one product: price levels of both sides, the oldest order first in each.

A level stands under the key side × price, so that on both sides the best level has the greatest
key, and two sides cross where their keys add up to zero or more. A withdrawn order has no
quantity left and is dropped when it comes to the front: the first of a queue is always open.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator

from ledger.market.order import BUY, Order


class Levels:
    """One side: the keys of its levels in order, the best last, and the queue of each."""

    __slots__ = ("keys", "queues")

    def __init__(self) -> None:
        self.keys: list[int] = []
        self.queues: dict[int, deque[Order]] = {}

    def trim(self, key: int) -> None:
        """Drop what is no longer open from the front of a level, and the level once it is empty."""
        queue = self.queues[key]
        while queue and not queue[0].quantity:
            queue.popleft()
        if not queue:
            del self.queues[key]
            del self.keys[bisect_left(self.keys, key)]

    def best(self, count: int | None = None) -> Iterator[tuple[int, list[Order]]]:
        """Walk so many of the best levels, or all: the price of each and its open orders."""
        for key in reversed(self.keys[-count:] if count else self.keys):
            yield abs(key), [order for order in self.queues[key] if order.quantity]


class OrderBook:
    """Both sides, and every open order by its number."""

    __slots__ = ("asks", "bids", "orders")

    def __init__(self) -> None:
        self.bids, self.asks = Levels(), Levels()
        self.orders: dict[int, Order] = {}

    def side(self, side: int) -> Levels:
        """Return the levels of a side."""
        return self.bids if side == BUY else self.asks

    def crosses(self, side: int, price: int) -> bool:
        """Say whether an order at that price would meet the other side."""
        keys = self.side(-side).keys
        return bool(keys) and keys[-1] + side * price >= 0

    def rest(self, order: Order) -> None:
        """Put an order at the end of its level."""
        own = self.bids if order.side == BUY else self.asks
        key = order.side * order.price
        queue = own.queues.get(key)
        if queue is None:
            own.queues[key] = deque((order,))
            insort(own.keys, key)
        else:
            queue.append(order)
        self.orders[order.id] = order

    def reduce(self, order: Order, quantity: int) -> None:
        """Take open quantity from a resting order, wherever in its level it stands."""
        order.quantity -= quantity
        if not order.quantity:
            del self.orders[order.id]
            self.side(order.side).trim(order.side * order.price)

    def withdraw(self, id: int) -> int:
        """Take an open order out; return the quantity that it still had, 0 if there is none."""
        order = self.orders.pop(id, None)
        if order is None:
            return 0
        quantity, order.quantity = order.quantity, 0
        own = self.bids if order.side == BUY else self.asks
        key = order.side * order.price
        if own.queues[key][0] is order:
            own.trim(key)
        return quantity
