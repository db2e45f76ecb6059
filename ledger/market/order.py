"""What meets in a market: orders and the effects of an event, in whole quanta; no clock, no money.

Prices are whole numbers of the venue's smallest price step, quantities of the commodity's
quanta; every order is for the day on which it was accepted.
"""

from typing import Literal

from msgspec import Struct

BUY, SELL = 1, -1
SIDES = {"buy": BUY, "sell": SELL}
"""A side is the sign of what it does to a holding."""

Cause = Literal["asked", "replaced", "self-trade", "lapsed", "defaulted"]
SelfTrade = Literal["cancel-newest", "cancel-oldest", "cancel-both", "decrement"]
SELF_TRADE: tuple[SelfTrade, ...] = ("cancel-newest", "cancel-oldest", "cancel-both", "decrement")


class Order(Struct, gc=False):
    """A day order: its number, whose it is, and the quantity that is still open.

    ``group`` names the parties that count as one against trading with oneself.
    """

    id: int
    party: str
    group: str
    side: int
    price: int
    quantity: int


class Fill(Struct, frozen=True, gc=False, tag="fill"):
    """Two orders met; ``side`` is that of the incoming one, the price that of the resting one."""

    incoming: int
    resting: int
    side: int
    party: str
    counterparty: str
    price: int
    quantity: int

    @property
    def buyer(self) -> str:
        """Who takes the right."""
        return self.party if self.side == BUY else self.counterparty

    @property
    def seller(self) -> str:
        """Who gives it."""
        return self.counterparty if self.side == BUY else self.party


class Withdrawal(Struct, frozen=True, gc=False, tag="withdrawal"):
    """Open quantity leaves the market unfilled, so that what was held for it is free again."""

    order: int
    party: str
    side: int
    quantity: int
    cause: Cause


class Deposit(Struct, frozen=True, tag="deposit"):
    """A bidder's deposit in an auction goes back, or is kept."""

    auction: int
    party: str
    amount: int
    kept: bool


class Award(Struct, frozen=True, tag="award"):
    """The hammer gave a bidder this much at this price; it is traded once he has paid."""

    auction: int
    bid: int
    party: str
    price: int
    quantity: int


class Closed(Struct, frozen=True, tag="closed"):
    """The close of a product's day, from which the next day's band is taken."""

    product: str
    close: int


Effect = Fill | Withdrawal | Deposit | Award | Closed
