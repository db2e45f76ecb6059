"""From the cap to the holder: approved, issued, earmarked, allocated, returned, delivered."""

from dataclasses import dataclass

from ledger.core.draft import Draft, credit, debit
from ledger.core.errors import RuleBroken
from ledger.rights.event import Event
from ledger.rights.facts import Facts
from ledger.rights.payment import paid
from ledger.rights.registry import CLEARING, ISSUED


@dataclass(eq=False)
class OverCap(RuleBroken):
    """More would be issued than the cap allows."""

    code = "rights.over-cap"
    title = "More would be issued than the cap allows"
    right: str
    amount: str
    left: str


def capping(event: Event, facts: Facts) -> Draft:
    """R1: approve a cap; what of it is not issued yet stands in a memo of its own."""
    event.require("cap")
    book = event.registry
    return event.draft(
        tuple(
            line
            for each in event.amounts
            for line in (debit(book.cap("Unissued"), each), credit(book.cap("Authorised"), each))
        )
    )


def issuing(event: Event, facts: Facts) -> Draft:
    """R2: create the right in the pool, within the cap where it has one."""
    book = event.registry
    moved = event.moved(book.pool("Total"), book.at(ISSUED))
    if not event.instrument.allows("cap", event.on):
        return event.draft(moved)
    for each in event.amounts:
        left = facts.at(book.cap("Unissued"), each.commodity)
        if each.quanta > left.quanta:
            raise OverCap(each.commodity.code, str(each), str(left))
    memo = tuple(
        line
        for each in event.amounts
        for line in (debit(book.cap("Issued"), each), credit(book.cap("Unissued"), each))
    )
    return event.draft((*moved, *memo))


def assigning(event: Event, facts: Facts) -> Draft:
    """R3: earmark what was issued for allocation, auction, new entrants, adjustment, reserve."""
    book = event.registry
    return event.draft(event.moved(book.pool(event.pool), book.pool("Total")))


def allocating(event: Event, facts: Facts) -> Draft:
    """R4: give out free of charge, from the pool of allocation or another that is named."""
    book = event.registry
    return event.draft(
        event.moved(book.holding(event.holder), book.pool(event.pool or "Allocation"))
    )


def returning(event: Event, facts: Facts) -> Draft:
    """R5: take back what was allocated in excess."""
    book = event.registry
    return event.draft(
        event.moved(book.pool(event.pool or "Allocation"), book.holding(event.holder))
    )


def delivering(event: Event, facts: Facts) -> Draft:
    """R6: deliver what was won at auction, against payment to the treasury (M6)."""
    book = event.registry
    money = paid(event, event.cash.client(event.holder), event.cash.at("Due:Treasury", CLEARING))
    return event.draft((*event.moved(book.holding(event.holder), book.pool("Auction")), *money))
