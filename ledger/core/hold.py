"""What is reserved until a transaction consumes it; an approval is a hold with no lines yet.

The hold of an order belongs to its market: nobody else places, takes or voids it.
"""

from typing import NamedTuple
from uuid import UUID

from ledger.core.account import Side

APPROVAL = "approval"
ORDER = "market.order"
PENDING, CONSUMED, VOIDED, EXPIRED = "pending", "consumed", "voided", "expired"


class HoldLine(NamedTuple):
    """Reserved quanta of one account, commodity and side."""

    account: str
    commodity: str
    quanta: int
    side: Side


class Consumption(NamedTuple):
    """What a transaction takes of a hold's line; ``final`` lets the remainder go."""

    hold: UUID
    line: int
    quanta: int
    final: bool


class Held(NamedTuple):
    """A hold as it stands now: what remains of each line, and whether it still reserves."""

    id: UUID
    seq: int
    digest: bytes
    kind: str
    group: UUID | None
    deadline_us: int | None
    lines: tuple[HoldLine, ...]
    remaining: tuple[int, ...]
    state: str = PENDING
    settled_seq: int | None = None
