"""From holder to holder: sold, filled and settled, rolled to the next day, inherited, leased."""

from ledger.core.account import AccountRef
from ledger.core.draft import Draft
from ledger.rights.event import Event
from ledger.rights.facts import Facts
from ledger.rights.payment import paid, paid_or_reasoned
from ledger.rights.registry import BOUGHT_TODAY, FREE, LEASED_IN, SETTLE


def transferring(event: Event, facts: Facts) -> Draft:
    """R9 and R10 at once, or without price with the reason: from one holder to another."""
    event.require("transfer")
    money = paid_or_reasoned(event, event.cash.client(event.to), event.cash.client(event.holder))
    moved = event.moved(_bought(event), event.registry.holding(event.holder))
    return event.draft((*moved, *money))


def filling(event: Event, facts: Facts) -> Draft:
    """R9: set aside what was sold, for settlement the same day."""
    event.require("transfer")
    book = event.registry
    return event.draft(event.moved(book.at(SETTLE), book.holding(event.holder)))


def settling(event: Event, facts: Facts) -> Draft:
    """R10: deliver what was set aside, against payment (M3)."""
    money = paid(event, event.cash.client(event.to), event.cash.client(event.holder))
    moved = event.moved(_bought(event), event.registry.at(SETTLE), ended=True)
    return event.draft((*moved, *money))


def rolling(event: Event, facts: Facts) -> Draft:
    """R11: what was bought on an earlier day may be sold from today."""
    book = event.registry
    bought = book.holding(event.holder, BOUGHT_TODAY)
    return event.draft(event.moved(book.holding(event.holder), bought))


def succeeding(event: Event, facts: Facts) -> Draft:
    """R27: pass to a successor, by merger, division or inheritance; there is no price."""
    book = event.registry
    return event.draft(event.moved(book.holding(event.to), book.holding(event.holder)))


def leasing(event: Event, facts: Facts) -> Draft:
    """R26: let the years of the lease; nothing comes back, each year ends by its expiry."""
    event.require("lease")
    book = event.registry
    money = paid(event, event.cash.client(event.to), event.cash.client(event.holder))
    moved = event.moved(book.holding(event.to, LEASED_IN), book.holding(event.holder))
    return event.draft((*moved, *money))


def _bought(event: Event) -> AccountRef:
    """Say where what is bought stands until the next day, by the rule of that day."""
    rules, on = event.instrument, event.on
    stated = any(each.name == "bought-today-sellable" and each.holds(on) for each in rules.rules)
    state = BOUGHT_TODAY if stated and not rules.allows("bought-today-sellable", on) else FREE
    return event.registry.holding(event.to, state)
