"""The refusals of holds."""

from dataclasses import dataclass

from ledger.core.errors import Conflict, NotFound, RuleBroken


@dataclass(eq=False)
class UnknownHold(NotFound):
    """The book has no such hold."""

    code = "ledger.unknown-hold"
    title = "The book has no such hold"
    transient = True
    hold: str


@dataclass(eq=False)
class HoldNotPending(Conflict):
    """The hold was consumed, voided or expired."""

    code = "ledger.hold-not-pending"
    title = "The hold reserves nothing any more"
    hold: str
    state: str


@dataclass(eq=False)
class HoldExceeded(RuleBroken):
    """More is taken of a line of a hold than it still reserves."""

    code = "ledger.hold-exceeded"
    title = "The hold reserves less than is taken of it"
    hold: str
    line: int
    remaining: str


@dataclass(eq=False)
class HoldOfOrder(RuleBroken):
    """The hold is an order's: it ends with the order, in its market."""

    code = "ledger.hold-of-order"
    title = "The hold is an order's: the order is withdrawn in its market"
    hold: str


@dataclass(eq=False)
class DeadlinePassed(RuleBroken):
    """The deadline of a new hold has passed."""

    code = "ledger.deadline-passed"
    title = "The deadline has passed"
    deadline: str
