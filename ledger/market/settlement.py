"""Delivery against payment: rights and money move in one transaction, or not at all."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal
from uuid import UUID

from ledger.core.account import AccountRef
from ledger.core.amount import CNY, Amount
from ledger.core.draft import Draft, Posting, credit, debit
from ledger.core.errors import RuleBroken

PriceBasis = Literal["per_unit", "per_unit_year", "whole_term"]
PRICE_BASES: tuple[PriceBasis, ...] = ("per_unit", "per_unit_year", "whole_term")


@dataclass(eq=False)
class NoTerm(RuleBroken):
    """A price per unit and year needs the years it is for."""

    code = "market.no-term"
    title = "A price per unit and year needs the number of years"
    price: str


@dataclass(eq=False)
class UnknownPriceBasis(RuleBroken):
    """A price is per unit, per unit and year, or for the whole term."""

    code = "market.unknown-price-basis"
    title = "The price basis is not known"
    basis: str


@dataclass(frozen=True, slots=True)
class Price:
    """A price with what it is for; one basis is never converted into another silently."""

    value: Decimal
    basis: PriceBasis = "per_unit"
    years: int | None = None

    def consideration(self, quantity: Amount) -> Amount:
        """Return the money due, rounded half up to the fen."""
        if self.basis == "whole_term":
            return Amount.rounded(self.value, CNY)
        if self.basis == "per_unit":
            return Amount.rounded(quantity.value * self.value, CNY)
        if self.basis != "per_unit_year":
            raise UnknownPriceBasis(self.basis)
        if not self.years:
            raise NoTerm(str(self.value))
        return Amount.rounded(quantity.value * self.value * self.years, CNY)


@dataclass(frozen=True, slots=True)
class Lot:
    """One right sold: from whose holding to whose, and the money from whose cash to whose."""

    right: Amount
    consideration: Amount
    seller: AccountRef
    buyer: AccountRef
    payer: AccountRef
    payee: AccountRef

    @property
    def postings(self) -> tuple[Posting, ...]:
        """The right one way, the money the other."""
        return (
            debit(self.buyer, self.right),
            credit(self.seller, self.right),
            debit(self.payer, self.consideration),
            credit(self.payee, self.consideration),
        )


@dataclass(frozen=True, slots=True)
class Deal:
    """What was agreed on one day; an auction settles all its lots together."""

    id: UUID
    on: dt.date
    lots: tuple[Lot, ...]
    narrative: str
    reference: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


def settling(deal: Deal) -> Draft:
    """M3, R6, R10: deliver every lot against its payment in one transaction."""
    return Draft(
        id=deal.id,
        kind="trade.settle",
        effective_on=deal.on,
        narrative=deal.narrative,
        reference=deal.reference,
        metadata=deal.metadata,
        postings=tuple(line for lot in deal.lots for line in lot.postings),
    )


def depositing(deal: Deal, *, bank: AccountRef) -> Draft:
    """M1: the payers' money arrives at the settlement bank."""
    due: dict[AccountRef, Amount] = {}
    for lot in deal.lots:
        due[lot.payer] = due.get(lot.payer, Amount(0, CNY)) + lot.consideration
    lines = [
        line for payer, sum_ in due.items() for line in (debit(bank, sum_), credit(payer, sum_))
    ]
    return Draft(
        id=deal.id,
        kind="cash.deposit",
        effective_on=deal.on,
        narrative=deal.narrative,
        reference=deal.reference,
        metadata=deal.metadata,
        postings=tuple(lines),
    )
