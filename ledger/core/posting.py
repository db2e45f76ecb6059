"""Posting: what becomes of a transaction that somebody sends, proposes or approves."""

import datetime as dt
import json
from collections.abc import Sequence
from uuid import UUID

from ledger.core import body as bodies
from ledger.core import fields
from ledger.core.body import EVIDENCE, Body
from ledger.core.command import Annotate, Approve, Post, Reject
from ledger.core.hold import APPROVAL, Consumption
from ledger.core.holding import consumption_of, taken, takings_of
from ledger.core.movement import (
    Move,
    balanced,
    in_date_order,
    moved,
    moves_of,
    none_red,
    red,
    something_moves,
    take_back,
    up_to,
)
from ledger.core.periods import (
    PERIOD_FORM,
    derived_periods,
    first_open,
    month_of,
    require_open,
)
from ledger.core.plain import TRANSACTION, post_plainly
from ledger.core.record import (
    Annotation,
    CommodityUsed,
    EntityPeriod,
    Hold,
    Line,
    Transaction,
    UpTo,
    Void,
    Voucher,
)
from ledger.core.refusals import (
    IdConflict,
    Malformed,
    ProposalRejected,
    SelfApproval,
    UnknownEvidence,
    UnknownProposal,
    UnknownTransaction,
)
from ledger.core.replay import answered
from ledger.core.state import (
    APPROVED,
    DONE,
    HELD,
    PENDING,
    POSTED,
    REJECTED,
    REPLAYED,
    Outcome,
    Proposal,
    Seen,
    State,
    VoucherKey,
)

FISCAL_BASES = ("accrual", "budget")


def post(state: State, item: Post, actor: UUID | None) -> Outcome:
    """Post what was sent; of a kind that is ``dual``, propose it."""
    body = item.body
    digest = body.digest
    earlier = answered(state, body, digest)
    if earlier is not None:
        return earlier
    if body.kind in state.book.dual_kinds:
        return _propose(state, body, digest, actor)
    plainly = post_plainly(state, body, digest, actor)
    return plainly or _posted(state, body, digest, preparer=actor, approver=None)


def approve(state: State, item: Approve, actor: UUID | None) -> Outcome:
    """Post what another person prepared."""
    proposal = _pending(state, item.id)
    if proposal.state == APPROVED:
        return Outcome(REPLAYED, item.id, state.seen[item.id].seq)
    if actor is None or actor == proposal.preparer:
        raise SelfApproval(str(item.id))
    body = bodies.read(json.loads(proposal.body))
    outcome = _posted(
        state, body, proposal.digest, preparer=proposal.preparer, approver=actor,
        approved=(Consumption(item.id, 0, 0, True),),
    )  # fmt: skip
    _settle(state, proposal, APPROVED)
    return outcome


def reject(state: State, item: Reject, actor: UUID | None) -> Outcome:
    """Turn down what another person proposed, with the reason."""
    proposal = _pending(state, item.id)
    if proposal.state == APPROVED:
        raise IdConflict(str(item.id))
    seq = state.append(Void(item.id, fields.text_of(item.reason, "reason"), actor))
    _settle(state, proposal, REJECTED)
    return Outcome(DONE, item.id, seq)


def annotate(state: State, item: Annotate, actor: UUID | None) -> Outcome:
    """Add metadata to a transaction: the latest wins, all are kept."""
    if item.transaction not in state.seen:
        raise UnknownTransaction(str(item.transaction))
    metadata = fields.strings_of(item.metadata, "metadata")
    seq = state.append(Annotation(item.transaction, metadata, actor))
    return Outcome(DONE, item.transaction, seq)


def _propose(state: State, body: Body, digest: bytes, actor: UUID | None) -> Outcome:
    _checked(state, body)
    hold = Hold(body.id, digest, APPROVAL, body.reference or "", None, None, actor)
    seq = state.append(hold)
    proposal = Proposal(body.id, seq, digest, body.text, actor, PENDING)
    state.put(state.proposals, body.id, proposal)
    state.written.proposals.append(body.id)
    return Outcome(HELD, body.id, seq)


def _pending(state: State, id: UUID) -> Proposal:
    proposal = state.proposals.get(id)
    if proposal is None:
        raise UnknownProposal(str(id))
    if proposal.state == REJECTED:
        raise ProposalRejected(str(id))
    return proposal


def _settle(state: State, proposal: Proposal, as_: str) -> None:
    state.put(state.proposals, proposal.id, proposal._replace(state=as_))
    state.written.proposals.append(proposal.id)


