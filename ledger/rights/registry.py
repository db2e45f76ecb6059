"""The life of a right: issued, allocated, moved, surrendered or cancelled; facts in, drafts out."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from ledger.core.account import AccountRef
from ledger.core.amount import Amount
from ledger.core.draft import Draft, credit, debit
from ledger.core.errors import RuleBroken
from ledger.rights.instrument import Instrument

YES = "yes"


@dataclass(eq=False)
class NotSurrenderable(RuleBroken):
    """This right does not count against an obligation."""

    code = "rights.not-surrenderable"
    title = "This right does not count against an obligation"
    instrument: str


@dataclass(eq=False)
class NotCancellable(RuleBroken):
    """This right cannot be cancelled of one's own will."""

    code = "rights.not-cancellable"
    title = "This right cannot be cancelled voluntarily"
    instrument: str


@dataclass(eq=False)
class NoBeneficiary(RuleBroken):
    """A voluntary cancellation names whom it is for, and why."""

    code = "rights.no-beneficiary"
    title = "A voluntary cancellation names its beneficiary and its reason"
    missing: str


@dataclass(frozen=True, slots=True)
class Event:
    """What every registry event says: its id, its day, how much of what, and in which words."""

    id: UUID
    on: dt.date
    instrument: Instrument
    amount: Amount
    narrative: str
    reference: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)

    def draft(self, kind: str, to: AccountRef, source: AccountRef, **more: str) -> Draft:
        """Draft a movement of the right, in whole lots of that day."""
        self.instrument.check_lot(self.amount, self.on)
        return Draft(
            id=self.id,
            kind=kind,
            effective_on=self.on,
            narrative=self.narrative,
            reference=self.reference,
            metadata={**self.metadata, **more},
            postings=(debit(to, self.amount), credit(source, self.amount)),
        )


def issuing(event: Event, *, pool: AccountRef, issued: AccountRef) -> Draft:
    """R2: create the right in the pool; ``issued`` counts what was ever created."""
    return event.draft("right.issue", pool, issued)


def allocating(event: Event, *, holding: AccountRef, pool: AccountRef) -> Draft:
    """R3, R4: move what was issued from the pool to a holder or to another pool."""
    return event.draft("right.allocate", holding, pool)


def rolling(event: Event, *, free: AccountRef, bought_today: AccountRef) -> Draft:
    """R11: what was bought yesterday may be sold from today."""
    return event.draft("right.roll", free, bought_today)


def surrendering(event: Event, *, sink: AccountRef, holding: AccountRef) -> Draft:
    """R17: give the right back to the authority against an obligation."""
    if event.instrument.rule("surrender", event.on).value != YES:
        raise NotSurrenderable(event.instrument.id)
    return event.draft("right.surrender", sink, holding)


def cancelling(
    event: Event, *, sink: AccountRef, holding: AccountRef, beneficiary: str, reason: str
) -> Draft:
    """R20: cancel the right for good, for somebody and for a reason."""
    if event.instrument.rule("voluntary-cancel", event.on).value != YES:
        raise NotCancellable(event.instrument.id)
    for name, said in (("beneficiary", beneficiary), ("reason", reason)):
        if not said.strip():
            raise NoBeneficiary(name)
    return event.draft("right.cancel", sink, holding, beneficiary=beneficiary, reason=reason)
