"""Which event reserves what, and which orders it may touch; pure, on the market as it stands."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from ledger.core.errors import DomainError
from ledger.market.admission import check_terms, traded
from ledger.market.events import (
    Announce,
    AnyEvent,
    CloseDay,
    Confirm,
    Counter,
    Decline,
    Defaulted,
    Hammer,
    Offer,
    Paid,
    Propose,
    Submit,
    Take,
    Withdraw,
)
from ledger.market.levels import OrderBook
from ledger.market.market import Market
from ledger.market.order import BUY, SELL
from ledger.market.reservation import Money, Reservation
from ledger.market.rules import Mode


class Asked(NamedTuple):
    """What an event asks for: who buys or sells what, at most at which price × quantity."""

    order: int
    party: str
    product: str
    side: int
    price: int
    quantity: int
    value: int

    def reservation(self, id: UUID, money: Money) -> Reservation:
        """Reserve the right that is sold, or all that the buyer may come to owe."""
        held = money.most(self.value) if self.side == BUY else self.quantity
        return Reservation(id, self.party, self.product, self.side, self.price, self.quantity, held)


def asked(market: Market, event: AnyEvent) -> Asked | None:
    """Return what an event asks for; none where it asks for nothing, or the engine refuses it."""
    match event:
        case Submit() | Propose():
            found = _asked(event.seq, event.party, event.product, event.side, event)
        case Take():
            found = _taken(market, event)
        case Announce():
            price, quantity = event.terms.floor, event.terms.quantity
            found = Asked(event.seq, event.party, event.product, SELL, price, quantity, 0)
        case Offer() if event.auction in market.auctions:
            product = market.auctions[event.auction].product
            found = _asked(event.seq, event.party, product, BUY, event)
        case Counter() | Confirm() if event.proposal in market.proposals:
            proposal = market.proposals[event.proposal]
            number = event.seq if isinstance(event, Confirm) else event.proposal
            side = proposal.side_of(event.party)
            found = _asked(number, event.party, proposal.product, side, event)
        case _:
            return None
    traded = market.day is not None and found.product in market.day.products
    return found if traded and found.quantity > 0 and found.price > 0 else None


def forbidden(market: Market, event: AnyEvent) -> bool:
    """Say whether an order breaks a rule of the market, whatever its party holds."""
    if not isinstance(event, Submit):
        return False
    try:
        day, product = traded(market, event.mode, event.at, event.product, event.party)
        check_terms(day.rules, product, event.mode, event.price, event.quantity)
    except DomainError:
        return True
    return False


def product_of(market: Market, event: AnyEvent) -> str:
    """Return the product that an event is about; empty where it is about none or about several."""
    proposal = market.proposals.get(getattr(event, "proposal", 0))
    auction = market.auctions.get(getattr(event, "auction", 0))
    found = proposal or auction
    return found.product if found else getattr(event, "product", "")


def touched(market: Market, events: Sequence[AnyEvent]) -> Iterator[int]:
    """Yield the numbers of open orders that events may meet or withdraw, rather more than fewer."""
    submitted: list[Submit] = []
    withdrawn: set[int] = set()
    for event in events:
        match event:
            case Submit():
                submitted.append(event)
            case Take():
                yield from (order for order, _ in event.picks)
            case Withdraw():
                withdrawn.add(event.order)
            case Counter() | Confirm() | Decline():
                yield event.proposal
            case Offer() | Hammer() | Paid() | Defaulted() if event.auction in market.auctions:
                yield event.auction
                yield from (bid.id for bid in market.auctions[event.auction].bids.values())
            case CloseDay():
                yield from _open(market)
    yield from withdrawn
    yield from _met(market, submitted, withdrawn)


def _asked(
    number: int, party: str, product: str, side: int,
    terms: Submit | Propose | Offer | Counter | Confirm,
) -> Asked:  # fmt: skip
    value = terms.price * terms.quantity
    return Asked(number, party, product, side, terms.price, terms.quantity, value)


def _taken(market: Market, event: Take) -> Asked:
    book = _book(market, event.product, event.mode)
    orders = book.orders if book else {}
    prices = {order: orders[order].price for order, _ in event.picks if order in orders}
    value = sum(prices.get(order, 0) * quantity for order, quantity in event.picks)
    quantity = sum(each for _, each in event.picks)
    highest = max(prices.values(), default=0)
    return Asked(event.seq, event.party, event.product, event.side, highest, quantity, value)


def _open(market: Market) -> Iterator[int]:
    yield from market.proposals
    for product in market.day.products.values() if market.day else ():
        for book in product.books.values():
            yield from book.orders


def _met(market: Market, submitted: Sequence[Submit], withdrawn: set[int]) -> Iterator[int]:
    """Walk each side as deep as all that comes in together may reach.

    What the same batch withdraws, or keeps from trading with itself, is passed over at no cost.
    """
    groups = {market.day.group(each.party) for each in submitted} if market.day else set()
    coming: dict[tuple[str, Mode, int], list[Submit]] = defaultdict(list)
    for each in submitted:
        coming[each.product, each.mode, each.side].append(each)
    for (product, mode, side), orders in coming.items():
        book = _book(market, product, mode) if mode == "continuous" else None
        if book is None:
            continue
        limit = max(side * each.price for each in orders)
        left = sum(each.quantity for each in orders)
        for price, resting in book.side(-side).best():
            if side * price > limit or left <= 0:
                break
            for order in resting:
                yield order.id
                if order.group not in groups and order.id not in withdrawn:
                    left -= order.quantity


def _book(market: Market, product: str, mode: Mode) -> OrderBook | None:
    if market.day is None or product not in market.day.products:
        return None
    return market.day.products[product].books.get(mode)
