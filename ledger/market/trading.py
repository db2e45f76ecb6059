"""What parties do in a market: each verb checks first, then lets orders meet, and sets aside."""

from collections.abc import Sequence

from ledger.market.admission import check_quantity, check_terms, traded
from ledger.market.calendar import moment
from ledger.market.events import (
    Announce,
    Call,
    Confirm,
    Counter,
    Decline,
    Defaulted,
    Hammer,
    Offer,
    Paid,
    Propose,
    Qualify,
    Submit,
    Take,
    Withdraw,
)
from ledger.market.market import Market, Product, Turnover
from ledger.market.matching import auction, block, continuous, listing
from ledger.market.matching.auction import Auction, Bid
from ledger.market.matching.block import Proposal
from ledger.market.order import BUY, SELL, Effect, Fill, Order, Withdrawal
from ledger.market.refusals import (
    MarketClosed,
    NotYours,
    OffStep,
    OutOfRange,
    UnknownAuction,
    UnknownOrder,
    WrongMode,
)
from ledger.market.rules import Mode


def submit(market: Market, event: Submit) -> list[Effect]:
    """An order comes in: it meets the book at once, or is listed, as its way of trading says."""
    mode, seq, party = event.mode, event.seq, event.party
    if mode not in ("continuous", "listing", "fixed-price"):
        raise WrongMode(mode)
    day, product = traded(market, mode, event.at, event.product, party)
    check_terms(day.rules, product, mode, event.price, event.quantity)
    product.positions.check(party, event.side, event.quantity)
    order = Order(seq, party, day.group(party), event.side, event.price, event.quantity)
    if mode == "continuous":
        effects = continuous.submit(product.books[mode], order, day.rules.self_trade)
    else:
        effects = listing.post(product.books[mode], order)
    product.positions.set_aside(party, event.side, event.quantity)
    _count(product, mode, effects)
    return effects


def take(market: Market, event: Take) -> list[Effect]:
    """Listings are taken by name."""
    mode, party = event.mode, event.party
    if mode not in ("listing", "fixed-price"):
        raise WrongMode(mode)
    day, product = traded(market, mode, event.at, event.product, party)
    quantity = sum(each for _, each in event.picks)
    check_quantity(day.rules, mode, quantity)
    for _, each in event.picks:
        if each % day.rules.lot:
            raise OffStep("quantity", each, day.rules.lot)
    product.positions.check(party, event.side, quantity)
    taker = Order(event.seq, party, day.group(party), event.side, 0, quantity)
    levels = day.rules.levels if mode == "listing" else None
    effects = listing.take(product.books[mode], taker, event.picks, levels)
    product.positions.set_aside(party, event.side, quantity)
    _count(product, mode, effects)
    return effects


def withdraw(market: Market, event: Withdraw) -> list[Effect]:
    """A party takes its open order back; halted or not, as long as the day lasts."""
    if market.day is None:
        raise UnknownOrder(event.order)
    product = market.day.product(event.product)
    book = next((each for each in product.books.values() if event.order in each.orders), None)
    if book is None:
        raise UnknownOrder(event.order)
    order = book.orders[event.order]
    if order.party != event.party:
        raise NotYours(event.order)
    quantity = book.withdraw(event.order)
    gone = Withdrawal(event.order, event.party, order.side, quantity, "asked")
    product.positions.set_aside(event.party, order.side, -quantity)
    return [gone]


def propose(market: Market, event: Propose) -> list[Effect]:
    """A block trade is proposed; what it takes is set aside for the proposer."""
    party, other = event.party, event.counterparty
    day, product = traded(market, "block", event.at, event.product, party, other)
    check_terms(day.rules, product, "block", event.price, event.quantity)
    product.positions.check(party, event.side, event.quantity)
    proposal = Proposal(
        event.seq, event.product, party, other, event.side, event.price, event.quantity, party
    )
    one_group = day.group(party) == day.group(other)
    effects = block.propose(market.proposals, proposal, one_group=one_group)
    product.positions.set_aside(party, event.side, event.quantity)
    return effects


def counter(market: Market, event: Counter) -> list[Effect]:
    """Other terms; they are now set aside for whoever stated them."""
    proposal, product = _proposal(market, event, trading=True)
    side, own = proposal.side_of(event.party), proposal.stated_by == event.party
    product.positions.check(
        event.party, side, event.quantity, freed=proposal.quantity if own else 0
    )
    effects = block.counter(market.proposals, proposal.id, event.party, event.price, event.quantity)
    product.positions.set_aside(event.party, side, event.quantity)
    _count(product, "block", effects)
    return effects


