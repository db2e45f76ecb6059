"""The refusals of accounting periods."""

from dataclasses import dataclass

from ledger.core.errors import Conflict, RuleBroken


@dataclass(eq=False)
class PeriodClosed(RuleBroken):
    """The period is closed, or is closing and takes only what names it."""

    code = "ledger.period-closed"
    title = "The period takes no more transactions"
    entity: str
    basis: str
    period: str
    state: str


@dataclass(eq=False)
class NotLate(RuleBroken):
    """An entry is late only for a period that is closed or closing."""

    code = "ledger.not-late"
    title = "The period that the entry is late for is open"
    entity: str
    period: str


@dataclass(eq=False)
class PeriodOrder(Conflict):
    """A period does not go from its state into that one."""

    code = "ledger.period-order"
    title = "A period does not go from the one state into the other"
    entity: str
    period: str
    state: str
    wanted: str


@dataclass(eq=False)
class NotZero(RuleBroken):
    """An account that must be zero at the close is not."""

    code = "ledger.not-zero"
    title = "An account that must be zero is not"
    account: str
    commodity: str
    balance: str
