"""One statement per file; each returns a Statement that any renderer can write."""

from collections.abc import Callable, Mapping

from ledger.statements.balances import account_balances
from ledger.statements.compliance import compliance
from ledger.statements.holdings import holdings
from ledger.statements.register import account_register
from ledger.statements.statement import Statement
from ledger.statements.trial_balance import trial_balance
from ledger.statements.waterfall import waterfall

CATALOGUE: Mapping[str, Callable[..., Statement]] = {
    "trial-balance": trial_balance,
    "balances": account_balances,
    "register": account_register,
    "holdings": holdings,
    "waterfall": waterfall,
    "compliance": compliance,
}

__all__ = [
    "CATALOGUE",
    "account_balances",
    "account_register",
    "compliance",
    "holdings",
    "trial_balance",
    "waterfall",
]
