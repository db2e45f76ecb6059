"""How postings move balances: exact, balanced, in date order, within bounds."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from ledger.core.account import Account, Side
from ledger.core.amount import EXACT, QUANTA_MAX, Commodity, quanta_of
from ledger.core.body import Body, BodyHoldLine, BodyPosting
from ledger.core.hold import Held
from ledger.core.position import Position
from ledger.core.record import UpTo
from ledger.core.refusals import (
    AccountNotOpen,
    AlreadyReversed,
    AmountOverflow,
    BackDated,
    CeilingBroken,
    FloorBroken,
    InexactAmount,
    NotTheMirror,
    NothingThere,
    RedOutsideReversal,
    Unbalanced,
    UnknownAccount,
    UnknownCommodity,
    UnknownTransaction,
    UpToUnclear,
    ZeroAmount,
)
from ledger.core.state import State

Move = tuple[Position, int, Side]
"""Where, how much (debit-positive quanta), and in which column."""


class Taking(NamedTuple):
    """What a transaction takes of one line of a hold, and what it lets go of the rest."""

    held: Held
    line: int
    position: Position
    side: Side
    quanta: int
    freed: int
    final: bool


def moves_of(state: State, body: Body) -> list[Move]:
    """Find what a body moves, or refuse it by the first rule that it breaks."""
    moves: list[Move] = []
    positions = state.positions
    for line in body.postings:
        position = positions.get((line.account, line.commodity))
        if position is None or not position.usable:
            return _looked_at_closely(state, body)
        quanta = quanta_of(line.amount, position.commodity.scale)
        if quanta is None or not -QUANTA_MAX <= quanta <= QUANTA_MAX:
            return _looked_at_closely(state, body)
        moves.append((position, quanta, line.column))
    return moves


def _looked_at_closely(state: State, body: Body) -> list[Move]:
    """Read line by line, each rule for all lines before the next rule."""
    positions = positions_of(state, body.postings)
    return [
        (position, exact_quanta(line.amount, position.commodity), line.column)
        for line, position in zip(body.postings, positions, strict=True)
    ]


def positions_of(state: State, lines: Iterable[BodyPosting | BodyHoldLine]) -> list[Position]:
    """Find the positions that lines name; refuse in order: account, state, commodity, kind."""
    lines = list(lines)
    accounts = [account_named(state, line.account) for line in lines]
    for account in accounts:
        if account.state != "open":
            raise AccountNotOpen(account.code, account.state)
    commodities = [commodity_named(state, line.commodity) for line in lines]
    for account, commodity in zip(accounts, commodities, strict=True):
        account.accept(commodity)
    return [
        position_of(state, account, commodity)
        for account, commodity in zip(accounts, commodities, strict=True)
    ]


def position_of(state: State, account: Account, commodity: Commodity) -> Position:
    """Return the position of an account in a commodity, from now on or since long."""
    key = (account.code, commodity.code)
    position = state.positions.get(key)
    if position is None:
        position = Position(account, commodity)
        state.positions[key] = position
    return position


def account_named(state: State, code: str) -> Account:
    """Return the account, or refuse its code."""
    account = state.accounts.get(code)
    if account is None:
        raise UnknownAccount(code)
    return account


def commodity_named(state: State, code: str) -> Commodity:
    """Return the commodity, or refuse its code."""
    commodity = state.commodities.get(code)
    if commodity is None:
        raise UnknownCommodity(code)
    return commodity


def exact_quanta(amount: str, commodity: Commodity) -> int:
    """Count the quanta of a decimal's text; refuse what is finer or larger than can be."""
    quanta = quanta_of(amount, commodity.scale)
    if quanta is None:
        raise InexactAmount(amount, commodity.code, commodity.scale)
    if abs(quanta) > QUANTA_MAX:
        raise AmountOverflow(commodity.code)
    return quanta


def up_to(body: Body, moves: list[Move]) -> tuple[list[Move], tuple[UpTo, ...]]:
    """Where a line says "at most", take what is there: all lines of that commodity alike."""
    asked: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(body.postings):
        if line.up_to:
            asked[line.commodity].append(number)
    taken = list(moves)
    for commodity, numbers in asked.items():
        same = [index for index, move in enumerate(moves) if move[0].commodity.code == commodity]
        if len({abs(moves[index][1]) for index in same}) > 1:
            raise UpToUnclear(commodity)
        at_most = abs(moves[numbers[0]][1])
        there = min(moves[number][0].there(moves[number][2]) for number in numbers)
        least = min(at_most, there)
        if not least and at_most:
            raise NothingThere(moves[numbers[0]][0].account.code, commodity)
        for index in same:
            position, quanta, side = moves[index]
            taken[index] = (position, least if quanta > 0 else -least, side)
    lines = sorted(number for numbers in asked.values() for number in numbers)
    return taken, tuple(UpTo(number + 1, abs(moves[number][1])) for number in lines)


