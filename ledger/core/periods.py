"""Accounting periods of one entity and basis: open, closing, closed, reopened with a reason."""

import datetime as dt
import re
from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from ledger.core import fields
from ledger.core.command import Turn
from ledger.core.period_refusals import NotLate, NotZero, PeriodClosed, PeriodOrder
from ledger.core.record import EntityPeriod, PeriodEvent
from ledger.core.refusals import Malformed
from ledger.core.state import DONE, Outcome, PeriodKey, State

OPEN, CLOSING, CLOSED, REOPENED = "open", "closing", "closed", "reopened"
MONTHS = 12
PERIOD_FORM = re.compile(r"\d{4}-(0[1-9]|1[0-3])")
TURNS = {
    OPEN: (CLOSING, CLOSED),
    CLOSING: (OPEN, CLOSED),
    CLOSED: (REOPENED,),
    REOPENED: (CLOSING, CLOSED),
}


def turn(state: State, item: Turn, actor: UUID | None) -> Outcome:
    """Bring a period into another state; a close seals the balances of its entity and basis."""
    if not PERIOD_FORM.fullmatch(item.period):
        raise Malformed("period", f"{item.period!r} is no period (YYYY-MM, 13 is allowed)")
    if item.state not in TURNS:
        raise Malformed("state", f"{item.state!r} is none of {', '.join(TURNS)}")
    key = PeriodKey(item.entity, item.basis, item.period)
    now = state.periods.get(key, OPEN)
    if now == item.state:
        return Outcome(DONE)
    if item.state not in TURNS[now]:
        raise PeriodOrder(item.entity, item.period, now, item.state)
    reason = fields.text_of(item.reason, "reason")
    if item.state == REOPENED and not reason.strip():
        raise Malformed("reason", "a closed period is reopened with a reason")
    seal = None
    if item.state == CLOSED:
        _all_zero(state, item)
        seal = item.seal(state) if item.seal else None
    event = PeriodEvent(item.entity, item.basis, item.period, item.state, reason, seal, actor)
    seq = state.append(event)
    state.put(state.periods, key, item.state)
    state.written.periods.append(key)
    return Outcome(DONE, None, seq)


def require_open(
    state: State, entity: str, bases: Sequence[str], period: str, *, named: bool
) -> None:
    """Refuse a closed period; one that is closing takes only what names it."""
    for basis in bases:
        now = state.periods.get(PeriodKey(entity, basis, period), OPEN)
        if now == CLOSED or (now == CLOSING and not named):
            raise PeriodClosed(entity, basis, period, now)


@lru_cache(maxsize=1 << 12)
def own_period(entity: str, on: dt.date) -> tuple[EntityPeriod, ...]:
    """Return the month of a day as the period of one entity alone."""
    return (EntityPeriod(entity, month_of(on)),)


@lru_cache(maxsize=1 << 12)
def derived_periods(entities: frozenset[str], on: dt.date) -> tuple[EntityPeriod, ...]:
    """Return the month of a day as the period of each entity."""
    return tuple(EntityPeriod(entity, month_of(on)) for entity in sorted(entities))


def all_derived(periods: tuple[EntityPeriod, ...], on: dt.date) -> bool:
    """Say whether the periods are what the day gives, and carry no voucher."""
    month = month_of(on)
    return all(each.voucher is None and each.period == month for each in periods)


@lru_cache(maxsize=1 << 12)
def month_of(on: dt.date) -> str:
    """Name the month of a day as a period."""
    return on.isoformat()[:7]


def stands_open(state: State, entity: str, basis: str, period: str) -> bool:
    """Say whether a period takes what does not name it."""
    return state.periods.get(PeriodKey(entity, basis, period), OPEN) in (OPEN, REOPENED)


def first_open(state: State, entity: str, bases: Sequence[str], late_for: str) -> str:
    """Return the first period after a closed one that is open on all bases."""
    if not PERIOD_FORM.fullmatch(late_for):
        raise Malformed("late_for", f"{late_for!r} is no period (YYYY-MM, 13 is allowed)")
    period = late_for
    while _shut(state, entity, bases, period):
        year, month = map(int, period.split("-"))
        period = f"{year + 1}-01" if month >= MONTHS else f"{year}-{month + 1:02}"
    if period == late_for:
        raise NotLate(entity, late_for)
    return period


def _shut(state: State, entity: str, bases: Sequence[str], period: str) -> bool:
    standing = [state.periods.get(PeriodKey(entity, basis, period), OPEN) for basis in bases]
    return any(each in (CLOSED, CLOSING) for each in standing)


def _all_zero(state: State, item: Turn) -> None:
    for position in state.positions.values():
        account = position.account
        mine = (account.entity, account.basis) == (item.entity, item.basis)
        if mine and account.always_zero_days is not None and position.signed:
            raise NotZero(*position.key, str(position.amount(position.signed)))
