"""Budgets of energy or carbon, which are no rights: granted, committed, used, carried or void."""

from ledger.core.amount import Amount
from ledger.core.draft import Draft, credit, debit
from ledger.core.refusals import Malformed
from ledger.rights.event import Event
from ledger.rights.facts import Facts
from ledger.rights.registry import AVAILABLE, CARRIED, COMMITTED, GRANTED, USED, VOID


def granting(event: Event, facts: Facts) -> Draft:
    """Grant a holder what may be used in a year."""
    book = event.registry
    return event.draft(
        event.moved(book.budget(event.holder, AVAILABLE), book.budget(event.holder, GRANTED))
    )


def committing(event: Event, facts: Facts) -> Draft:
    """Bind a part of the budget to a project that was approved."""
    return _shifted(event, COMMITTED, AVAILABLE)


def freeing(event: Event, facts: Facts) -> Draft:
    """Free what was bound and is not needed."""
    return _shifted(event, AVAILABLE, COMMITTED)


def using(event: Event, facts: Facts) -> Draft:
    """Record what was used of what was bound, also after the year's end."""
    return _shifted(event, USED, COMMITTED, ended=True)


def voiding(event: Event, facts: Facts) -> Draft:
    """Let lapse what was not used."""
    return _shifted(event, VOID, AVAILABLE, ended=True)


def adjusting(event: Event, facts: Facts) -> Draft:
    """Pass a part of the budget to another holder within the year."""
    event.require("transfer")
    book = event.registry
    return event.draft(
        event.moved(book.budget(event.to, AVAILABLE), book.budget(event.holder, AVAILABLE))
    )


def carrying(event: Event, facts: Facts) -> Draft:
    """Carry what was not used into a later year's budget, where the rule allows it."""
    event.require("carry-over")
    book, (amount,) = event.registry, event.amounts
    if event.into is None or event.into.instrument is not event.instrument:
        raise Malformed("into", "is no budget of the same kind")
    available = book.budget(event.holder, AVAILABLE)
    later = Amount(amount.quanta, event.into.commodity)
    moved = event.moved(book.budget(event.holder, CARRIED), available, ended=True)
    new = (debit(available, later), credit(book.budget(event.holder, GRANTED), later))
    return event.draft((*moved, *new))


def _shifted(event: Event, to: str, source: str, *, ended: bool = False) -> Draft:
    book, holder = event.registry, event.holder
    moved = event.moved(book.budget(holder, to), book.budget(holder, source), ended=ended)
    return event.draft(moved)
