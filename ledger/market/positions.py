"""What each party may still sell and buy today; kept only where the day opened with holdings.

What was bought today is held but may not be sold unless the venue allows it; what is offered or
wanted in open orders is set aside, so that no order can oversell a holding or break its limit.
"""

from collections.abc import Mapping

from msgspec import Struct

from ledger.market.order import BUY, SELL
from ledger.market.refusals import NotSellable, PositionLimit
from ledger.market.rules import MarketRules


class Position(Struct):
    """One party in one product: sellable, bought today, and set aside in open orders."""

    sellable: int = 0
    bought: int = 0
    offered: int = 0
    wanted: int = 0

    @property
    def held(self) -> int:
        """All that the party holds."""
        return self.sellable + self.bought


class Positions:
    """All parties of one product; without holdings every order passes."""

    __slots__ = ("of", "rules")

    def __init__(self, rules: MarketRules, holdings: Mapping[str, int] | None) -> None:
        self.rules = rules
        self.of: dict[str, Position] | None = None
        if holdings is not None:
            self.of = {party: Position(sellable=quantity) for party, quantity in holdings.items()}

    def check(self, party: str, side: int, quantity: int, freed: int = 0) -> None:
        """Refuse what is more than may be sold, or could carry a holding beyond its limit.

        ``freed`` is what the order sets free of the party's own as it comes in.
        """
        if self.of is None:
            return
        position = self.of.get(party, Position())
        if side == SELL:
            more = position.bought if self.rules.bought_today_sellable else 0
            left = position.sellable + more - position.offered + freed
            if quantity > left:
                raise NotSellable(left)
        limit = self.rules.holding_limit
        reached = position.held + position.wanted - freed + quantity
        if side == BUY and limit is not None and reached > limit:
            raise PositionLimit(limit)

    def set_aside(self, party: str, side: int, quantity: int) -> None:
        """Set aside for an open order; a negative quantity is free again."""
        if self.of is None:
            return
        position = self.of.setdefault(party, Position())
        if side == SELL:
            position.offered += quantity
        else:
            position.wanted += quantity

    def fill(self, buyer: str, seller: str, quantity: int) -> None:
        """Move what both had set aside; the seller gives first what he held before today."""
        if self.of is None:
            return
        self.set_aside(buyer, BUY, -quantity)
        self.set_aside(seller, SELL, -quantity)
        self.of[buyer].bought += quantity
        giving = self.of[seller]
        old = min(giving.sellable, quantity)
        giving.sellable -= old
        giving.bought -= quantity - old

    def large(self) -> dict[str, int]:
        """List the large holders: who holds at least what the venue asks to be reported."""
        least = self.rules.large_holding
        if self.of is None or least is None:
            return {}
        return {party: each.held for party, each in self.of.items() if each.held >= least}
