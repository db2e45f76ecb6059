"""What a report is written from: an account, the years and the growth before it, its doubts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounting import compared, findings, growth, run
from accounting.account import Account
from accounting.case import Case
from accounting.compared import Side
from accounting.growth import Growth
from accounting.plausibility import audit
from ledger.core.errors import DomainError, Finding
from ledger.core.label import Label
from ledger.statements.statement import Statement


@dataclass(frozen=True, slots=True)
class Material:
    """An account with what stands beside it; ``years`` ends with the account itself."""

    account: Account
    years: tuple[Account, ...]
    growth: Growth | None
    drawn: Mapping[str, Statement]
    findings: tuple[Finding, ...]
    case: Case

    @property
    def services(self) -> Mapping[str, Label]:
        """The name of each service, by code."""
        return {line.service: line.name for line in self.account.pack.lines}


def gather(
    case: Case,
    account: Account,
    drawn: Mapping[str, Statement] | None = None,
    chosen: Sequence[Account] = (),
) -> Material:
    """Work out what a report says besides the account of a year: the earlier years, growth, doubts.

    Of ``chosen`` accounts, which end with this one, these are the years; else all earlier ones,
    without a year that cannot be run under this pack, and then without growth.
    """
    years = [year for year in sorted(case.years) if year <= account.year]
    accounts = tuple(chosen) or tuple(x for year in years if (x := _account(case, account, year)))
    found = (*findings.differences(account), *audit.of_account(account, case))
    whole = bool(chosen) or len(accounts) == len(years)
    grown = _growth(case, accounts) if whole and len(accounts) > 1 else None
    return Material(account, accounts, grown, drawn or {}, found, case)


def _account(case: Case, account: Account, year: int) -> Account | None:
    if year == account.year:
        return account
    try:
        return run.run(case, account.pack, year)
    except DomainError:
        return None


def _growth(case: Case, accounts: Sequence[Account]) -> Growth:
    sides = [Side(case, each.pack, each.year) for each in accounts]
    return growth.chained(compared.splits(sides, {each.year: each for each in accounts}))
