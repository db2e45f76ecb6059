"""What runs where the order books of others are installed: one over a flow, again and again.

It is told the file of the flow, the name of the book, the quantity that the flow trades, and
seconds; it prints JSON. A book that trades another quantity ends in an error.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

BUY = 1
Told = list[tuple[int, int, int, int]]


def lightmatchingengine(told: Told) -> Callable[[], int]:
    """Run a flow through lightmatchingengine; it tells each trade from both sides."""
    engine = import_module("lightmatchingengine.lightmatchingengine").LightMatchingEngine()
    ids: dict[int, int] = {}
    trades: list[Any] = []
    for side, number, price, quantity in told:
        if side:
            order, made = engine.add_order("X", price, quantity, 1 if side == BUY else 2)
            ids[number] = order.order_id
            trades += made
        else:
            engine.cancel_order(ids[number], "X")
    return lambda: sum(each.trade_qty for each in trades) // 2


def pyorderbook(told: Told) -> Callable[[], int]:
    """Run a flow through pyorderbook."""
    package = import_module("pyorderbook")
    bid, ask, book = package.bid, package.ask, package.Book()
    orders: dict[int, Any] = {}
    trades: list[Any] = []
    for side, number, price, quantity in told:
        if side:
            order = (bid if side == BUY else ask)("X", price, quantity)
            orders[number] = order
            trades += book.match(order).trades
        else:
            book.cancel(orders[number])
    return lambda: sum(each.fill_quantity for each in trades)


def akhil4n_orderbook(told: Told) -> Callable[[], int]:
    """Run a flow through akhil4n-orderbook; it keeps its own log of trades."""
    package = import_module("orderbook")
    order_of, bid, ask = package.Order, package.OrderSide.BID, package.OrderSide.ASK
    book = package.OrderBook()
    ids: dict[int, str] = {}
    for side, number, price, quantity in told:
        if side:
            order = order_of(bid if side == BUY else ask, price, quantity)
            ids[number] = order.order_id
            book.add_limit_order(order)
        else:
            book.cancel_order(ids[number])
    return lambda: sum(each.quantity_filled for each in book.trade_log)


BOOKS = {each.__name__: each for each in (lightmatchingengine, pyorderbook, akhil4n_orderbook)}


def main(file: str, name: str, traded: int, seconds: float) -> None:
    """Run whole flows until the time is over; what was traded is summed outside of it."""
    told = [tuple(each) for each in json.loads(Path(file).read_text(encoding="utf-8"))]
    done, taken = 0, 0.0
    while taken < seconds:
        start = time.perf_counter()
        outcome = BOOKS[name](told)
        taken += time.perf_counter() - start
        done += len(told)
        if outcome() != traded:
            sys.exit(f"{name} trades {outcome()}, not {traded}")
    sys.stdout.write(json.dumps({"transactions": done, "seconds": taken}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
