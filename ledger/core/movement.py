"""How postings move balances: exact, balanced, in date order, within bounds."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from ledger.core.account import Account, Side
from ledger.core.amount import EXACT, QUANTA_MAX, Commodity, quanta_of
from ledger.core.body import (
    TRANSIT_RECORD,
    TRANSIT_RETURNED,
    TRANSIT_SAID,
    TRANSIT_SEND,
    TRANSIT_TO,
    Body,
    BodyHoldLine,
    BodyPosting,
)
from ledger.core.hold import Held
from ledger.core.position import Position, Totals
from ledger.core.record import UpTo
from ledger.core.refusals import (
    AccountNotOpen,
    AlreadyReversed,
    AmountOverflow,
    BackDated,
    CeilingBroken,
    FloorBroken,
    InexactAmount,
    InTransit,
    NothingThere,
    NotTheMirror,
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
    """Find what a body moves: each rule for all lines, before the next rule."""
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
        state.put(state.positions, key, position)
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
        if red(quanta, side):
            raise RedOutsideReversal(position.account.code)


def red(quanta: int, side: Side) -> bool:
    """Say whether this is a negative entry in its column; nothing is never red."""
    return quanta > 0 if side else quanta < 0


def take_back(state: State, body: Body, reverses: UUID, moves: Sequence[Move]) -> None:
    """Refuse a reversal that is not the mirror of its original, or not the first.

    What is in transit comes back only where this book names the record of the other's refusal.
    """
    original = state.originals.get(reverses)
    if original is None:
        raise UnknownTransaction(str(reverses))
    posted = Counter((each.account, each.commodity, -each.signed) for each in original.postings)
    taken = Counter((*position.key, quanta) for position, quanta, _ in moves)
    if posted != taken:
        raise NotTheMirror(str(reverses))
    if reverses in state.reversals:
        raise AlreadyReversed(str(reverses))
    sent = original.kind == TRANSIT_SEND and TRANSIT_TO in original.metadata
    if sent and not _comes_back(state, body):
        raise InTransit(str(reverses), original.metadata[TRANSIT_TO])


def _comes_back(state: State, body: Body) -> bool:
    named = state.cited.get((TRANSIT_RECORD, (body.metadata or {}).get(TRANSIT_SAID, "")))
    return named is not None and named.metadata.get(TRANSIT_SAID) == TRANSIT_RETURNED


def in_date_order(moves: Sequence[Move], on: dt.date) -> None:
    """Refuse to date rights, memos and client cash before what is posted on the same balance."""
    for position, _, _ in moves:
        if position.ordered and on < position.latest:
            raise BackDated(*position.key, str(on), str(position.latest))


def moved(
    state: State, moves: Sequence[Move], on: dt.date, takings: Sequence[Taking] = ()
) -> tuple[int, ...]:
    """Move the balances; return the signed balance after each line; keep every bound."""
    before: dict[Position, Totals] = {}
    for position, _, _ in moves:
        if position not in before:
            before[position] = state.touch(position)
    for taking in takings:
        if taking.position not in before:
            before[taking.position] = state.touch(taking.position)
        taking.position.hold(taking.side, -taking.quanta - taking.freed)
    after = shifted(state, moves, on)
    try:
        within_bounds(before)
    except (AmountOverflow, FloorBroken, CeilingBroken):
        for position, totals in before.items():
            position.restore(totals)
        raise
    return after


def shifted(state: State, moves: Sequence[Move], on: dt.date) -> tuple[int, ...]:
    """Move the balances; return the signed balance after each line."""
    batch, touched = state.batch, state.written.positions
    after = []
    for position, quanta, side in moves:
        if position.moved_in != batch:
            position.moved_in = batch
            touched.append(position)
        if on != position.day:
            state.begin_day(position, on)
        if side:
            position.cr -= quanta
        else:
            position.dr += quanta
        if on > position.latest:  # noqa: PLR1730 - a call of max would cost more than all else
            position.latest = on
        after.append(position.dr - position.cr)
    return tuple(after)


def within_bounds(before: dict[Position, Totals]) -> None:
    """Hold 64 bits, then the floors of all, then the ceilings, where they were moved towards."""
    for position in before:
        debits, credits = position.dr + position.dr_held, position.cr + position.cr_held
        if not (-QUANTA_MAX <= debits <= QUANTA_MAX and -QUANTA_MAX <= credits <= QUANTA_MAX):
            raise AmountOverflow(position.symbol)
    for position, totals in before.items():
        floor = position.floor
        now = position.available
        if floor is not None and floor > now < position.was_available(totals):
            there = position.was_available(totals)
            amounts = position.amount(there), position.amount(floor)
            raise FloorBroken(*position.key, *map(str, amounts))
    for position, totals in before.items():
        ceiling = position.ceiling
        now = position.filled
        if ceiling is not None and ceiling < now > position.was_filled(totals):
            amounts = position.amount(now), position.amount(ceiling)
            raise CeilingBroken(*position.key, *map(str, amounts))
