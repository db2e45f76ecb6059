"""What a market books: the hold of an order, and each fill as delivery against payment.

Where the venue settles after the close, a fill moves both sides into ``Settle``, to be delivered
trade by trade by the settlement run.
"""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple, Self
from uuid import UUID

from ledger.core.amount import CNY, Amount, Commodity, canonical_text
from ledger.core.body import Body, BodyConsumption, BodyHoldLine, BodyPosting, ConsumeBody, HoldBody
from ledger.core.hold import ORDER
from ledger.market import calendar
from ledger.market.order import BUY
from ledger.market.reservation import Charge, Money, Reservation
from ledger.market.rules import MarketRules, Settlement
from ledger.rights.instrument import right
from ledger.rights.registry import BOUGHT_TODAY, FREE, SETTLE, Registry

AT_FILL, FILLED = "trade.settle", "trade.fill"
"""The kinds of a fill: settled with it, or to be settled after the close."""
SETTLE_CASH, FEES = "Settle:Cash", "Fee:Exchange"
SELLER, BUYER, PRICE = "seller", "buyer", "price"
DELIVER_TO, PAY_TO, FEE_TO, SELLER_FEE = "deliver_to", "pay_to", "fee_to", "seller_fee_fen"
SOLD, BOUGHT = "sell_order", "buy_order"
HOLDS = {BUY: "debit", -BUY: "credit"}
"""On which side an order's hold stands: money leaves a client's account by debit."""


class Side(NamedTuple):
    """One side of a fill: the order's reservation, and what it is charged."""

    order: Reservation
    charge: Charge


class Terms(NamedTuple):
    """How one day of a market books: in whose accounts, how it rounds, when it settles."""

    day: dt.date
    registry: Registry
    clearing: Registry
    money: Money
    settlement: Settlement
    bought: str
    price_scale: int
    deadline: str

    @classmethod
    def of(cls, day: dt.date, registry: str, clearing: str, rules: MarketRules) -> Self:
        """Return the terms of a day under its rules; orders lapse with the day."""
        over = calendar.midnight_after(day, rules.zone)
        return cls(
            day, Registry(registry), Registry(clearing), Money.under(rules), rules.settlement,
            FREE if rules.bought_today_sellable else BOUGHT_TODAY, rules.price_scale,
            over.isoformat().replace("+00:00", "Z"),
        )  # fmt: skip

    def accounts(self, party: str) -> tuple[str, str, str]:
        """Name a party's accounts: what it may sell, what it buys, its money."""
        held, bought = (self.registry.holding(party, state) for state in (FREE, self.bought))
        return held.code, bought.code, self.clearing.client(party).code

    def pairs(self, party: str, product: str) -> set[tuple[str, str]]:
        """Name every balance that a fill of a party may move."""
        held, bought, cash = self.accounts(party)
        right, money = self.settling
        rights = {(account, product) for account in (held, bought, right)}
        return rights | {(account, CNY.code) for account in (cash, money, self.fees)}

    @property
    def fees(self) -> str:
        """Where fees go."""
        return self.clearing.at(FEES).code

    @property
    def settling(self) -> tuple[str, str]:
        """Where rights and money stand until they are settled."""
        return self.registry.at(SETTLE).code, self.clearing.at(SETTLE_CASH).code

    def holding(self, order: Reservation, book: str, reference: str, *, day: bool) -> HoldBody:
        """Reserve for an order; ``day``: until the day is over."""
        held, _, cash = self.accounts(order.party)
        account, commodity = (cash, CNY) if order.side == BUY else (held, right_of(order.product))
        line = BodyHoldLine(
            account, text(order.held, commodity), commodity.code,
            HOLDS[order.side],  # type: ignore[arg-type]
        )  # fmt: skip
        return HoldBody(
            book=book, id=order.id, lines=[line], kind=ORDER, reference=reference,
            deadline=self.deadline if day else None,
        )  # fmt: skip

    def fill(
        self, id: UUID, book: str, reference: str, buyer: Side, seller: Side, price: int,
        quantity: int,
    ) -> Body:  # fmt: skip
        """Take both holds and deliver the right against its price, or set both aside."""
        product = right_of(buyer.order.product)
        held, _, seller_cash = self.accounts(seller.order.party)
        _, bought, buyer_cash = self.accounts(buyer.order.party)
        fee, shown = seller.charge.fee, str(self.price(price))
        metadata = {
            BUYER: buyer.order.party, SELLER: seller.order.party, BOUGHT: str(buyer.order.id),
            SOLD: str(seller.order.id), PRICE: shown,
        }  # fmt: skip
        kind, charged = AT_FILL, fee
        if self.settlement == "after-close":
            kind, charged = FILLED, 0
            metadata |= {DELIVER_TO: bought, PAY_TO: seller_cash}
            metadata |= {FEE_TO: self.fees, SELLER_FEE: str(fee)} if fee else {}
            bought, seller_cash = self.settling
        return Body(
            book=book, id=id, kind=kind, effective_on=self.day, reference=reference,
            narrative=f"{product.code} {text(quantity, product)} × {shown}", metadata=metadata,
            postings=[
                *moved(bought, held, product, quantity),
                *moved(seller_cash, buyer_cash, CNY, -buyer.charge.due),
                *moved(self.fees, buyer_cash, CNY, -buyer.charge.fee),
                *moved(self.fees, seller_cash, CNY, -charged),
            ],
            consumes=[*_taken(buyer, CNY), *_taken(seller, product)],
        )  # fmt: skip

    def price(self, price: int) -> Decimal:
        """Write a price in yuan per unit."""
        return Decimal(price).scaleb(-self.price_scale)


def right_of(product: str) -> Commodity:
    """Return what a product of a market is counted in."""
    return right(product).commodity


def text(quanta: int, commodity: Commodity) -> str:
    """Write quanta as the decimal that a body holds."""
    return canonical_text(str(Amount(quanta, commodity))) if commodity.scale else str(quanta)


def freeing(id: UUID, book: str, order: Reservation, quanta: int) -> ConsumeBody:
    """Free part of what an order reserves: some of its quantity left the market."""
    commodity = CNY if order.side == BUY else right_of(order.product)
    part = BodyConsumption(amount=text(quanta, commodity), hold=order.id, line=1)
    return ConsumeBody(book=book, id=id, consumes=[part])


def moved(to: str, source: str, commodity: Commodity, quanta: int) -> list[BodyPosting]:
    """Debit one account and credit another; the other way where quanta are negative."""
    if not quanta:
        return []
    amounts = text(quanta, commodity), text(-quanta, commodity)
    return [
        BodyPosting(account, amount, commodity.code)
        for account, amount in zip((to, source), amounts, strict=True)
    ]


def _taken(side: Side, commodity: Commodity) -> list[BodyConsumption]:
    """Take of a hold what a fill is charged; nothing where nothing is left of it to be let go."""
    charge = side.charge
    if not charge.taken and not charge.last:
        return []
    amount, final = text(charge.taken, commodity), True if charge.last else None
    return [BodyConsumption(amount=amount, hold=side.order.id, line=1, final=final)]
