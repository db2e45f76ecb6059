"""One-way auctions (单向竞价): deposit, floor, ascending rounds; won by price, then by time.

An item sold as a whole (``whole``) is bid up: each bid is at least one step above the best. A
quantity that is shared out is called at rising prices: a bid is at least the price of the round,
and what a bidder once bid stands until he raises it. The hammer gives to the highest price first
and at one price to the oldest bid; a uniform auction clears at the lowest price that won
something, the other at each winner's own.
"""

from typing import Literal

from msgspec import Struct, field

from ledger.market.order import BUY, SELL, Award, Cause, Deposit, Effect, Fill, Withdrawal
from ledger.market.refusals import (
    BidTooLow,
    NotOpen,
    NotQualified,
    NotYours,
    OutOfRange,
    OutsideSize,
    WithOneself,
)

Pricing = Literal["uniform", "pay-as-bid"]
Phase = Literal["open", "hammered"]


class Terms(Struct, frozen=True):
    """What an auction is announced with; prices, quantity and deposit in whole quanta."""

    quantity: int
    floor: int
    step: int
    deposit: int
    pricing: Pricing = "pay-as-bid"
    whole: bool = False


class Bid(Struct):
    """The bid of one party that stands: raised by a later one, never lowered."""

    id: int
    party: str
    price: int
    quantity: int


class Auction(Struct):
    """One auction: its terms, who is qualified, what stands and, once hammered, who won."""

    id: int
    product: str
    seller: str
    terms: Terms
    least: int
    phase: Phase = "open"
    deposits: dict[str, int] = field(default_factory=dict)
    bids: dict[str, Bid] = field(default_factory=dict)
    won: dict[str, Award] = field(default_factory=dict)

    @property
    def offered(self) -> int:
        """What the seller has set aside: all until the hammer, then what is not yet paid for."""
        if self.phase == "open":
            return self.terms.quantity
        return sum(each.quantity for each in self.won.values())

    @property
    def wanted(self) -> list[tuple[str, int]]:
        """What each bidder has set aside for."""
        standing = self.bids if self.phase == "open" else self.won
        return [(party, each.quantity) for party, each in standing.items()]


def qualify(auction: Auction, party: str, deposit: int) -> list[Effect]:
    """Admit a bidder who has paid the deposit."""
    _in_phase(auction, "open")
    if party == auction.seller:
        raise WithOneself(party)
    if deposit != auction.terms.deposit:
        raise NotQualified(party)
    auction.deposits[party] = deposit
    return []


def bid(auction: Auction, offer: Bid) -> list[Effect]:
    """Bid, or raise one's bid; a raise has the time of the raise."""
    _in_phase(auction, "open")
    if offer.party not in auction.deposits:
        raise NotQualified(offer.party)
    if offer.quantity <= 0:
        raise OutOfRange("quantity", offer.quantity)
    terms, before = auction.terms, auction.bids.get(offer.party)
    fewest = terms.quantity if terms.whole else before.quantity if before else 1
    if not fewest <= offer.quantity <= terms.quantity:
        raise OutsideSize(offer.quantity, fewest, terms.quantity)
    least = max(auction.least, before.price if before else 0)
    if terms.whole and auction.bids:
        least = max(each.price for each in auction.bids.values()) + terms.step
    if offer.price < least:
        raise BidTooLow(offer.price, least)
    auction.bids[offer.party] = offer
    return [] if before is None else [_let_go(before, before.quantity, "replaced")]


def call(auction: Auction, party: str, price: int) -> list[Effect]:
    """Open the next round at a price at least one step higher; earlier bids stand."""
    _sellers(auction, party)
    _in_phase(auction, "open")
    if price < auction.least + auction.terms.step:
        raise BidTooLow(price, auction.least + auction.terms.step)
    auction.least = price
    return []


def hammer(auction: Auction, party: str) -> list[Effect]:
    """Share out by price, then time; who wins nothing has his deposit back at once."""
    _sellers(auction, party)
    _in_phase(auction, "open")
    auction.phase = "hammered"
    ranked = sorted(auction.bids.values(), key=lambda each: (-each.price, each.id))
    shares, left = list[int](), auction.terms.quantity
    for each in ranked:
        shares.append(min(left, each.quantity))
        left -= shares[-1]
    clearing = min(
        (each.price for each, share in zip(ranked, shares, strict=True) if share), default=0
    )
    uniform = auction.terms.pricing == "uniform"
    effects: list[Effect] = []
    for each, share in zip(ranked, shares, strict=True):
        if share:
            price = clearing if uniform else each.price
            auction.won[each.party] = Award(auction.id, each.id, each.party, price, share)
            effects.append(auction.won[each.party])
        if share < each.quantity:
            effects.append(_let_go(each, each.quantity - share, "lapsed"))
    if left:
        effects.append(Withdrawal(auction.id, auction.seller, SELL, left, "lapsed"))
    lost = [each for each in auction.deposits if each not in auction.won]
    back = [Deposit(auction.id, each, auction.deposits.pop(each), kept=False) for each in lost]
    return [*effects, *back]


def pay(auction: Auction, party: str) -> list[Effect]:
    """A winner has paid: the trade is done, and his deposit goes back."""
    _winners(auction, party)
    won = auction.won.pop(party)
    return [
        Fill(won.bid, auction.id, BUY, party, auction.seller, won.price, won.quantity),
        Deposit(auction.id, party, auction.deposits.pop(party), kept=False),
    ]


def default(auction: Auction, by: str, party: str) -> list[Effect]:
    """A winner has not paid, as the seller says: his deposit is kept, nothing is traded."""
    _sellers(auction, by)
    _winners(auction, party)
    won = auction.won.pop(party)
    return [
        Deposit(auction.id, party, auction.deposits.pop(party), kept=True),
        Withdrawal(won.bid, party, BUY, won.quantity, "defaulted"),
        Withdrawal(auction.id, auction.seller, SELL, won.quantity, "defaulted"),
    ]


def _let_go(bid: Bid, quantity: int, cause: Cause) -> Withdrawal:
    return Withdrawal(bid.id, bid.party, BUY, quantity, cause)


def _in_phase(auction: Auction, phase: Phase) -> None:
    if auction.phase != phase:
        raise NotOpen(auction.id, auction.phase)


def _sellers(auction: Auction, party: str) -> None:
    if party != auction.seller:
        raise NotYours(auction.id)


def _winners(auction: Auction, party: str) -> None:
    _in_phase(auction, "hammered")
    if party not in auction.won:
        raise NotQualified(party)
