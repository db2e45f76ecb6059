"""The engine: an event in, its outcome out, and the market one number further.

    market = Market()
    for event in events:
        outcome = apply(market, event)

An event that a rule forbids is refused, keeps its number, and changes nothing else; one out of
sequence is none of this market's and raises.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from ledger.core.errors import DomainError
from ledger.market import session, trading
from ledger.market.events import (
    Announce,
    AnyEvent,
    Call,
    CloseDay,
    Confirm,
    Counter,
    Decline,
    Defaulted,
    Halt,
    Hammer,
    Offer,
    OpenDay,
    Paid,
    Propose,
    Qualify,
    Resume,
    Submit,
    Take,
    Withdraw,
)
from ledger.market.market import Market, Outcome
from ledger.market.order import Effect
from ledger.market.refusals import BackInTime, OutOfSequence

VERBS: Mapping[type, Callable[[Market, Any], list[Effect]]] = {
    OpenDay: session.open_, CloseDay: session.close, Halt: session.halt, Resume: session.resume,
    Submit: trading.submit, Take: trading.take, Withdraw: trading.withdraw,
    Propose: trading.propose, Counter: trading.counter, Confirm: trading.confirm,
    Decline: trading.decline, Announce: trading.announce, Qualify: trading.qualify,
    Offer: trading.offer, Call: trading.call, Hammer: trading.hammer, Paid: trading.paid,
    Defaulted: trading.defaulted,
}  # fmt: skip


def apply(market: Market, event: AnyEvent) -> Outcome:
    """Take the next event in; the same market and event give the same outcome, always."""
    if event.seq != market.seq + 1:
        raise OutOfSequence(event.seq, market.seq + 1)
    if event.at < market.at:
        raise BackInTime(event.at, market.at)
    market.seq, market.at = event.seq, event.at
    try:
        return Outcome(event.seq, tuple(VERBS[type(event)](market, event)))
    except DomainError as refusal:
        return Outcome(event.seq, refusal=refusal)


def under(events: Iterable[AnyEvent], rules_on: dt.date) -> Iterator[AnyEvent]:
    """Return the same events as they would be under the rules of another day."""
    for event in events:
        yield replace(event, rules_on=rules_on) if isinstance(event, OpenDay) else event
