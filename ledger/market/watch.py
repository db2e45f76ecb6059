"""Watching a market: a copy of it that follows what is committed, for all who only look."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.core.book import Book
from ledger.core.errors import NotFound
from ledger.market.floor import Floor
from ledger.store import market_log


@dataclass(eq=False)
class UnknownMarket(NotFound):
    """No market of the book has this code."""

    code = "market.unknown"
    title = "The book has no market of this code"
    market: str


class Watch:
    """The markets of all books, each at the last event that was read, under a lock of its own."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.floors: dict[tuple[int, str], tuple[threading.Lock, Floor]] = {}

    @contextmanager
    def at_head(self, connection: Connection, book: Book, market: str) -> Iterator[Floor]:
        """Lend a market as the connection sees it; refuse one that was never told anything."""
        with self.mutex:
            known = self.floors.get((book.id, market))
        lock, floor = known or (threading.Lock(), Floor(market))
        with lock:
            number = floor.number or market_log.begun(connection, book, market)
            floor.replay(market_log.after(connection, book, market, number))
            if not floor.number:
                raise UnknownMarket(market)
            with self.mutex:
                self.floors.setdefault((book.id, market), (lock, floor))
            yield floor
