"""The straight way of a transaction about which no rule needs a second look."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from ledger.core.account import Side
from ledger.core.amount import quanta_of
from ledger.core.body import EVIDENCE, Body, BodyPosting
from ledger.core.fields import SIDES
from ledger.core.movement import Move, shifted
from ledger.core.periods import derived_periods, month_of, own_period, stands_open
from ledger.core.record import EntityPeriod, Line, Transaction
from ledger.core.state import POSTED, Outcome, Seen, State

TRANSACTION = "transaction"
DEBIT, CREDIT = Side.DEBIT, Side.CREDIT
NOTHING_SAID: dict[str, str] = {}


def post_plainly(state: State, body: Body, digest: bytes, preparer: UUID | None) -> Outcome | None:
    """Post what nothing stands against, else change nothing and say none.

    What this posts, the rules one by one post in the same way.
    """
    numbered = state.book.voucher_type is not None
    if state.undo is not None or state.awaited or numbered or _asks_more(body):
        return None
    on = body.effective_on or state.today
    moves = _moves(state, body.postings, on)
    if moves is None or (state.periods and not _all_open(state, moves, month_of(on))):
        return None
    periods = _periods(moves, on)
    after = shifted(state, moves, on)
    record = Transaction(
        body.id, digest, body.kind or TRANSACTION, on, periods, body.narrative or "",
        body.reference or "", preparer, None, body.metadata or NOTHING_SAID,
        tuple(body.attachments) if body.attachments else (), None, None, body.chain, (), (),
        tuple([
            Line(position.spot, -quanta if side else quanta, side, False)
            for position, quanta, side in moves
        ]),
    )  # fmt: skip
    seq = state.append(record, after, moves)
    state.seen[body.id] = Seen(digest, seq)
    return Outcome(POSTED, body.id, seq)


def _asks_more(body: Body) -> bool:
    """Whether a body says anything that only the full rules can read."""
    if body.consumes or body.reverses or body.late_for or body.periods:
        return True
    return body.metadata is not None and EVIDENCE in body.metadata


def _moves(state: State, lines: Sequence[BodyPosting], on: dt.date) -> list[Move] | None:
    """Find what lines move, if it balances and every balance takes it; else none."""
    moves: list[Move] = []
    sums: dict[str, int] = {}
    positions, used = state.positions, state.used
    for line in lines:
        position = positions.get((line.account, line.commodity))
        if position is None or not position.usable or position.symbol not in used or line.up_to:
            return None
        quanta = quanta_of(line.amount, position.scale)
        if not quanta or not position.takes(quanta, on):
            return None
        side = CREDIT if quanta < 0 else DEBIT
        if line.side is not None and SIDES[line.side] is not side:
            return None
        moves.append((position, quanta, side))
        group = position.group
        sums[group] = sums.get(group, 0) + quanta
    return None if any(sums.values()) or _one_twice(moves) else moves


def _one_twice(moves: Sequence[Move]) -> bool:
    return len({id(move[0]) for move in moves}) < len(moves)


def _periods(moves: Sequence[Move], on: dt.date) -> tuple[EntityPeriod, ...]:
    entities = {move[0].entity for move in moves}
    return own_period(*entities, on) if len(entities) == 1 else derived_periods(
        frozenset(entities), on
    )  # fmt: skip


def _all_open(state: State, moves: Sequence[Move], period: str) -> bool:
    return all(
        stands_open(state, position.entity, position.account.basis, period)
        for position, _, _ in moves
    )
