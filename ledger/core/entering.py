"""Entering: a market takes an event in, on its own state, within the batch that books it.

The rules know of a market only what is said here. Its state goes on with that of the book, is
brought up to what is stored before it decides, and is thrown away with a batch that fails.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from ledger.core.command import Enter
from ledger.core.entered import MarketEvent
from ledger.core.errors import DomainError
from ledger.core.footprint import Footprint
from ledger.core.precedence import revived
from ledger.core.refusals import IdConflict, Malformed
from ledger.core.state import REFUSED, REPLAYED, Outcome, State


class Torn(Exception):
    """What a market did cannot be booked: it goes with the batch, and the caller is refused."""

    def __init__(self, refusal: DomainError) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class Floor(Protocol):
    """One market at a number of its own sequence."""

    @property
    def number(self) -> int:
        """The last event that was taken in."""

    def replay(self, events: Iterable[MarketEvent]) -> None:
        """Take in what is stored beyond that number."""

    def needs(self, found: Footprint, told: Sequence[Enter]) -> None:
        """Name the holds and balances that events may touch, more rather than fewer."""

    def enter(self, state: State, item: Enter, actor: UUID | None) -> Outcome:
        """Reserve, match, post and number, or refuse and leave the book as it was."""


def enter(state: State, item: Enter, actor: UUID | None) -> Outcome:
    """Let a market take an event in; the same again is a replay, another one a conflict.

    The outcome's ``seq`` is the number in the market.
    """
    if state.undo is not None:
        raise Malformed("items", "an event of a market stands alone")
    known, refused = state.entered.get(item.id), state.refused.get(item.id)
    if item.id in state.seen or item.id in state.proposals or item.id in state.consumptions:
        raise IdConflict(str(item.id))
    for earlier in (known, refused):
        if earlier is not None and earlier.digest != item.digest:
            raise IdConflict(str(item.id))
    if refused is not None:
        raise revived(refused.code, json.loads(refused.facts))
    if known is not None:
        if known.refusal is None:
            return Outcome(REPLAYED, item.id, known.number)
        said = json.loads(known.refusal)
        return Outcome(REFUSED, item.id, known.number, revived(said["code"], said["facts"]))
    if item.id in state.holds:
        raise IdConflict(str(item.id))
    floor: Floor = state.floors[item.market]
    state.matching = True
    try:
        return floor.enter(state, item, actor)
    finally:
        state.matching = False
