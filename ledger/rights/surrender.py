"""What a holder owes for a year and how it is cleared: surrendered, offset, taken back."""

from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal

from ledger.core.amount import Amount, Commodity
from ledger.core.draft import Draft, Posting, credit, debit, posting
from ledger.core.errors import RuleBroken
from ledger.core.refusals import Malformed
from ledger.rights.event import Event
from ledger.rights.facts import Facts
from ledger.rights.instrument import Instrument, find
from ledger.rights.registry import (
    CLEARED,
    EMISSION,
    EXCESS,
    OBLIGATION,
    OFFSET_ROOM,
    OFFSET_USED,
)

NATIONAL = "cea"
"""Whose obligations offsets count against."""


@dataclass(eq=False)
class OverObligation(RuleBroken):
    """More would be surrendered than is owed."""

    code = "rights.over-obligation"
    title = "More would be surrendered than is owed"
    amount: str
    owed: str


@dataclass(eq=False)
class OverOffset(RuleBroken):
    """More would be offset than the rule allows."""

    code = "rights.over-offset"
    title = "More would be offset than the rule allows"
    amount: str
    left: str


@dataclass(eq=False)
class NotSurrendered(RuleBroken):
    """Only what a holder itself surrendered of this right comes back to it."""

    code = "rights.not-surrendered"
    title = "The holder did not surrender as much of this right"
    right: str
    amount: str
    surrendered: str


@dataclass(eq=False)
class TooLate(RuleBroken):
    """A surrender is taken back within its window only."""

    code = "rights.too-late"
    title = "A surrender can no longer be taken back"
    surrendered: str
    days: str


def offset_max(rules: Instrument, emission: Amount, event: Event) -> int:
    """Return how much may be offset of verified emissions: rounded down, as the rule says."""
    share = rules.number("offset-max", event.on)
    return int((emission.quanta * share).to_integral_value(ROUND_FLOOR))


def verifying(event: Event, facts: Facts) -> Draft:
    """R24: state the verified emissions of a year; a correction states the new total.

    What was surrendered beyond a lower total stands in excess, and is returned by ``reclaim``.
    """
    rules, owed = event.instrument, event.instrument.owed(event.year)
    at = {name: event.registry.compliance(event.holder, name) for name in
          (EMISSION, OBLIGATION, EXCESS, OFFSET_ROOM, OFFSET_USED)}  # fmt: skip
    before = facts.at(at[EMISSION], owed)
    now = Amount.exactly(event.amounts[0].value, owed)
    more = now.quanta - before.quanta
    left = facts.at(at[OBLIGATION], owed).quanta
    excess = facts.at(at[EXCESS], owed).quanta
    to_excess = -min(excess, more) if more > 0 else max(-more - left, 0)
    lines = [(at[EMISSION], more), (at[EXCESS], to_excess), (at[OBLIGATION], -more - to_excess)]
    room = facts.at(at[OFFSET_ROOM], owed).quanta
    used = facts.at(at[OFFSET_USED], owed).quanta
    change = max(offset_max(rules, now, event) - used, 0) - room
    contra = event.registry.compliance(event.holder, "Contra")
    lines += [(at[OFFSET_ROOM], change), (contra, -change)]
    return event.draft(
        tuple(posting(account, Amount(quanta, owed)) for account, quanta in lines if quanta)
    )


def surrendering(event: Event, facts: Facts) -> Draft:
    """R17: give back to the authority against the obligation of a year."""
    event.require("surrender")
    owed = event.instrument.owed(event.year)
    memo = _cleared(event, facts, owed)
    book = event.registry
    sink = book.sink("Surrendered", event.year)
    return event.draft((*event.moved(sink, book.holding(event.holder), ended=True), *memo))


def offsetting(event: Event, facts: Facts) -> Draft:
    """R19: use reductions against an obligation, up to the share that the rule allows."""
    event.require("offset")
    book, owed = event.registry, find(NATIONAL).owed(event.year)
    used = _counted(event, owed)
    room = book.compliance(event.holder, OFFSET_ROOM)
    left = facts.at(room, owed)
    if used.quanta > left.quanta:
        raise OverOffset(str(used), str(left))
    moved = event.moved(book.sink("Offset", event.year), book.holding(event.holder))
    memo = (debit(book.compliance(event.holder, OFFSET_USED), used), credit(room, used))
    return event.draft((*moved, *_cleared(event, facts, owed), *memo))


def unsurrendering(event: Event, facts: Facts) -> Draft:
    """R18: take a surrender back by its mirror, once, within the window of its rule."""
    original = facts.original
    if original is None or original.kind != "right.surrender" or original.reverses:
        raise Malformed("original", "is no surrender")
    code = next(line.amount.commodity.instrument for line in original.postings)
    days = find(code).rule("surrender-reversal-days", event.on).value
    if (event.on - original.effective_on).days > int(days):
        raise TooLate(original.effective_on.isoformat(), days)
    mirror = original.reversed(id=event.id, on=event.on, narrative=event.narrative)
    year = {"year": original.metadata.get("year", "")}
    return replace(mirror, metadata={**event.metadata, **year})


def reclaiming(event: Event, facts: Facts) -> Draft:
    """Return what was surrendered beyond a total that was corrected downwards."""
    book, owed = event.registry, event.instrument.owed(event.year)
    excess = book.compliance(event.holder, EXCESS)
    amount, left = _counted(event, owed), facts.at(excess, owed)
    if amount.quanta > left.quanta:
        raise OverObligation(str(amount), str(left))
    if event.amounts[0].quanta > facts.surrendered:
        given_up = Amount(facts.surrendered, event.amounts[0].commodity)
        raise NotSurrendered(given_up.commodity.code, str(amount), str(given_up))
    sink = book.sink("Surrendered", event.year)
    memo = (debit(book.compliance(event.holder, CLEARED), amount), credit(excess, amount))
    return event.draft((*event.moved(book.holding(event.holder), sink, ended=True), *memo))


def _cleared(event: Event, facts: Facts, owed: Commodity) -> tuple[Posting, ...]:
    book, amount = event.registry, _counted(event, owed)
    obligation = book.compliance(event.holder, OBLIGATION)
    left = facts.at(obligation, owed)
    if amount.quanta > left.quanta:
        raise OverObligation(str(amount), str(left))
    return debit(obligation, amount), credit(book.compliance(event.holder, CLEARED), amount)


def _counted(event: Event, owed: Commodity) -> Amount:
    return Amount.exactly(sum((each.value for each in event.amounts), Decimal(0)), owed)
