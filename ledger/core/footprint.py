"""The footprint of a batch: everything of the book that deciding it needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ledger.core.body import TRANSIT_RECORD, TRANSIT_SAID, Body, HoldBody
from ledger.core.command import (
    Annotate,
    Approve,
    Change,
    Cite,
    Command,
    Declare,
    Enter,
    Entrust,
    Item,
    Open,
    Party,
    Place,
    Post,
    Reject,
    Release,
    ReleaseGroup,
    Take,
    Turn,
)

Pair = tuple[str, str]


@dataclass(slots=True)
class Footprint:
    """Ids, accounts, commodities, positions, holds and evidence that a batch names."""

    ids: list[UUID] = field(default_factory=list)
    approved: list[UUID] = field(default_factory=list)
    pairs: set[Pair] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    commodities: set[str] = field(default_factory=set)
    holds: list[UUID] = field(default_factory=list)
    groups: list[UUID] = field(default_factory=list)
    reverses: list[UUID] = field(default_factory=list)
    evidence: list[UUID] = field(default_factory=list)
    parties: list[UUID] = field(default_factory=list)
    closing: list[Pair] = field(default_factory=list)
    cited: list[Pair] = field(default_factory=list)
    entered: dict[str, list[Enter]] = field(default_factory=dict)

    def add(self, body: Body) -> None:
        """Add what posting a body needs."""
        for line in body.postings:
            self.pairs.add((line.account, line.commodity))
        if body.reverses is not None:
            self.reverses.append(body.reverses)
            if body.metadata and TRANSIT_SAID in body.metadata:
                self.cited.append((TRANSIT_RECORD, body.metadata[TRANSIT_SAID]))
        if body.consumes:
            self.holds.extend([each.hold for each in body.consumes])
        if body.metadata:
            self.evidence.extend([id for id, _ in body.evidence if id is not None])

    def add_hold(self, body: HoldBody) -> None:
        """Add what placing a hold needs."""
        self.ids.append(body.id)
        self.holds.append(body.id)
        for line in body.lines:
            self.pairs.add((line.account, line.commodity))
        if body.group is not None:
            self.groups.append(body.group)


def footprint(batch: Sequence[Command]) -> Footprint:
    """Gather what a batch needs; bodies that are approved are added once they are known."""
    found = Footprint()
    for command in batch:
        found.evidence.extend([each.id for each in command.evidence])
        for item in command.items:
            if type(item) is Post:
                found.ids.append(item.body.id)
                found.add(item.body)
            else:
                _add(found, item)
    return found


def _add(found: Footprint, item: Item) -> None:  # noqa: C901, PLR0912 - one for each kind
    match item:
        case Approve() | Reject():
            found.ids.append(item.id)
            found.approved.append(item.id)
        case Annotate():
            found.ids.append(item.transaction)
        case Place():
            found.add_hold(item.body)
        case Take():
            found.ids.append(item.body.id)
            found.holds.extend([each.hold for each in item.body.consumes])
        case Cite():
            found.cited.append((item.what, item.reference))
        case Release():
            found.holds.append(item.id)
        case ReleaseGroup():
            found.groups.append(item.group)
        case Turn():
            found.closing.append((item.entity, item.basis))
        case Declare():
            found.commodities.add(item.commodity.code)
        case Party() | Entrust():
            found.parties.append(item.id)
        case Open() | Change():
            found.accounts.add(item.account.code)
        case Enter():
            found.ids.append(item.id)
            found.entered.setdefault(item.market, []).append(item)
        case _:
            raise AssertionError(item)


def names(pairs: Iterable[Pair]) -> tuple[set[str], set[str]]:
    """Return the accounts and the commodities of positions."""
    pairs = list(pairs)
    return {account for account, _ in pairs}, {commodity for _, commodity in pairs}
