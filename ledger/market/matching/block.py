"""Block trades (大宗协议): proposed to one counterparty, countered, confirmed by the other side."""

from msgspec import Struct

from ledger.market.order import Cause, Effect, Fill, Withdrawal
from ledger.market.refusals import NotYours, NotYourTurn, TermsDiffer, UnknownOrder, WithOneself


class Proposal(Struct):
    """Terms between two parties; ``stated_by`` has agreed to them, the other answers."""

    id: int
    product: str
    party: str
    counterparty: str
    side: int
    price: int
    quantity: int
    stated_by: str

    def side_of(self, party: str) -> int:
        """Return whether a party buys or sells under it."""
        return self.side if party == self.party else -self.side

    def let_go(self, cause: Cause) -> Withdrawal:
        """Free what the one who stated the terms had set aside for them."""
        who = self.stated_by
        return Withdrawal(self.id, who, self.side_of(who), self.quantity, cause)


Proposals = dict[int, Proposal]


def propose(proposals: Proposals, proposal: Proposal, *, one_group: bool) -> list[Effect]:
    """State the first terms to a counterparty of another group."""
    if one_group or proposal.party == proposal.counterparty:
        raise WithOneself(proposal.party)
    proposals[proposal.id] = proposal
    return []


def counter(proposals: Proposals, id: int, party: str, price: int, quantity: int) -> list[Effect]:
    """State other terms; either side may, and the other then answers."""
    proposal = of(proposals, id, party)
    effects: list[Effect] = [proposal.let_go("replaced")]
    proposal.price, proposal.quantity, proposal.stated_by = price, quantity, party
    return effects


def confirm(
    proposals: Proposals, id: int, seq: int, party: str, price: int, quantity: int
) -> list[Effect]:
    """Agree to the terms as they stand, which the one who confirms repeats: the trade is done."""
    proposal = of(proposals, id, party)
    if proposal.stated_by == party:
        raise NotYourTurn(id)
    if (proposal.price, proposal.quantity) != (price, quantity):
        raise TermsDiffer(proposal.price, proposal.quantity)
    del proposals[id]
    side = proposal.side_of(party)
    return [Fill(seq, id, side, party, proposal.stated_by, price, quantity)]


def decline(proposals: Proposals, id: int, party: str) -> list[Effect]:
    """End the talks; either side may."""
    proposal = of(proposals, id, party)
    del proposals[id]
    return [proposal.let_go("asked")]


def of(proposals: Proposals, id: int, party: str) -> Proposal:
    """Return a proposal to one of its two sides."""
    proposal = proposals.get(id)
    if proposal is None:
        raise UnknownOrder(id)
    if party not in (proposal.party, proposal.counterparty):
        raise NotYours(id)
    return proposal
