"""The rule core: what a batch needs, and what becomes of it; one pure function on every store."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from ledger.core import body as bodies
from ledger.core.account import Account
from ledger.core.body import EVIDENCE, Body
from ledger.core.command import (
    Approve,
    Change,
    Command,
    Declare,
    Evidence,
    Item,
    Open,
    Party,
    Post,
    Reject,
)
from ledger.core.draft import Draft, Posting
from ledger.core.drafting import account_named, drafted
from ledger.core.errors import DomainError
from ledger.core.hold import APPROVAL, Consumption
from ledger.core.movement import in_date_order, moved, take_back
from ledger.core.record import (
    AccountChanged,
    AccountOpened,
    BookOpened,
    CommodityUsed,
    EntityPeriod,
    Hold,
    Line,
    Record,
    Transaction,
    Void,
)
from ledger.core.refusals import (
    AccountConflict,
    ChainBroken,
    CommodityConflict,
    EvidenceConflict,
    IdConflict,
    Malformed,
    NotSupported,
    ProposalRejected,
    SelfApproval,
    UnknownBook,
    UnknownEvidence,
    UnknownProposal,
    revived,
)
from ledger.core.state import (
    APPROVED,
    DONE,
    HELD,
    PENDING,
    POSTED,
    REFUSED,
    REJECTED,
    REPLAYED,
    Decision,
    Entry,
    Outcome,
    Proposal,
    Refusal,
    Seen,
    State,
)

PERIOD_FORM = re.compile(r"\d{4}-(0[1-9]|1[0-3])")


def decide(state: State, batch: Sequence[Command], now_us: int) -> Decision:
    """Decide a batch in order; nothing outside the returned decision is changed."""
    after = state.fork()
    after.booked_at_us = max(now_us, state.booked_at_us)
    outcomes = tuple(_command(after, command) for command in batch)
    return Decision(after, outcomes)


def opening(state: State, actor: UUID | None, now_us: int) -> Decision:
    """Decide the first record of a new book: the book itself."""
    after = state.fork()
    after.booked_at_us = now_us
    book = state.book
    seq = _append(after, BookOpened(book.code, book.time_zone, book.policy, actor))
    return Decision(after, ((Outcome(DONE, None, seq),),))


def _command(state: State, command: Command) -> tuple[Outcome, ...]:
    if not command.evidence and (not command.atomic or len(command.items) == 1):
        return tuple(_alone(state, item, command.actor) for item in command.items)
    trial = state.fork()
    conflicts = [error for each in command.evidence if (error := _kept(trial, each))]
    together = tuple(_item(trial, item, command.actor) for item in command.items)
    refusals = [*conflicts, *(each.error for each in together if each.error is not None)]
    if not refusals:
        state.join(trial)
        return together
    return tuple(_chained(each, refusals[0]) for each in together)


def _chained(outcome: Outcome, because: DomainError) -> Outcome:
    if isinstance(because, EvidenceConflict):
        return Outcome(REFUSED, outcome.id, None, because)
    return Outcome(REFUSED, outcome.id, None, outcome.error or ChainBroken(because.code))


def _kept(state: State, evidence: Evidence) -> EvidenceConflict | None:
    known = state.evidence_digests.get(evidence.id)
    if known is None:
        state.evidence[evidence.id] = evidence
        state.evidence_digests[evidence.id] = evidence.digest
        return None
    return None if known == evidence.digest else EvidenceConflict(str(evidence.id))


def _alone(state: State, item: Item, actor: UUID | None) -> Outcome:
    trial = state.fork()
    outcome = _item(trial, item, actor)
    if outcome.error is None:
        state.join(trial)
    elif isinstance(item, Post) and outcome.error.transient and item.body.id not in state.refused:
        facts = json.dumps(outcome.error.facts(), ensure_ascii=False)
        state.refused[item.body.id] = Refusal(item.body.digest, outcome.error.code, facts)
    return outcome


def _item(state: State, item: Item, actor: UUID | None) -> Outcome:
    named = item.body.id if isinstance(item, Post) else getattr(item, "id", None)
    try:
        return VERBS[type(item)](state, item, actor)
    except DomainError as error:
        return Outcome(REFUSED, named, None, error)


def _post(state: State, item: Post, actor: UUID | None) -> Outcome:
    body = item.body
    if body.book != state.book.code:
        raise UnknownBook(body.book)
    for at in ("chain", "late_for"):
        if getattr(body, at) is not None:
            raise NotSupported(at)
    earlier = _earlier(state, body)
    if earlier is not None:
        return earlier
    draft = drafted(state, body)
    _evidence_held(state, body)
    if body.kind in state.book.dual_kinds:
        return _propose(state, body, actor)
    return _posted(state, draft, body.digest, preparer=actor, approver=None)


def _evidence_held(state: State, body: Body) -> None:
    """Refuse metadata that name evidence which the book does not hold as they say."""
    for id, digest in body.evidence:
        if id is None or state.evidence_digests.get(id, b"").hex() != digest:
            raise UnknownEvidence(str((body.metadata or {})[EVIDENCE]))


def _earlier(state: State, body: Body) -> Outcome | None:
    """Answer as the first time: the same body is a replay, another is a conflict."""
    posted, held = state.seen.get(body.id), state.proposals.get(body.id)
    refused = state.refused.get(body.id)
    if any(each and each.digest != body.digest for each in (posted, held, refused)):
        raise IdConflict(str(body.id))
    if posted:
        return Outcome(REPLAYED, body.id, posted.seq)
    if refused:
        raise revived(refused.code, json.loads(refused.facts))
    if held and held.state == REJECTED:
        raise ProposalRejected(str(body.id))
    return Outcome(HELD, body.id, held.seq) if held else None


def _propose(state: State, body: Body, actor: UUID | None) -> Outcome:
    hold = Hold(body.id, body.digest, APPROVAL, body.reference, None, None, actor)
    seq = _append(state, hold)
    state.proposals[body.id] = Proposal(body.id, seq, body.digest, body.text, actor, PENDING)
    return Outcome(HELD, body.id, seq)


def _approve(state: State, item: Approve, actor: UUID | None) -> Outcome:
    proposal = _pending(state, item.id)
    if proposal.state == APPROVED:
        return Outcome(REPLAYED, item.id, state.seen[item.id].seq)
    if actor is None or actor == proposal.preparer:
        raise SelfApproval(str(item.id))
    body = bodies.read(json.loads(proposal.body))
    consumed = (Consumption(item.id, 0, 0, True),)
    outcome = _posted(
        state, drafted(state, body), proposal.digest,
        preparer=proposal.preparer, approver=actor, consumes=consumed,
    )  # fmt: skip
    state.proposals[item.id] = proposal._replace(state=APPROVED)
    return outcome


def _reject(state: State, item: Reject, actor: UUID | None) -> Outcome:
    proposal = _pending(state, item.id)
    if proposal.state == APPROVED:
        raise IdConflict(str(item.id))
    seq = _append(state, Void(item.id, bodies.text_of(item.reason, "reason"), actor))
    state.proposals[item.id] = proposal._replace(state=REJECTED)
    return Outcome(DONE, item.id, seq)


def _pending(state: State, id: UUID) -> Proposal:
    proposal = state.proposals.get(id)
    if proposal is None:
        raise UnknownProposal(str(id))
    if proposal.state == REJECTED:
        raise ProposalRejected(str(id))
    return proposal


def _posted(
    state: State,
    draft: Draft,
    digest: bytes,
    *,
    preparer: UUID | None,
    approver: UUID | None,
    consumes: tuple[Consumption, ...] = (),
) -> Outcome:
    periods = tuple(_periods(draft))
    if draft.reverses is not None:
        take_back(state, draft)
    in_date_order(state, draft)
    after = moved(state, draft)
    for commodity in {line.amount.commodity.code: line.amount.commodity for line in draft.postings}:
        _first_use(state, commodity)
    record = Transaction(
        id=draft.id, digest=digest, kind=draft.kind, effective_on=draft.effective_on,
        periods=periods, narrative=draft.narrative, reference=draft.reference,
        preparer=preparer, approver=approver, metadata=draft.metadata,
        attachments=draft.attachments, reverses=draft.reverses, late_for=None, chain=None,
        up_to=(), consumes=consumes, postings=tuple(_line(each) for each in draft.postings),
    )  # fmt: skip
    seq = _append(state, record, after)
    state.seen[draft.id] = Seen(digest, seq)
    return Outcome(POSTED, draft.id, seq)


def _line(posting: Posting) -> Line:
    amount = posting.amount
    return Line(
        posting.account.code, amount.commodity.code, abs(amount.quanta), posting.side, posting.red
    )


def _periods(draft: Draft) -> Iterator[EntityPeriod]:
    for entity, period in draft.periods.items():
        if entity not in draft.entities or not PERIOD_FORM.fullmatch(period):
            raise Malformed(f"periods.{entity}", f"{period!r} is no period of this transaction")
    for entity in draft.entities:
        yield EntityPeriod(entity, draft.periods.get(entity, f"{draft.effective_on:%Y-%m}"))


def _first_use(state: State, code: str) -> None:
    if code not in state.used:
        state.used[code] = True
        _append(state, CommodityUsed(state.commodities[code]))


def _declare(state: State, item: Declare, actor: UUID | None) -> Outcome:
    declared = state.commodities.setdefault(item.commodity.code, item.commodity)
    if declared != item.commodity:
        raise CommodityConflict(declared.code, _differs(declared, item.commodity))
    return Outcome(DONE)


def _know(state: State, item: Party, actor: UUID | None) -> Outcome:
    state.parties.setdefault(item.id, item)
    return Outcome(DONE, item.id)


def _open(state: State, item: Open, actor: UUID | None) -> Outcome:
    known = state.accounts.get(item.account.code)
    if known is not None:
        return _same_account(known, item.account)
    state.accounts_opened += 1
    account = _numbered(item.account, state.accounts_opened)
    state.accounts[account.code] = account
    return Outcome(DONE, None, _append(state, AccountOpened(account, actor)))


def _change(state: State, item: Change, actor: UUID | None) -> Outcome:
    known = account_named(state, item.account.code)
    account = _numbered(item.account, known.no)
    fixed = ("class_", "basis", "normal", "party")
    differs = [name for name in fixed if getattr(known, name) != getattr(account, name)]
    if differs:
        raise AccountConflict(account.code, ", ".join(differs))
    state.accounts[account.code] = account
    return Outcome(DONE, None, _append(state, AccountChanged(account, actor)))


def _same_account(known: Account, stated: Account) -> Outcome:
    differs = _differs(known, _numbered(stated, known.no))
    if differs:
        raise AccountConflict(known.code, differs)
    return Outcome(DONE)


def _numbered(account: Account, no: int) -> Account:
    names = [name for name in account.__dataclass_fields__ if name != "no"]
    return Account(**{name: getattr(account, name) for name in names}, no=no)


def _differs(one: object, other: object) -> str:
    names = getattr(one, "__dataclass_fields__", {})
    return ", ".join(name for name in names if getattr(one, name) != getattr(other, name))


def _append(state: State, record: Record, after: tuple[int, ...] = ()) -> int:
    """Give a record the next place in the log."""
    state.seq += 1
    state.entries.append(Entry(state.seq, state.booked_at_us, record, after))
    return state.seq


VERBS: dict[type, Callable[[State, Any, UUID | None], Outcome]] = {
    Post: _post,
    Approve: _approve,
    Reject: _reject,
    Declare: _declare,
    Party: _know,
    Open: _open,
    Change: _change,
}