def confirm(market: Market, event: Confirm) -> list[Effect]:
    """The other side agrees: a block trade is done."""
    proposal, product = _proposal(market, event, trading=True)
    side = proposal.side_of(event.party)
    if proposal.stated_by != event.party:
        product.positions.check(event.party, side, event.quantity)
    effects = block.confirm(
        market.proposals, proposal.id, event.seq, event.party, event.price, event.quantity
    )
    product.positions.set_aside(event.party, side, event.quantity)
    _count(product, "block", effects)
    return effects


def decline(market: Market, event: Decline) -> list[Effect]:
    """The talks end, and nothing stays set aside."""
    proposal, product = _proposal(market, event, trading=False)
    effects = block.decline(market.proposals, proposal.id, event.party)
    _count(product, "block", effects)
    return effects


def announce(market: Market, event: Announce) -> list[Effect]:
    """An auction begins; what is sold is set aside."""
    terms, party = event.terms, event.party
    day, product = traded(market, "auction", event.at, event.product, party)
    check_terms(day.rules, product, "auction", terms.floor, terms.quantity)
    if terms.step <= 0 or terms.step % day.rules.tick:
        raise OffStep("step", terms.step, day.rules.tick)
    if terms.deposit < 0:
        raise OutOfRange("deposit", terms.deposit)
    product.positions.check(party, SELL, terms.quantity)
    market.auctions[event.seq] = Auction(event.seq, event.product, party, terms, terms.floor)
    product.positions.set_aside(party, SELL, terms.quantity)
    return []


def qualify(market: Market, event: Qualify) -> list[Effect]:
    """A deposit has come in."""
    item, _ = _auction(market, event)
    return auction.qualify(item, event.party, event.deposit)


def offer(market: Market, event: Offer) -> list[Effect]:
    """A bid comes in, or a higher one in place of it."""
    item, product = _auction(market, event)
    day, _ = traded(market, "auction", event.at, item.product, event.party)
    check_terms(day.rules, product, "auction", event.price, event.quantity)
    before = item.bids.get(event.party)
    freed = before.quantity if before else 0
    product.positions.check(event.party, BUY, event.quantity, freed=freed)
    effects = auction.bid(item, Bid(event.seq, event.party, event.price, event.quantity))
    product.positions.set_aside(event.party, BUY, event.quantity)
    _count(product, "auction", effects)
    return effects


def call(market: Market, event: Call) -> list[Effect]:
    """The next round."""
    item, _ = _auction(market, event)
    return auction.call(item, event.party, event.price)


def hammer(market: Market, event: Hammer) -> list[Effect]:
    """The bidding ends."""
    item, product = _auction(market, event)
    effects = auction.hammer(item, event.party)
    return _concluded(market, item, product, effects)


def paid(market: Market, event: Paid) -> list[Effect]:
    """A winner has paid; an auction without further winners is over."""
    item, product = _auction(market, event)
    effects = auction.pay(item, event.party)
    return _concluded(market, item, product, effects)


def defaulted(market: Market, event: Defaulted) -> list[Effect]:
    """A winner has not paid."""
    item, product = _auction(market, event)
    effects = auction.default(item, event.party, event.winner)
    return _concluded(market, item, product, effects)


def _concluded(
    market: Market, item: Auction, product: Product, effects: list[Effect]
) -> list[Effect]:
    _count(product, "auction", effects)
    if not item.won:
        del market.auctions[item.id]
    return effects


def _proposal(
    market: Market, event: Counter | Confirm | Decline, *, trading: bool
) -> tuple[Proposal, Product]:
    """Find a proposal for one of its sides; to trade on it, its terms must be allowed now."""
    proposal = block.of(market.proposals, event.proposal, event.party)
    if not trading or isinstance(event, Decline):
        assert market.day is not None
        return proposal, market.day.product(proposal.product)
    sides = proposal.party, proposal.counterparty
    day, product = traded(market, "block", event.at, proposal.product, *sides)
    check_terms(day.rules, product, "block", event.price, event.quantity)
    return proposal, product


def _auction(
    market: Market, event: Qualify | Offer | Call | Hammer | Paid | Defaulted
) -> tuple[Auction, Product]:
    item = market.auctions.get(event.auction)
    if item is None:
        raise UnknownAuction(event.auction)
    if market.day is None:
        raise MarketClosed("auction", moment(event.at).isoformat())
    return item, market.day.product(item.product)


def _count(product: Product, mode: Mode, effects: Sequence[Effect]) -> None:
    """Add up what was traded; free or move what the parties had set aside."""
    positions = product.positions
    for effect in effects:
        if isinstance(effect, Fill):
            turnover = product.turnovers.setdefault(mode, Turnover())
            turnover.quantity += effect.quantity
            turnover.value += effect.quantity * effect.price
            positions.fill(effect.buyer, effect.seller, effect.quantity)
        elif isinstance(effect, Withdrawal):
            positions.set_aside(effect.party, effect.side, -effect.quantity)
