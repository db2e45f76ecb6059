"""From an assessment to money: drafts of kind ``fiscal.transfer``, which need two people."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from ledger.compensation.sheet import Payment
from ledger.core.amount import Amount
from ledger.core.draft import Draft, Posting, credit, debit
from ledger.fiscal.treasury import Treasury

KIND = "fiscal.transfer"
PARTS: Mapping[str, str] = {"assessed": "确认", "paid": "支付"}
Lines = tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment to book: when, in which words, resting on which evidence."""

    namespace: UUID
    name: str
    on: dt.date
    payment: Payment
    narrative: str
    reference: str
    metadata: Mapping[str, str]

    @property
    def sides(self) -> tuple[Treasury, Treasury, Amount]:
        """The paying and the receiving treasury, and how much."""
        return Treasury(self.payment.payer), Treasury(self.payment.payee), self.payment.amount

    def draft(self, part: str, lines: Lines) -> Draft:
        """Draft one part of it, its recognition or its payment."""
        return Draft(
            id=uuid5(self.namespace, f"{self.name} {part}"),
            kind=KIND,
            effective_on=self.on,
            narrative=f"{self.narrative}（{PARTS[part]}）",
            reference=self.reference,
            metadata=self.metadata,
            postings=lines,
        )


def between_regions(transfers: Sequence[Transfer]) -> Iterator[Draft]:
    """F2, F7: aid between regions is recognised as due on both sides, then paid."""
    for each in transfers:
        payer, payee, amount = each.sides
        yield each.draft("assessed", (
            debit(payer("aid-expense"), amount),
            credit(payer("due-to", payee.entity), amount),
            debit(payee("due-from", payer.entity), amount),
            credit(payee("aid-revenue"), amount),
        ))  # fmt: skip
        yield each.draft("paid", (
            debit(payer("due-to", payee.entity), amount),
            credit(payer("treasury-deposit"), amount),
            debit(payee("treasury-deposit"), amount),
            credit(payee("due-from", payer.entity), amount),
            *payer.pays("aid-budget-expenditure", amount),
            *payee.receives("aid-budget-revenue", amount),
        ))  # fmt: skip


def to_subordinate(transfers: Sequence[Transfer]) -> Iterator[Draft]:
    """F4, F5: a superior treasury subsidises a subordinate one."""
    for each in transfers:
        payer, payee, amount = each.sides
        yield each.draft("paid", (
            debit(payer("subsidy-expense"), amount),
            credit(payer("treasury-deposit"), amount),
            debit(payee("treasury-deposit"), amount),
            credit(payee("subsidy-revenue"), amount),
            *payer.pays("subsidy-budget-expenditure", amount),
            *payee.receives("subsidy-budget-revenue", amount),
        ))  # fmt: skip


def appropriated(transfers: Sequence[Transfer]) -> Iterator[Draft]:
    """F9: a treasury buys from a unit outside the book: recognised whole, paid in instalments."""
    first, *others = transfers
    whole = first.payment.amount
    for each in others:
        whole += each.payment.amount
    payer, _, _ = first.sides
    yield first.draft(
        "assessed", (debit(payer("appropriation-expense"), whole), credit(payer("payable"), whole))
    )
    for each in transfers:
        _, _, amount = each.sides
        yield each.draft("paid", (
            debit(payer("payable"), amount),
            credit(payer("treasury-deposit"), amount),
            *payer.pays("public-budget-expenditure", amount),
        ))  # fmt: skip


FORMS: Mapping[str, Callable[[Sequence[Transfer]], Iterator[Draft]]] = {
    "between-regions": between_regions,
    "to-subordinate": to_subordinate,
    "appropriated": appropriated,
}
