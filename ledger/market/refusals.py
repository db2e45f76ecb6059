"""What a market refuses: each a rule of the venue or an event that does not fit, with its facts."""

from dataclasses import dataclass

from ledger.core.errors import Conflict, NotFound, RuleBroken


@dataclass(eq=False)
class UnknownVenue(NotFound):
    """No venue has this id."""

    code = "market.unknown-venue"
    title = "No venue has this id"
    venue: str


@dataclass(eq=False)
class NoVenueRule(NotFound):
    """The venue had no rule of this name on that day."""

    code = "market.no-rule"
    title = "The venue had no rule of this name on that day"
    venue: str
    rule: str
    on: str


@dataclass(eq=False)
class OutOfSequence(Conflict):
    """Events of a market are numbered without a gap, and time does not run back."""

    code = "market.out-of-sequence"
    title = "The event is not the next one of this market"
    seq: int
    expected: int


@dataclass(eq=False)
class BackInTime(Conflict):
    """The time of an event is never before that of the event in front of it."""

    code = "market.back-in-time"
    title = "The event is of a time before the last one"
    at: int
    last: int


@dataclass(eq=False)
class DayOpen(Conflict):
    """One day is closed before the next one opens."""

    code = "market.day-open"
    title = "The day before has not been closed"
    day: str


@dataclass(eq=False)
class NoClose(RuleBroken):
    """Where the exchange forms a composite close, it must be stated."""

    code = "market.no-close"
    title = "The composite close is stated by the exchange, and is missing"
    product: str


@dataclass(eq=False)
class UnknownProduct(NotFound):
    """This product is not traded on this day."""

    code = "market.unknown-product"
    title = "This product is not traded on this day"
    product: str


@dataclass(eq=False)
class UnknownOrder(NotFound):
    """No open order has this number."""

    code = "market.unknown-order"
    title = "No open order has this number"
    order: int


@dataclass(eq=False)
class UnknownOrderId(NotFound):
    """The book has no order of this id, or it is another party's."""

    code = "market.unknown-id"
    title = "There is no order of this id"
    id: str


@dataclass(eq=False)
class UnknownAuction(NotFound):
    """No auction that is not over has this number."""

    code = "market.unknown-auction"
    title = "No auction under way has this number"
    auction: int


@dataclass(eq=False)
class WrongMode(RuleBroken):
    """This event does not belong to that way of trading."""

    code = "market.wrong-mode"
    title = "Such an order does not belong to this way of trading"
    mode: str


@dataclass(eq=False)
class NotYours(RuleBroken):
    """The order, proposal or auction belongs to somebody else."""

    code = "market.not-yours"
    title = "It is not this party's to change"
    number: int


@dataclass(eq=False)
class MarketClosed(RuleBroken):
    """This way of trading is not open at that time."""

    code = "market.closed"
    title = "This way of trading is not open at that time"
    mode: str
    at: str


@dataclass(eq=False)
class Halted(RuleBroken):
    """Trading in the product, or by the party, is halted."""

    code = "market.halted"
    title = "Trading is halted"
    subject: str


@dataclass(eq=False)
class OutOfRange(RuleBroken):
    """A quantity or a price is a whole number above zero that the ledger can book."""

    code = "market.out-of-range"
    title = "Quantity and price must be above zero, and small enough to be booked"
    field: str
    value: int


@dataclass(eq=False)
class OffStep(RuleBroken):
    """A quantity is a whole number of lots, a price a whole number of ticks."""

    code = "market.off-step"
    title = "Not a whole number of lots or ticks"
    field: str
    value: int
    step: int


@dataclass(eq=False)
class OutsideSize(RuleBroken):
    """The quantity is too small or too large for this way of trading."""

    code = "market.size"
    title = "The quantity is not allowed for this way of trading"
    quantity: int
    fewest: int | None
    most: int | None


@dataclass(eq=False)
class OutsideBand(RuleBroken):
    """The price lies outside the day's band."""

    code = "market.band"
    title = "The price lies outside the day's band"
    price: int
    low: int
    high: int


@dataclass(eq=False)
class Crosses(RuleBroken):
    """A listing must not stand at a price at which the other side could be taken."""

    code = "market.crosses"
    title = "A better listing of the other side stands: take it instead"
    price: int


@dataclass(eq=False)
class WorsePicked(RuleBroken):
    """Price levels are taken in order: a better one still has quantity of others."""

    code = "market.worse-picked"
    title = "A better price level has not been taken up"
    order: int
    better_price: int


@dataclass(eq=False)
class BeyondLevels(RuleBroken):
    """Only orders within the best levels may be picked."""

    code = "market.beyond-levels"
    title = "Only orders within the best price levels may be picked"
    order: int
    levels: int


@dataclass(eq=False)
class TooMuchPicked(RuleBroken):
    """An order has less open quantity than was picked, or was picked twice."""

    code = "market.too-much-picked"
    title = "More was picked than the order has"
    order: int
    open: int


@dataclass(eq=False)
class WithOneself(RuleBroken):
    """Nobody trades with himself or his own group."""

    code = "market.self-trade"
    title = "Both sides belong to one group"
    party: str


@dataclass(eq=False)
class TermsDiffer(RuleBroken):
    """What is confirmed are the terms that stand, and no others."""

    code = "market.terms-differ"
    title = "The terms are not those that stand now"
    price: int
    quantity: int


@dataclass(eq=False)
class NotYourTurn(RuleBroken):
    """The other side answers terms, not the one who stated them."""

    code = "market.not-your-turn"
    title = "The other side must answer these terms"
    number: int


@dataclass(eq=False)
class NotSellable(RuleBroken):
    """More is offered than may be sold today; what was bought today may not."""

    code = "market.not-sellable"
    title = "More than may be sold today"
    sellable: int


@dataclass(eq=False)
class PositionLimit(RuleBroken):
    """The order could carry the party's holding beyond its limit."""

    code = "market.position-limit"
    title = "The order could carry the holding beyond its limit"
    limit: int


@dataclass(eq=False)
class NotQualified(RuleBroken):
    """Only who has paid the deposit may bid, and only who won may pay."""

    code = "market.not-qualified"
    title = "Not admitted to this step of the auction"
    party: str


@dataclass(eq=False)
class BidTooLow(RuleBroken):
    """A bid is at least the price called, and never below the bidder's own earlier one."""

    code = "market.bid-too-low"
    title = "The bid is below what the auction asks for"
    price: int
    least: int


@dataclass(eq=False)
class NotOpen(RuleBroken):
    """The auction is in another phase."""

    code = "market.auction-phase"
    title = "The auction is in another phase"
    auction: int
    phase: str
