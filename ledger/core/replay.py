"""Replays: the same body answers as the first time, another one under its id is a conflict."""

import json

from ledger.core.body import Body, ConsumeBody, HoldBody
from ledger.core.precedence import revived
from ledger.core.refusals import IdConflict, ProposalRejected, UnknownBook
from ledger.core.state import HELD, REJECTED, REPLAYED, Outcome, State


def answered(state: State, body: Body | HoldBody | ConsumeBody, digest: bytes) -> Outcome | None:
    """Answer as the first time: the same body is a replay, another is a conflict."""
    id = body.id
    if body.book != state.book.code:
        raise UnknownBook(body.book)
    posted = state.seen.get(id)
    if posted is None and state.consumptions:
        posted = state.consumptions.get(id)
    refused = state.refused.get(id) if state.refused else None
    proposed = state.proposals.get(id) if state.proposals else None
    held = state.holds.get(id) if state.holds else None
    if not (posted or refused or proposed or held):
        return None
    if any(each and each.digest != digest for each in (posted, refused, proposed, held)):
        raise IdConflict(str(id))
    if posted:
        return Outcome(REPLAYED, id, posted.seq)
    if refused:
        raise revived(refused.code, json.loads(refused.facts))
    if proposed is None:
        return Outcome(REPLAYED, id, held.seq if held else None)
    if proposed.state == REJECTED:
        raise ProposalRejected(str(id))
    return Outcome(HELD, id, proposed.seq)