def _checked(state: State, body: Body) -> tuple[list[Move], tuple[UpTo, ...]]:
    """Hold what is sent against every rule that asks for no balance."""
    asked: tuple[UpTo, ...] = ()
    moves = moves_of(state, body)
    if any(line.up_to for line in body.postings):
        moves, asked = up_to(body, moves)
    if not body.consumes:
        something_moves(moves)
    balanced(moves)
    if body.reverses is None:
        none_red(moves)
    if body.metadata:
        _evidence_held(state, body)
    return moves, asked


def _evidence_held(state: State, body: Body) -> None:
    """Refuse metadata that name evidence which the book does not hold as they say."""
    for id, digest in body.evidence:
        if id is None or state.evidence_digests.get(id, b"").hex() != digest:
            raise UnknownEvidence(str((body.metadata or {})[EVIDENCE]))


def _posted(
    state: State,
    body: Body,
    digest: bytes,
    *,
    preparer: UUID | None,
    approver: UUID | None,
    approved: tuple[Consumption, ...] = (),
) -> Outcome:
    moves, asked = _checked(state, body)
    on = body.effective_on or state.today
    if body.reverses is not None:
        take_back(state, body, body.reverses, moves)
    takings = takings_of(state, body.consumes) if body.consumes else []
    periods = _periods(state, body, moves, on)
    in_date_order(moves, on)
    after = moved(state, moves, on, takings)
    _used(state, moves)
    if body.reverses is not None:
        state.put(state.reversals, body.reverses, body.id)
    if state.book.voucher_type is not None:
        periods = _numbered(state, periods, moves)
    record = Transaction(
        body.id, digest, body.kind or TRANSACTION, on, periods, body.narrative or "",
        body.reference or "", preparer, approver, body.metadata or {},
        tuple(body.attachments) if body.attachments else (), body.reverses, body.late_for,
        body.chain, asked, (*approved, *map(consumption_of, takings)),
        _lines(moves),
    )  # fmt: skip
    seq = state.append(record, after, moves)
    if body.id in state.awaited:
        state.put(state.originals, body.id, record)
    if takings:
        taken(state, takings, seq)
    state.put(state.seen, body.id, Seen(digest, seq))
    return Outcome(POSTED, body.id, seq)


def _lines(moves: Sequence[Move]) -> tuple[Line, ...]:
    return tuple([
        Line(position.spot, abs(quanta), side, red(quanta, side))
        for position, quanta, side in moves
    ])  # fmt: skip


def _used(state: State, moves: Sequence[Move]) -> None:
    """Write a commodity into the book's log the first time it is used."""
    for position, _, _ in moves:
        if position.symbol not in state.used:
            state.put(state.used, position.symbol, True)
            state.append(CommodityUsed(position.commodity))


def _periods(
    state: State, body: Body, moves: Sequence[Move], on: dt.date
) -> tuple[EntityPeriod, ...]:
    if not (body.periods or body.late_for or state.periods):
        return derived_periods(frozenset([move[0].entity for move in moves]), on)
    standing = {(move[0].entity, move[0].account.basis) for move in moves}
    stated = body.periods or {}
    entities = sorted({entity for entity, _ in standing})
    for entity, period in stated.items():
        if entity not in entities or not PERIOD_FORM.fullmatch(period):
            raise Malformed(f"periods.{entity}", f"{period!r} is no period of this transaction")
    found = []
    for entity in entities:
        bases = [basis for of, basis in standing if of == entity]
        period = stated.get(entity, month_of(on))
        if body.late_for is not None:
            period = first_open(state, entity, bases, body.late_for)
        require_open(state, entity, bases, period, named=entity in stated)
        found.append(EntityPeriod(entity, period))
    return tuple(found)


def _numbered(
    state: State, periods: tuple[EntityPeriod, ...], moves: Sequence[Move]
) -> tuple[EntityPeriod, ...]:
    """Give each fiscal entity the next number of its vouchers (凭证号) in the period."""
    kind = state.book.voucher_type or ""
    accounts = [move[0].account for move in moves]
    fiscal = {each.entity for each in accounts if each.basis in FISCAL_BASES}
    numbered = []
    for each in periods:
        if each.entity in fiscal:
            key = VoucherKey(each.entity, each.period, kind)
            number = state.vouchers.get(key, 0) + 1
            state.put(state.vouchers, key, number)
            state.written.vouchers.append(key)
            numbered.append(EntityPeriod(each.entity, each.period, Voucher(kind, number)))
        else:
            numbered.append(each)
    return tuple(numbered)
