"""A treasury's accounts on both bases, and what it books when rights are sold for it."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from uuid import UUID

from ledger.core.account import AccountRef
from ledger.core.amount import Amount
from ledger.core.draft import Draft, Posting, credit, debit

CHART = Path(__file__).parent / "accounts.toml"


@dataclass(frozen=True, slots=True)
class Treasury:
    """One treasury (总会计), named by its entity: ``T530000``."""

    entity: str

    def __call__(self, key: str, counterpart: str = "") -> AccountRef:
        """Return one of its accounts by key, perhaps towards another treasury."""
        code, basis = chart()[key]
        path = f"{code}:{counterpart}" if counterpart else code
        return AccountRef(f"{self.entity}:{path}", basis)

    def pays(self, expenditure: str, amount: Amount) -> tuple[Posting, Posting]:
        """The budget book's side of a payment."""
        return debit(self(expenditure), amount), credit(self("funds"), amount)

    def receives(self, revenue: str, amount: Amount) -> tuple[Posting, Posting]:
        """The budget book's side of a receipt."""
        return debit(self("funds"), amount), credit(self(revenue), amount)


@dataclass(frozen=True, slots=True)
class Remittance:
    """What a clearing house passes on to the treasury that sold."""

    id: UUID
    on: dt.date
    amount: Amount
    narrative: str
    reference: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


def remitting(
    remittance: Remittance, *, due: AccountRef, bank: AccountRef, treasury: Treasury
) -> Draft:
    """M7 and F15: the clearing house remits, the treasury books non-tax revenue on both bases."""
    amount = remittance.amount
    return Draft(
        id=remittance.id,
        kind="fiscal.remit",
        effective_on=remittance.on,
        narrative=remittance.narrative,
        reference=remittance.reference,
        metadata=remittance.metadata,
        postings=(
            debit(due, amount),
            credit(bank, amount),
            debit(treasury("treasury-deposit"), amount),
            credit(treasury("non-tax-revenue"), amount),
            *treasury.receives("public-budget-revenue", amount),
        ),
    )


@cache
def chart() -> Mapping[str, tuple[str, str]]:
    """Return each account's code and basis by key."""
    stated = tomllib.loads(CHART.read_text("utf-8"))
    return {each["key"]: (each["code"], each["basis"]) for each in stated["account"]}
