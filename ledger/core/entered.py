"""What a market adds beside the log: its events in a sequence of their own, and their effects."""

from typing import NamedTuple
from uuid import UUID


class MarketEvent(NamedTuple):
    """An event of a market by its number, as JSON; the ``refusal`` if a rule forbade it.

    ``carried`` is what stands before the event, where a replay may begin with it: at the opening of
    a day.
    """

    market: str
    number: int
    id: UUID
    digest: bytes
    at_us: int
    kind: str
    party: str
    event: str
    refusal: str | None
    carried: str | None
    user_id: UUID | None


class MarketEffect(NamedTuple):
    """What an event came to: the orders it concerns by their numbers; ``effect`` is JSON."""

    market: str
    number: int
    place: int
    kind: str
    one: int | None
    other: int | None
    product: str
    mode: str
    effect: str


class Entered(NamedTuple):
    """An id under which an event is in a market, and as what."""

    digest: bytes
    number: int
    refusal: str | None
