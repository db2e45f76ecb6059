"""The authority's reserve and its cut: bought back, recovered, cut from the next allocation."""

from dataclasses import dataclass

from ledger.core.amount import Amount
from ledger.core.draft import Draft, credit, debit
from ledger.core.errors import RuleBroken
from ledger.rights.event import Event
from ledger.rights.facts import Facts
from ledger.rights.payment import paid_or_reasoned
from ledger.rights.registry import CLEARING, CUT, OBLIGATION


@dataclass(eq=False)
class NotWhatIsMissing(RuleBroken):
    """A penalty cut is never more than what is missing."""

    code = "rights.not-what-is-missing"
    title = "The cut is more than what is missing"
    amount: str
    missing: str


def recovering(event: Event, facts: Facts) -> Draft:
    """R23: take into the reserve, bought (M9), or free of charge with the reason."""
    event.require("buy-back")
    book = event.registry
    fund = event.cash.at("Reserve:Fund", CLEARING)
    money = paid_or_reasoned(event, fund, event.cash.client(event.holder))
    return event.draft((*event.moved(book.pool("Reserve"), book.holding(event.holder)), *money))


def cutting(event: Event, facts: Facts) -> Draft:
    """R25: cut from the next allocation what a holder failed to surrender for a year."""
    book, owed = event.registry, event.instrument.owed(event.year)
    obligation = book.compliance(event.holder, OBLIGATION)
    missing = facts.at(obligation, owed)
    cut = Amount.exactly(event.amounts[0].value, owed)
    if cut.quanta > missing.quanta:
        raise NotWhatIsMissing(str(cut), str(missing))
    memo = (debit(obligation, cut), credit(book.compliance(event.holder, CUT), cut))
    moved = event.moved(book.pool("Cut"), book.pool("Allocation"), ended=True)
    return event.draft((*moved, *memo))
