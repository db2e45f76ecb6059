"""Holds: placed, consumed by transactions, voided one by one or as a group, expired."""

from collections.abc import Sequence
from uuid import UUID

from ledger.core import body as bodies
from ledger.core import fields
from ledger.core.account import Side
from ledger.core.body import BodyConsumption
from ledger.core.command import Place, Release, ReleaseGroup, Take
from ledger.core.errors import DomainError
from ledger.core.fields import SIDES
from ledger.core.hold import (
    APPROVAL,
    CONSUMED,
    EXPIRED,
    ORDER,
    PENDING,
    VOIDED,
    Consumption,
    Held,
    HoldLine,
)
from ledger.core.hold_refusals import (
    DeadlinePassed,
    HoldExceeded,
    HoldNotPending,
    HoldOfOrder,
    UnknownHold,
)
from ledger.core.movement import Taking, exact_quanta, positions_of, within_bounds
from ledger.core.position import Position, Totals
from ledger.core.record import CommodityUsed, Consume, Expiry, Hold, Void
from ledger.core.refusals import Malformed, ZeroAmount
from ledger.core.replay import answered
from ledger.core.state import DONE, HELD, REPLAYED, Outcome, Seen, State


def place(state: State, item: Place, actor: UUID | None) -> Outcome:
    """Reserve what a hold's lines name, all of them together."""
    body = item.body
    digest = body.digest
    earlier = answered(state, body, digest)
    if earlier is not None:
        return earlier
    lines, positions = _lines(state, item)
    deadline, kind = body.deadline_us, body.kind or bodies.HOLD
    if deadline is not None and deadline <= state.booked_at_us:
        raise DeadlinePassed(str(body.deadline))
    _reserve(state, positions, lines, sign=1, checked=True)
    for position in positions:
        if position.commodity.code not in state.used:
            state.put(state.used, position.commodity.code, True)
            state.append(CommodityUsed(position.commodity))
    record = Hold(
        body.id, digest, kind, body.reference or "", body.group, deadline, actor, tuple(lines)
    )
    seq = state.append(record)
    remaining = tuple(line.quanta for line in lines)
    _stand(state, Held(body.id, seq, digest, kind, body.group, deadline, tuple(lines), remaining))
    if deadline is not None:
        state.deadlines.append(body.id)
    if body.group is not None:
        members = [*state.groups.get(body.group, ()), body.id]
        state.put(state.groups, body.group, members)
    return Outcome(HELD, body.id, seq)


def take(state: State, item: Take, actor: UUID | None) -> Outcome:
    """Take up quanta of holds without a posting: what was reserved is free, and used once."""
    body = item.body
    digest = body.digest
    earlier = answered(state, body, digest)
    if earlier is not None:
        return earlier
    takings = takings_of(state, body.consumes)
    for taking in takings:
        state.touch(taking.position)
        taking.position.hold(taking.side, -taking.quanta - taking.freed)
    seq = state.append(Consume(body.id, actor, tuple(map(consumption_of, takings))))
    taken(state, takings, seq)
    state.put(state.consumptions, body.id, Seen(digest, seq))
    return Outcome(DONE, body.id, seq)


def release(state: State, item: Release, actor: UUID | None) -> Outcome:
    """Void a hold: all that it still reserves is free again; the same again changes nothing."""
    held = _known(state, item.id)
    if held.state == VOIDED:
        return Outcome(REPLAYED, held.id, held.settled_seq)
    if held.state != PENDING:
        raise HoldNotPending(str(item.id), held.state)
    seq = state.append(Void(held.id, fields.text_of(item.reason, "reason"), actor))
    _end(state, held, VOIDED, seq)
    return Outcome(DONE, held.id, seq)


def release_group(state: State, item: ReleaseGroup, actor: UUID | None) -> Outcome:
    """Void all of a group that still reserves anything."""
    pending = [id for id in state.groups.get(item.group, ()) if state.holds[id].state == PENDING]
    seqs = [release(state, Release(id, item.reason), actor).seq for id in pending]
    return Outcome(DONE, item.group, max((seq for seq in seqs if seq), default=None))


