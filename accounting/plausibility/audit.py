"""The audit: every trap there is, on somebody's table and on our own accounts."""

from collections.abc import Callable, Iterator
from pathlib import Path

from accounting import published
from accounting.account import Account
from accounting.case import Case
from accounting.plausibility import checked, masses, nature, prices, printed
from accounting.plausibility.checked import Checked
from ledger.core.errors import Finding

CHECKS: tuple[Callable[[Checked], Iterator[Finding]], ...] = (
    masses.carbon_or_co2,
    masses.oxygen_carbon_ratio,
    printed.yi_or_billion,
    printed.power_of_ten,
    printed.sums_of_rows,
    printed.shares,
    prices.shared_price,
    prices.implied_price_drift,
    nature.turbine_flow,
    nature.cooling_days,
    nature.per_area,
)

NOT_READ_HERE = "run.not-read-here"  # found by what runs a case, and somebody's to judge too
DOUBTS = frozenset({
    NOT_READ_HERE, "plausibility.oxygen-carbon-ratio", "plausibility.sum-cut",
    "plausibility.shared-price", "plausibility.implied-price-drift", "plausibility.turbine-flow",
    "plausibility.cooling-days", "plausibility.per-area-outlier",
})  # fmt: skip


def is_doubt(finding: Finding) -> bool:
    """Say whether a finding needs somebody's judgement; the others are faults beyond doubt."""
    return finding.code in DOUBTS


def of_table(path: Path | str) -> tuple[Finding, ...]:
    """Audit a published table; refuse only a file that is no such table."""
    return audited(checked.of_table(published.read(path)))


def of_account(account: Account, case: Case) -> tuple[Finding, ...]:
    """Audit an account with the extents that its case gives."""
    return audited(checked.of_account(account, case))


def audited(what: Checked) -> tuple[Finding, ...]:
    """Run every check, in order."""
    return tuple(finding for check in CHECKS for finding in check(what))