def balanced(moves: Sequence[Move]) -> None:
    """Refuse lines whose debits and credits differ in an (entity, basis, commodity)."""
    sums: dict[str, int] = {}
    for position, quanta, _ in moves:
        sums[position.group] = sums.get(position.group, 0) + quanta
    if any(sums.values()):
        for position, _, _ in moves:
            if difference := sums[position.group]:
                account, commodity = position.account, position.commodity
                shown = Decimal(difference).scaleb(-commodity.scale, EXACT)
                raise Unbalanced(account.entity, account.basis, commodity.code, f"{shown:f}")


def something_moves(moves: Sequence[Move]) -> None:
    """Refuse a line that moves nothing."""
    for position, quanta, _ in moves:
        if not quanta:
            raise ZeroAmount(*position.key)


def none_red(moves: Sequence[Move]) -> None:
    """Refuse a negative entry (红字) where nothing is reversed."""
    for position, quanta, side in moves:
        if quanta and (quanta < 0) != side:
            raise RedOutsideReversal(position.account.code)


def take_back(state: State, id: UUID, reverses: UUID, moves: Sequence[Move]) -> None:
    """Refuse a reversal that is not the mirror of its original, or not the first."""
    original = state.originals.get(reverses)
    if original is None:
        raise UnknownTransaction(str(reverses))
    posted = Counter((each.account, each.commodity, -each.signed) for each in original.postings)
    taken = Counter((*position.key, quanta) for position, quanta, _ in moves)
    if posted != taken:
        raise NotTheMirror(str(reverses))
    if reverses in state.reversals:
        raise AlreadyReversed(str(reverses))


def in_date_order(moves: Sequence[Move], on: dt.date) -> None:
    """Refuse to date rights, memos and client cash before what is posted on the same balance."""
    for position, _, _ in moves:
        if position.ordered and on < position.latest:
            raise BackDated(*position.key, str(on), str(position.latest))


def moved(
    state: State, moves: Sequence[Move], on: dt.date, takings: Sequence[Taking] = ()
) -> tuple[int, ...]:
    """Move the balances; return the signed balance after each line; keep every bound."""
    before: dict[Position, tuple[int, int]] = {}
    totals = []
    for position in (*(move[0] for move in moves), *(taking.position for taking in takings)):
        if position not in before:
            state.touch(position)
            before[position] = (position.available, position.filled)
            totals.append(position.totals)
    for taking in takings:
        taking.position.hold(taking.side, -taking.quanta - taking.freed)
    after = tuple([_move(position, quanta, side, on) for position, quanta, side in moves])
    try:
        within_bounds(before)
    except (AmountOverflow, FloorBroken, CeilingBroken):
        for position, was in zip(before, totals, strict=True):
            position.restore(was)
        raise
    return after


def _move(position: Position, quanta: int, side: Side, on: dt.date) -> int:
    if side:
        position.cr -= quanta
    else:
        position.dr += quanta
    if on > position.latest:
        position.latest = on
    return position.dr - position.cr


def within_bounds(before: dict[Position, tuple[int, int]]) -> None:
    """Hold the floors of all, then the ceilings of all, where the movement was towards them."""
    for position, (available, _) in before.items():
        if position.floor is not None and position.floor > (now := position.available) < available:
            code, commodity = position.key
            amounts = position.amount(now), position.amount(position.floor)
            raise FloorBroken(code, commodity, *map(str, amounts))
    for position, (_, filled) in before.items():
        if position.ceiling is not None and position.ceiling < (now := position.filled) > filled:
            code, commodity = position.key
            amounts = position.amount(now), position.amount(position.ceiling)
            raise CeilingBroken(code, commodity, *map(str, amounts))
        if max(abs(position.dr) + position.dr_held, abs(position.cr) + position.cr_held) > QUANTA_MAX:
            raise AmountOverflow(position.commodity.code)
