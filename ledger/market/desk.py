"""The market's desk: a party or the operator tells a market an event, in one command of its own."""

from collections.abc import Callable
from hashlib import sha256
from uuid import UUID

from ledger.core.command import Command, Enter
from ledger.core.state import Outcome
from ledger.market.events import AnyEvent, encode
from ledger.market.floor import Floor
from ledger.store import Store
from ledger.writer import submit


def telling(market: str, id: UUID, event: AnyEvent, floor: Callable[[str], Floor] = Floor) -> Enter:
    """Return an event as the writer takes it: number and instant are given under the lock."""
    digest = sha256(market.encode() + b"\0" + encode(event)).digest()
    return Enter(id, market, event, digest, lambda: floor(market))


def tell(
    store: Store, book: str, market: str, id: UUID, event: AnyEvent, *, actor: UUID | None
) -> Outcome:
    """Tell a market an event; answer once it is booked and numbered, or raise why it is refused.

    The outcome's ``seq`` is its number in the market; the same again is a replay.
    """
    command = Command((telling(market, id, event),), actor, atomic=False)
    (outcome,) = submit(store, book, command)
    if outcome.error is not None:
        raise outcome.error
    return outcome
