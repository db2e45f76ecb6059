"""The rule core: what a batch needs, and what becomes of it; one pure function on every store."""

import json
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from ledger.core.citing import cite
from ledger.core.command import (
    Annotate,
    Approve,
    Change,
    Cite,
    Command,
    Declare,
    Enter,
    Entrust,
    Evidence,
    Item,
    Open,
    Party,
    Place,
    Post,
    Reject,
    Release,
    ReleaseGroup,
    Take,
    Turn,
)
from ledger.core.declaring import change, declare, entrust, know, open_account
from ledger.core.entering import enter
from ledger.core.errors import DomainError
from ledger.core.holding import expire, place, release, release_group, take
from ledger.core.periods import turn
from ledger.core.posting import annotate, approve, post, reject
from ledger.core.record import BookOpened
from ledger.core.refusals import ChainBroken, EvidenceConflict
from ledger.core.state import DONE, REFUSED, Decision, Outcome, Refusal, State

Answers = tuple[Outcome, ...]


def decide(state: State, batch: Sequence[Command], now_us: int) -> Decision:
    """Write what is due, then decide a batch in order; the state moves on with it.

    The outcome depends on nothing but the arguments. A decision that cannot be written is dropped
    together with its state.
    """
    state.open_batch(now_us)
    expire(state)
    outcomes = tuple([_command(state, command) for command in batch])
    return Decision(state, outcomes)


def opening(state: State, actor: UUID | None, now_us: int) -> Decision:
    """Decide the first record of a new book: the book itself."""
    state.open_batch(now_us)
    book = state.book
    seq = state.append(BookOpened(book.code, book.time_zone, book.policy, actor))
    return Decision(state, ((Outcome(DONE, None, seq),),))


def _command(state: State, command: Command) -> Answers:
    if command.evidence or (command.atomic and len(command.items) > 1):
        return _together(state, command.items, command.actor, command.evidence)
    actor = command.actor
    answers: list[Outcome] = []
    if not any(map(_chain, command.items)):
        return tuple([_alone(state, item, actor) for item in command.items])
    for chain, items in groupby(command.items, key=_chain):
        if chain is None:
            answers.extend([_alone(state, item, actor) for item in items])
        else:
            answers.extend(_together(state, tuple(items), actor))
    return tuple(answers)


def _chain(item: Item) -> UUID | None:
    return item.body.chain if isinstance(item, Post) else None


def _together(
    state: State, items: Sequence[Item], actor: UUID | None, evidence: Sequence[Evidence] = ()
) -> Answers:
    """Let items stand or fall together; those that fall burn no ids."""

    def steps() -> list[Outcome]:
        kept = [Outcome(DONE, each.id, None, _kept(state, each)) for each in evidence]
        return [*kept, *(_item(state, item, actor) for item in items)]

    outcomes = state.tried(steps)
    refusals = [each.error for each in outcomes if each.error is not None]
    own = tuple(outcomes[len(evidence) :])
    return tuple([_chained(each, refusals[0]) for each in own]) if refusals else own


def _chained(outcome: Outcome, because: DomainError) -> Outcome:
    if isinstance(because, EvidenceConflict):
        return Outcome(REFUSED, outcome.id, None, because)
    return Outcome(REFUSED, outcome.id, None, outcome.error or ChainBroken(because.code))


def _kept(state: State, evidence: Evidence) -> EvidenceConflict | None:
    known = state.evidence_digests.get(evidence.id)
    if known is None:
        state.put(state.evidence_digests, evidence.id, evidence.digest)
        state.written.evidence.append(evidence)
        return None
    return None if known == evidence.digest else EvidenceConflict(str(evidence.id))


def _alone(state: State, item: Item, actor: UUID | None) -> Outcome:
    """Take one item by itself; a refusal for what may change stays with its id."""
    outcome = _item(state, item, actor)
    error = outcome.error
    if error is not None and error.transient and isinstance(item, Post | Place | Take | Enter):
        id, digest = (
            (item.id, item.digest) if isinstance(item, Enter) else (item.body.id, item.body.digest)
        )
        if id in state.refused or id in state.entered:
            return outcome
        facts = json.dumps(error.facts(), ensure_ascii=False)
        refusal = Refusal(id, digest, error.code, facts)
        state.put(state.refused, refusal.id, refusal)
        state.written.refusals.append(refusal)
    return outcome


def _item(state: State, item: Item, actor: UUID | None) -> Outcome:
    try:
        return VERBS[type(item)](state, item, actor)
    except DomainError as error:
        return Outcome(REFUSED, named(item), None, error)


def named(item: Item) -> UUID | None:
    """Return the id that an item names, if it names one."""
    if isinstance(item, Post | Place | Take):
        return item.body.id
    return getattr(item, "id", None)


VERBS: dict[type, Callable[[State, Any, UUID | None], Outcome]] = {
    Post: post,
    Approve: approve,
    Reject: reject,
    Annotate: annotate,
    Place: place,
    Take: take,
    Release: release,
    ReleaseGroup: release_group,
    Cite: cite,
    Turn: turn,
    Declare: declare,
    Party: know,
    Entrust: entrust,
    Open: open_account,
    Change: change,
    Enter: enter,
}
