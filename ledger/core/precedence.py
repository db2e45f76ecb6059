"""The order of refusals: of several that a transaction meets, the first is told."""

from typing import Any

from ledger.core.errors import DomainError, every_error
from ledger.core.hold_refusals import (
    DeadlinePassed,
    HoldExceeded,
    HoldNotPending,
    HoldOfOrder,
    UnknownHold,
)
from ledger.core.period_refusals import (
    NotLate,
    PeriodClosed,
)
from ledger.core.refusals import (
    AccountNotOpen,
    AlreadyReversed,
    AmountOverflow,
    BackDated,
    CeilingBroken,
    CommodityNotAccepted,
    FloorBroken,
    IdConflict,
    InexactAmount,
    InTransit,
    Malformed,
    NothingThere,
    NotTheMirror,
    RedOutsideReversal,
    Unbalanced,
    UnknownAccount,
    UnknownBook,
    UnknownCommodity,
    UnknownTransaction,
    UpToUnclear,
    ZeroAmount,
)

PRECEDENCE: tuple[type[DomainError], ...] = (
    Malformed,
    UnknownBook,
    IdConflict,
    UnknownAccount,
    AccountNotOpen,
    UnknownCommodity,
    CommodityNotAccepted,
    InexactAmount,
    AmountOverflow,
    ZeroAmount,
    Unbalanced,
    RedOutsideReversal,
    UnknownTransaction,
    NotTheMirror,
    AlreadyReversed,
    InTransit,
    UpToUnclear,
    NothingThere,
    UnknownHold,
    HoldOfOrder,
    HoldNotPending,
    HoldExceeded,
    DeadlinePassed,
    PeriodClosed,
    NotLate,
    BackDated,
    FloorBroken,
    CeilingBroken,
)


def revived(code: str, facts: dict[str, Any]) -> DomainError:
    """Build a stored refusal again from its code and facts."""
    kinds = {kind.code: kind for kind in every_error()}
    return kinds[code](**facts)
