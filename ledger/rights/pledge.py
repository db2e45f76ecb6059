"""Pledge and freeze: set apart for a lender or a court, given back, or sold for the debt."""

from dataclasses import dataclass

from ledger.core.amount import Amount
from ledger.core.draft import Draft, Posting, credit, debit
from ledger.core.errors import RuleBroken
from ledger.rights.event import Event
from ledger.rights.facts import Facts
from ledger.rights.registry import CLEARING, FROZEN, PLEDGED


@dataclass(eq=False)
class NoForeclosure(RuleBroken):
    """A foreclosure goes to one buyer or into the reserve, against payment."""

    code = "rights.no-foreclosure"
    title = "A foreclosure names one buyer or the reserve, what is paid, and the debt"
    missing: str


def pledging(event: Event, facts: Facts) -> Draft:
    """R12: set apart for the lender; it can then neither be sold nor surrendered."""
    event.require("pledge")
    book = event.registry
    pledged = book.holding(event.holder, PLEDGED, event.lender)
    return event.draft(event.moved(pledged, book.holding(event.holder)))


def releasing(event: Event, facts: Facts) -> Draft:
    """R13: give back what was pledged; the lender's consent is on record."""
    book = event.registry
    pledged = book.holding(event.holder, PLEDGED, event.lender)
    return event.draft(event.moved(book.holding(event.holder), pledged, ended=True))


def foreclosing(event: Event, facts: Facts) -> Draft:
    """R14, R15: sell what was pledged; the lender gets the debt, the holder what is left."""
    book = event.registry
    if event.money is None or event.debt is None or bool(event.to) == bool(event.pool):
        raise NoForeclosure("money" if not event.money else "debt" if not event.debt else "to")
    pledged = book.holding(event.holder, PLEDGED, event.lender)
    to = book.holding(event.to) if event.to else book.pool(event.pool)
    fund = event.cash.at("Reserve:Fund", CLEARING)
    payer = event.cash.client(event.to) if event.to else fund
    return event.draft(
        (*event.moved(to, pledged), debit(payer, event.money), *_shared(event, event.debt))
    )


def freezing(event: Event, facts: Facts) -> Draft:
    """R16: freeze by order of a court."""
    book = event.registry
    frozen = book.holding(event.holder, FROZEN)
    return event.draft(event.moved(frozen, book.holding(event.holder), ended=True))


def unfreezing(event: Event, facts: Facts) -> Draft:
    """R16: set free by order of the court that froze it."""
    book = event.registry
    frozen = book.holding(event.holder, FROZEN)
    return event.draft(event.moved(book.holding(event.holder), frozen, ended=True))


def _shared(event: Event, debt: Amount) -> tuple[Posting, ...]:
    """Share what is paid: the debt to the lender first, the rest to the holder."""
    assert event.money is not None
    owed = min(debt.quanta, event.money.quanta)
    lender = credit(event.cash.client(event.lender), Amount(owed, debt.commodity))
    if owed == event.money.quanta:
        return (lender,)
    rest = Amount(event.money.quanta - owed, debt.commodity)
    return lender, credit(event.cash.client(event.holder), rest)
