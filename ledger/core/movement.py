"""How a draft moves balances: in date order, within bounds, taken back at most once."""

from collections import Counter

from ledger.core.account import Account, Side
from ledger.core.amount import QUANTA_MAX, Amount, Commodity
from ledger.core.draft import Draft, Posting
from ledger.core.refusals import (
    AlreadyReversed,
    AmountOverflow,
    BackDated,
    CeilingBroken,
    FloorBroken,
    NotTheMirror,
    UnknownTransaction,
)
from ledger.core.state import Balance, State


def take_back(state: State, draft: Draft) -> None:
    """Refuse a reversal that is not the mirror of its original, or not the first."""
    assert draft.reverses is not None
    original = state.originals.get(draft.reverses)
    if original is None:
        raise UnknownTransaction(str(draft.reverses))
    posted = Counter((each.account, each.commodity, -each.signed) for each in original.postings)
    taken = Counter(
        (each.account.code, each.amount.commodity.code, each.amount.quanta)
        for each in draft.postings
    )
    if posted != taken:
        raise NotTheMirror(str(draft.reverses))
    if draft.reverses in state.reversals:
        raise AlreadyReversed(str(draft.reverses))
    state.reversals[draft.reverses] = draft.id


def in_date_order(state: State, draft: Draft) -> None:
    """Refuse to date rights, memos and client cash before what is posted on the same balance."""
    for account, amount, _ in draft.postings:
        if amount.commodity.kind == "money" and account.basis != "clearing":
            continue
        key = (state.accounts[account.code].no, amount.commodity.code)
        latest = state.balances.get(key, Balance()).last_effective_on
        if draft.effective_on < latest:
            raise BackDated(
                account.code, amount.commodity.code, str(draft.effective_on), str(latest)
            )


def moved(state: State, draft: Draft) -> tuple[int, ...]:
    """Move the balances; return the signed balance after each line; keep every bound."""
    before: dict[tuple[str, Commodity], Balance] = {}
    after = []
    for line in draft.postings:
        account, commodity = state.accounts[line.account.code], line.amount.commodity
        held = state.balances.get((account.no, commodity.code), Balance())
        before.setdefault((account.code, commodity), held)
        now = _with(held, line, draft)
        state.balances[account.no, commodity.code] = now
        after.append(now.signed)
        _turn_over(state, account, line, draft)
    for check in (_above_floor, _below_ceiling):
        for (code, commodity), was in before.items():
            account = state.accounts[code]
            check(account, commodity, was, state.balances[account.no, commodity.code])
    return tuple(after)


def _with(balance: Balance, line: Posting, draft: Draft) -> Balance:
    debit, credit = _columns(line)
    now = balance._replace(
        dr_posted=balance.dr_posted + debit,
        cr_posted=balance.cr_posted + credit,
        last_effective_on=max(balance.last_effective_on, draft.effective_on),
    )
    if max(abs(now.dr_posted), abs(now.cr_posted)) > QUANTA_MAX:
        raise AmountOverflow(line.amount.commodity.code)
    return now


def _columns(line: Posting) -> tuple[int, int]:
    quanta = line.amount.quanta
    return (quanta, 0) if line.side is Side.DEBIT else (0, -quanta)


def _turn_over(state: State, account: Account, line: Posting, draft: Draft) -> None:
    booked_on = state.book.day_of(state.booked_at_us)
    key = (account.no, line.amount.commodity.code, draft.effective_on, booked_on)
    debit, credit = _columns(line)
    turned = state.turnovers.get(key, (0, 0))
    state.turnovers[key] = (turned[0] + debit, turned[1] + credit)


def _above_floor(account: Account, commodity: Commodity, was: Balance, now: Balance) -> None:
    """Hold the floor on the normal side; what goes out may not go below what is held."""
    floor = account.bound(commodity).floor_quanta(commodity)
    outgoing = now.cr_held if account.normal is Side.DEBIT else now.dr_held
    available = _normal(account, now) - outgoing
    if floor is not None and _normal(account, now) < _normal(account, was) and available < floor:
        raise FloorBroken(
            account.code, commodity.code,
            str(Amount(available, commodity)), str(Amount(floor, commodity)),
        )  # fmt: skip


def _below_ceiling(account: Account, commodity: Commodity, was: Balance, now: Balance) -> None:
    """Hold the ceiling on the normal side."""
    ceiling = account.bound(commodity).ceiling_quanta(commodity)
    balance = _normal(account, now)
    if ceiling is not None and balance > _normal(account, was) and balance > ceiling:
        raise CeilingBroken(
            account.code, commodity.code,
            str(Amount(balance, commodity)), str(Amount(ceiling, commodity)),
        )  # fmt: skip


def _normal(account: Account, balance: Balance) -> int:
    return balance.signed if account.normal is Side.DEBIT else -balance.signed
