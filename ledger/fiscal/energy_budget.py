"""Energy budgets (用能预算化管理): what a firm may use in a year, by dated rules."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from ledger.core.account import AccountRef
from ledger.core.amount import Amount, Commodity
from ledger.core.draft import Draft, credit, debit
from ledger.rights.instrument import Instrument


@dataclass(frozen=True, slots=True)
class EnergyBudget:
    """A base cut by the tier of energy intensity, changed by the grade of output per mu."""

    base: Decimal
    cut: Decimal
    grade: Decimal

    @property
    def value(self) -> Decimal:
        """The budget: base × (1 − cut + grade)."""
        return self.base * (1 - self.cut + self.grade)


def budget(rules: Instrument, base: Decimal, tier: str, grade: str, on: dt.date) -> EnergyBudget:
    """Apply the rules of a day; an unknown tier or grade is refused."""
    cut, points = rules.rule(f"cut.tier-{tier}", on), rules.rule(f"grade.{grade}", on)
    return EnergyBudget(base, Decimal(cut.value), Decimal(points.value))


@dataclass(frozen=True, slots=True)
class Granted:
    """A budget granted to a firm for a year."""

    id: UUID
    on: dt.date
    budget: EnergyBudget
    commodity: Commodity
    narrative: str
    metadata: dict[str, str]


def granting(granted: Granted, *, available: AccountRef, contra: AccountRef) -> Draft:
    """Book the budget as a memo: it is no right and cannot be sold."""
    amount = Amount.rounded(granted.budget.value, granted.commodity)
    return Draft(
        id=granted.id,
        kind="budget.grant",
        effective_on=granted.on,
        narrative=granted.narrative,
        metadata=granted.metadata,
        postings=(debit(available, amount), credit(contra, amount)),
    )