def expire(state: State) -> None:
    """Write the expiry of every hold whose deadline has come, the earliest first."""
    ids = [id for id in dict.fromkeys((*state.due, *state.deadlines)) if id in state.holds]
    standing = [state.holds[id] for id in ids]
    due = [
        (held.deadline_us, held.seq, held)
        for held in standing
        if held.state == PENDING
        and held.deadline_us is not None
        and held.deadline_us <= state.booked_at_us
    ]
    for deadline_us, _, held in sorted(due):
        _end(state, held, EXPIRED, state.append(Expiry(held.id, deadline_us)))
    state.due = []
    state.deadlines = [held.id for held in standing if state.holds[held.id].state == PENDING]


def takings_of(state: State, consumes: Sequence[BodyConsumption]) -> list[Taking]:
    """Find what a transaction takes of holds, or refuse it."""
    takings: list[Taking] = []
    left: dict[tuple[UUID, int], int] = {}
    for number, each in enumerate(consumes):
        held = _known(state, each.hold)
        if held.state != PENDING:
            raise HoldNotPending(str(each.hold), held.state)
        if each.line > len(held.lines):
            raise Malformed(f"consumes[{number}].line", f"the hold has {len(held.lines)} lines")
        line = held.lines[each.line - 1]
        position = state.positions[line.account, line.commodity]
        quanta = exact_quanta(each.amount, position.commodity)
        key = (each.hold, each.line)
        there = left.get(key, held.remaining[each.line - 1])
        if quanta > there:
            raise HoldExceeded(str(each.hold), each.line, str(position.amount(there)))
        freed = there - quanta if each.final else 0
        left[key] = there - quanta - freed
        takings.append(
            Taking(held, each.line, position, line.side, quanta, freed, bool(each.final))
        )
    return takings


def consumption_of(taking: Taking) -> Consumption:
    """Write what is taken of a hold's line as the record has it."""
    return Consumption(taking.held.id, taking.line, taking.quanta, taking.final)


def taken(state: State, takings: Sequence[Taking], seq: int) -> None:
    """Take down what remains of each hold that a transaction took of."""
    for taking in takings:
        held = state.holds[taking.held.id]
        remaining = list(held.remaining)
        remaining[taking.line - 1] -= taking.quanta + taking.freed
        done = not any(remaining)
        _stand(state, held._replace(
            remaining=tuple(remaining),
            state=CONSUMED if done else PENDING,
            settled_seq=seq if done else None,
        ))  # fmt: skip


def _lines(state: State, item: Place) -> tuple[list[HoldLine], list[Position]]:
    if item.body.kind == APPROVAL:
        raise Malformed("kind", "an approval is a hold of its own kind")
    if item.body.kind == ORDER and not state.matching:
        raise Malformed("kind", "an order is entered in its market")
    positions = positions_of(state, item.body.lines)
    lines = []
    for line, position in zip(item.body.lines, positions, strict=True):
        quanta = exact_quanta(line.amount, position.commodity)
        if not quanta:
            raise ZeroAmount(line.account, line.commodity)
        lines.append(HoldLine(line.account, line.commodity, quanta, SIDES[line.side]))
    return lines, positions


def _reserve(
    state: State,
    positions: Sequence[Position],
    lines: Sequence[HoldLine],
    *,
    sign: int,
    checked: bool,
) -> None:
    before: dict[Position, Totals] = {}
    for position in positions:
        if position not in before:
            before[position] = state.touch(position)
    _add(positions, lines, sign)
    if checked:
        try:
            within_bounds(before)
        except DomainError:
            _add(positions, lines, -sign)
            raise


def _add(positions: Sequence[Position], lines: Sequence[HoldLine], sign: int) -> None:
    for position, line in zip(positions, lines, strict=True):
        position.hold(Side(line.side), sign * line.quanta)


def _end(state: State, held: Held, as_: str, seq: int) -> None:
    lines = [
        line._replace(quanta=left) for line, left in zip(held.lines, held.remaining, strict=True)
    ]
    positions = [state.positions[line.account, line.commodity] for line in lines]
    _reserve(state, positions, lines, sign=-1, checked=False)
    _stand(state, held._replace(state=as_, remaining=(0,) * len(lines), settled_seq=seq))


def _stand(state: State, held: Held) -> None:
    state.put(state.holds, held.id, held)
    state.written.holds.append(held.id)


def _known(state: State, id: UUID) -> Held:
    held = state.holds.get(id)
    if held is None or held.kind == APPROVAL:
        raise UnknownHold(str(id))
    if held.kind == ORDER and not state.matching:
        raise HoldOfOrder(str(id))
    return held
