"""The end of a right that nobody surrendered: cancelled of one's own will, or lapsed."""

from dataclasses import dataclass, replace

from ledger.core.draft import Draft
from ledger.core.errors import RuleBroken
from ledger.rights.event import Event
from ledger.rights.facts import Facts
from ledger.rights.registry import BOUGHT_TODAY, FREE, FROZEN, LEASED_IN, PLEDGED


@dataclass(eq=False)
class NoBeneficiary(RuleBroken):
    """A voluntary cancellation names whom it is for, and why."""

    code = "rights.no-beneficiary"
    title = "A voluntary cancellation names its beneficiary and its reason"
    missing: str


@dataclass(eq=False)
class NotEnded(RuleBroken):
    """A right expires after its last day, and only if it has one."""

    code = "rights.not-ended"
    title = "The right has not ended"
    right: str
    ends: str


@dataclass(eq=False)
class NothingToExpire(RuleBroken):
    """The holder has nothing of this right that could expire."""

    code = "rights.nothing-to-expire"
    title = "The holder has nothing of this right"
    right: str


def cancelling(event: Event, facts: Facts) -> Draft:
    """R20: cancel for good, for somebody and for a reason."""
    event.require("voluntary-cancel")
    for name, said in (("beneficiary", event.beneficiary), ("reason", event.reason)):
        if not said.strip():
            raise NoBeneficiary(name)
    book = event.registry
    return event.draft(event.moved(book.sink("Cancelled"), book.holding(event.holder)))


def expiring(event: Event, facts: Facts) -> Draft:
    """R22: let lapse, after its last day, all that a holder has of a right, pledged or not."""
    book = event.registry
    for each in event.rights:
        last = each.ends(event.on)
        if last is None or event.on <= last:
            raise NotEnded(each.commodity.code, str(last))
    held = f"{book.code}:Holding:{event.holder}:"
    postings = [
        line
        for each in event.amounts
        for state in (FREE, BOUGHT_TODAY, PLEDGED, FROZEN, LEASED_IN)
        for code, account in sorted(facts.accounts.items())
        if code.startswith(held + state)
        for there in [facts.at(account.ref, each.commodity)]
        if there.quanta
        for line in replace(event, amounts=(there,)).moved(
            book.sink("Expired"), account.ref, ended=True
        )
    ]
    if not postings:
        raise NothingToExpire(event.amounts[0].commodity.code)
    return event.draft(tuple(postings))
