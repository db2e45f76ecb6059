"""What an order reserves, what each of its fills takes of that, and what is let go.

Consideration and fees are rounded half up on the running total of the order, and a fill takes the
difference; what is reserved is rounded up. The money of a fill is that of the buyer's order, so
that what it reserved is always enough.
"""

from typing import NamedTuple, Self
from uuid import UUID

from msgspec import Struct

from ledger.core.amount import CNY
from ledger.market.order import BUY
from ledger.market.rules import MarketRules


class Money(NamedTuple):
    """How price × quantity, in quanta, becomes money (×num/den) and a fee (×fee_num/fee_den)."""

    num: int
    den: int
    fee_num: int
    fee_den: int

    @classmethod
    def under(cls, rules: MarketRules) -> Self:
        """Return it by the rules of a day."""
        power = CNY.scale - rules.price_scale - rules.quantity_scale
        num, den = 10 ** max(power, 0), 10 ** max(-power, 0)
        return cls(num, den, num * rules.fee.numerator, den * rules.fee.denominator)

    def due(self, value: int) -> int:
        """Return the consideration of a running total, half up."""
        return (2 * value * self.num + self.den) // (2 * self.den)

    def fee(self, value: int) -> int:
        """Return the fee of a running total, half up."""
        return (2 * value * self.fee_num + self.fee_den) // (2 * self.fee_den)

    def most(self, value: int) -> int:
        """Return what a buyer may come to owe, rounded up."""
        return -(-value * self.num // self.den) - (-value * self.fee_num // self.fee_den)


class Charge(NamedTuple):
    """What a fill takes of one side: consideration, fee, of the hold; ``last``: and lets it go."""

    due: int
    fee: int
    taken: int
    last: bool


class Reservation(Struct):
    """One order's hold as it stands, in quanta of the right (sell) or of money (buy).

    ``value`` is price × quantity of its fills so far, ``paid`` and ``fee`` what was charged.
    """

    id: UUID
    party: str
    product: str
    side: int
    price: int
    open: int
    held: int
    value: int = 0
    paid: int = 0
    fee: int = 0

    def fill(self, price: int, quantity: int, money: Money, due: int | None = None) -> Charge:
        """Charge one fill; ``due`` is what a seller is paid, whose fee is never more than that."""
        self.value += price * quantity
        self.open -= quantity
        fee = money.fee(self.value) - self.fee
        if due is None:
            due = money.due(self.value) - self.paid
            taken = due + fee
        else:
            fee, taken = min(fee, due), quantity
        self.paid += due
        self.fee += fee
        self.held -= taken
        return Charge(due, fee, taken, not self.open and self.held + taken > 0)

    def withdraw(self, quantity: int, money: Money) -> int:
        """Take open quantity out; return what is reserved for nothing any more."""
        self.open -= quantity
        needed = self.open
        if self.side == BUY:
            rest = money.most(self.value + self.open * self.price) if self.open else 0
            needed = max(0, rest - self.paid - self.fee)
        freed = max(0, self.held - needed)
        self.held -= freed
        return freed
