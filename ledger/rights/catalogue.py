"""Every registry event by name: its number in the design, what it needs, and who decides it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ledger.core.draft import Draft
from ledger.core.errors import NotFound, RuleBroken
from ledger.core.refusals import Malformed
from ledger.rights import (
    budget,
    cancellation,
    carry,
    issue,
    pledge,
    reserve,
    surrender,
    transfer,
)
from ledger.rights.event import Event
from ledger.rights.facts import Facts
from ledger.rights.registry import REGISTRY, RIGHTS
from ledger.rights.serials import chosen, joined, spans

Decide = Callable[[Event, Facts], Draft]
MONEY = ("money", "clearing")


@dataclass(eq=False)
class UnknownEvent(NotFound):
    """No registry event has this name."""

    code = "rights.unknown-event"
    title = "No registry event has this name"
    event: str


class Verb(NamedTuple):
    """What an event needs and may say beyond id, day and registry, and what it comes to."""

    number: str
    decide: Decide
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    right: bool = True


CATALOGUE: Mapping[str, Verb] = {
    "cap": Verb("R1", issue.capping, ()),
    "issue": Verb("R2", issue.issuing, ()),
    "assign": Verb("R3", issue.assigning, ("pool",)),
    "allocate": Verb("R4", issue.allocating, ("holder",), ("pool",)),
    "return": Verb("R5", issue.returning, ("holder",), ("pool",)),
    "deliver": Verb("R6", issue.delivering, ("holder",), MONEY),
    "fill": Verb("R9", transfer.filling, ("holder",)),
    "settle": Verb("R10", transfer.settling, ("holder", "to"), MONEY),
    "transfer": Verb("R9-R10", transfer.transferring, ("holder", "to"), (*MONEY, "reason")),
    "roll": Verb("R11", transfer.rolling, ("holder",)),
    "pledge": Verb("R12", pledge.pledging, ("holder", "lender", "reference")),
    "release": Verb("R13", pledge.releasing, ("holder", "lender", "consent")),
    "foreclose": Verb(
        "R14-R15", pledge.foreclosing, ("holder", "lender", "money", "debt", "reason"),
        ("to", "pool", "clearing"),
    ),
    "freeze": Verb("R16", pledge.freezing, ("holder", "reference")),
    "unfreeze": Verb("R16", pledge.unfreezing, ("holder", "reference")),
    "surrender": Verb("R17", surrender.surrendering, ("holder", "year")),
    "unsurrender": Verb("R18", surrender.unsurrendering, ("original", "reason"), right=False),
    "reclaim": Verb("R18", surrender.reclaiming, ("holder", "year")),
    "offset": Verb("R19", surrender.offsetting, ("holder", "year")),
    "cancel": Verb("R20", cancellation.cancelling, ("holder",), ("beneficiary", "reason")),
    "carry": Verb("R21", carry.carrying, ("holder", "into")),
    "accrue": Verb("R2", carry.accruing, ("holder",), ("share",)),
    "expire": Verb("R22", cancellation.expiring, ("holder",)),
    "recover": Verb("R23", reserve.recovering, ("holder",), (*MONEY, "reason")),
    "verify": Verb("R24", surrender.verifying, ("holder", "year")),
    "cut": Verb("R25", reserve.cutting, ("holder", "year")),
    "lease": Verb("R26", transfer.leasing, ("holder", "to"), MONEY),
    "succeed": Verb("R27", transfer.succeeding, ("holder", "to", "reason")),
    "budget-grant": Verb("", budget.granting, ("holder",)),
    "budget-commit": Verb("", budget.committing, ("holder", "reference")),
    "budget-free": Verb("", budget.freeing, ("holder",)),
    "budget-use": Verb("", budget.using, ("holder",)),
    "budget-void": Verb("", budget.voiding, ("holder",)),
    "budget-adjust": Verb("", budget.adjusting, ("holder", "to")),
    "budget-carry": Verb("", budget.carrying, ("holder", "into")),
}  # fmt: skip
SAYS = (
    "pool", "holder", "to", "lender", "year", "into", "money", "debt", "original", "beneficiary",
    "reason", "consent",
)  # fmt: skip
BUDGET = "budget-"
OWN_AMOUNT = ("expire", "unsurrender", "verify")
"""What may be told without an amount, or of nothing."""
OF_ONE_RIGHT = (
    "verify", "surrender", "offset", "reclaim", "carry", "accrue", "cut", "budget-carry",
)  # fmt: skip


@dataclass(eq=False)
class SerialsNotThere(RuleBroken):
    """The units that were named are not where they would be taken from, or not so many."""

    code = "rights.serials-not-there"
    title = "The units named are not there, or not as many as move"
    serials: str


def decide(event: Event, facts: Facts) -> Draft:
    """Draft what an event comes to, or refuse it."""
    draft = checked(event).decide(event, facts)
    if event.serials:
        _require_serials(event, facts, draft)
    return draft


def checked(event: Event) -> Verb:
    """Return what decides an event that says all it needs and nothing else, or refuse it."""
    if event.name not in CATALOGUE:
        raise UnknownEvent(event.name)
    verb = CATALOGUE[event.name]
    for name in verb.needs:
        if not getattr(event, name):
            raise Malformed(name, f"is missing: {event.name} needs it")
    for name in SAYS:
        if getattr(event, name) and name not in (*verb.needs, *verb.may):
            raise Malformed(name, f"is no part of {event.name}")
    if event.to and event.to == event.holder:
        raise Malformed("to", "is the holder itself")
    _check_amounts(event, verb)
    return verb


def _check_amounts(event: Event, verb: Verb) -> None:
    if verb.right != bool(event.amounts):
        raise Malformed("right", "is missing" if verb.right else f"is no part of {event.name}")
    if len(event.amounts) > 1 and event.name in OF_ONE_RIGHT:
        raise Malformed("years", f"{event.name} is of one right")
    if event.serials and len(event.amounts) != 1:
        raise Malformed("serials", "are of one right")
    if any((each.commodity.kind in RIGHTS) == event.name.startswith(BUDGET)
           for each in event.amounts):  # fmt: skip
        raise Malformed("right", f"is nothing that {event.name} is about")
    if event.name not in OWN_AMOUNT and not all(each.quanta for each in event.amounts):
        raise Malformed("amount", "is missing, or nothing")


def _require_serials(event: Event, facts: Facts, draft: Draft) -> None:
    """Refuse named units that are not all where they are taken from, or not as many as move."""
    leaving = [
        line for line in draft.postings
        if line.amount.quanta < 0 and line.account.basis == REGISTRY
    ]  # fmt: skip
    wanted = spans(event.serials)
    blocks = [each for line in leaving for each in facts.blocks.get(line.account.code, ())]
    there = joined(chosen(blocks, wanted))
    moving = -sum(line.amount.quanta for line in leaving)
    if there != wanted or moving != sum(b - a + 1 for a, b in wanted):
        raise SerialsNotThere(event.serials)
