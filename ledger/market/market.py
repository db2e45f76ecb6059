"""One venue's market: what stands at a sequence number, and the one way in which it changes.

The same events give the same market and the same outcomes, always. The market is a cache of its
events: whoever commits outcomes applies an event, writes what came of it, and if that fails throws
the market away and replays.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ledger.core.errors import DomainError
from ledger.market.calendar import Window
from ledger.market.levels import OrderBook
from ledger.market.matching.auction import Auction
from ledger.market.matching.block import Proposal
from ledger.market.order import Effect
from ledger.market.positions import Positions
from ledger.market.refusals import UnknownProduct
from ledger.market.rules import MarketRules, Mode, in_force


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one event: its effects in order, or why it was refused and changed nothing."""

    seq: int
    effects: tuple[Effect, ...] = ()
    refusal: DomainError | None = None


@dataclass(slots=True)
class Turnover:
    """Quantity and price × quantity traded in one way of trading."""

    quantity: int = 0
    value: int = 0


@dataclass(slots=True)
class Product:
    """One right of a day: its bands, an order book by way of trading, and what was traded."""

    previous: int
    bands: Mapping[Mode, tuple[int, int] | None]
    positions: Positions
    books: Mapping[Mode, OrderBook]
    turnovers: dict[Mode, Turnover] = field(default_factory=dict)


@dataclass(slots=True)
class Day:
    """An open day: its rules, when each way of trading is open, and its products."""

    on: dt.date
    rules: MarketRules
    windows: Mapping[Mode, tuple[Window, ...]]
    products: Mapping[str, Product]
    groups: Mapping[str, str]

    def product(self, code: str) -> Product:
        """Return a product that is traded today."""
        if code not in self.products:
            raise UnknownProduct(code)
        return self.products[code]

    def group(self, party: str) -> str:
        """Return whom a party acts in concert with, itself if nobody."""
        return self.groups.get(party, party)


@dataclass(slots=True)
class Market:
    """All that stands after event number ``seq``; day orders and proposals end with their day.

    ``rules_of`` finds the rules of a venue on a day: those that ship unless others are given.
    """

    seq: int = 0
    at: int = 0
    day: Day | None = None
    halted: dict[str, str] = field(default_factory=dict)
    proposals: dict[int, Proposal] = field(default_factory=dict)
    auctions: dict[int, Auction] = field(default_factory=dict)
    rules_of: Callable[[str, dt.date], MarketRules] = in_force
