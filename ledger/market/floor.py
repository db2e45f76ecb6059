"""The floor: one market as the writer decides it, with what its open orders reserve.

An order's hold is placed, the engine takes the event in, and every fill, withdrawal and lapse is
booked, all within the batch that numbers the event. A hold that the ledger refuses never becomes an
event; what a rule of the market forbids is an event that is refused, and reserves nothing.
"""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ledger.core import holding, posting
from ledger.core.command import Enter, Item, Place, Post, Release, Take
from ledger.core.entered import Entered, MarketEffect, MarketEvent
from ledger.core.entering import Torn
from ledger.core.errors import DomainError
from ledger.core.footprint import Footprint
from ledger.core.hold import PENDING
from ledger.core.movement import account_named
from ledger.core.refusals import AccountNotOpen, Malformed
from ledger.core.state import DONE, REFUSED, Outcome, State
from ledger.market.booking import Side, Terms, freeing
from ledger.market.engine import apply
from ledger.market.events import Announce, AnyEvent, Offer, OpenDay, decode, encode, kind_of
from ledger.market.market import Market
from ledger.market.market import Outcome as Taken
from ledger.market.matching.auction import Auction
from ledger.market.order import BUY, Closed, Effect, Fill, Withdrawal
from ledger.market.reservation import Reservation
from ledger.market.reserving import Asked, asked, forbidden, product_of, touched
from ledger.rights.event import Ended
from ledger.rights.instrument import right

EFFECT = msgspec.json.Encoder(order="deterministic")
OUTLASTS_THE_DAY = (Announce, Offer)


class Carried(Struct):
    """What stands before the opening of a day: all that a replay needs to begin with it."""

    number: int
    at: int
    halted: dict[str, str]
    auctions: dict[int, Auction]
    orders: dict[int, Reservation]


class Met(NamedTuple):
    """A fill with what it charges either side."""

    buyer: Side
    seller: Side


class Left(NamedTuple):
    """An order of which quantity left unfilled, what that frees, and whether it is at its end."""

    order: Reservation
    freed: int
    done: bool


class Floor:
    """One market of a book; ``orders`` are the reservations of all that is open, by number."""

    def __init__(self, code: str, market: Market | None = None) -> None:
        self.code = code
        self.market = market or Market()
        self.orders: dict[int, Reservation] = {}
        self.terms: Terms | None = None

    @property
    def number(self) -> int:
        """The last event that was taken in."""
        return self.market.seq

    def replay(self, events: Iterable[MarketEvent]) -> None:
        """Take in what is stored beyond that number."""
        for stored in events:
            self.again(stored)

    def again(self, stored: MarketEvent) -> Taken:
        """Take in one event that is stored."""
        if stored.number != self.number + 1 and stored.carried is not None:
            self._begin(msgspec.json.decode(stored.carried, type=Carried))
        event = decode(stored.event.encode())
        want = asked(self.market, event)
        taken = apply(self.market, event)
        if taken.refusal is None:
            self._follow(event, want, stored.id, taken.effects)
        return taken

    def needs(self, found: Footprint, told: Sequence[Enter]) -> None:
        """Name the holds and balances that events may touch, more rather than fewer."""
        events: list[AnyEvent] = [item.told for item in told]
        orders = [self.orders[each] for each in touched(self.market, events) if each in self.orders]
        found.holds.extend([each.id for each in orders])
        pairs = {(each.party, each.product) for each in orders}
        for event in events:
            party, product = getattr(event, "party", ""), product_of(self.market, event)
            if party and product:
                pairs.add((party, product))
        opening = [_terms(self.market, each) for each in events if isinstance(each, OpenDay)]
        for terms in filter(None, (self.terms, *opening)):
            for party, product in pairs:
                found.pairs.update(terms.pairs(party, product))

    def enter(self, state: State, item: Enter, actor: UUID | None) -> Outcome:
        """Reserve, match, book and number, or refuse and leave the book as it was."""
        at = max(state.booked_at_us, self.market.at)
        event: AnyEvent = replace(item.told, seq=self.number + 1, at=at)
        if isinstance(event, OpenDay):
            self._check(event)
        want, product = asked(self.market, event), product_of(self.market, event)
        carried = self.carried if isinstance(event, OpenDay) else None
        taken: list[Taken] = []

        def steps() -> list[Outcome]:
            try:
                self._reserve(state, item.id, event, want, actor)
            except DomainError as error:
                if not forbidden(self.market, event):
                    return [Outcome(REFUSED, item.id, None, error)]
            taken.append(apply(self.market, event))
            return [Outcome(DONE, item.id, event.seq, taken[0].refusal)]

        (outcome,) = state.tried(steps)
        if not taken:
            return outcome
        self._write(state, item, event, taken[0], carried, actor)
        if taken[0].refusal is not None:
            return Outcome(REFUSED, item.id, event.seq, taken[0].refusal)
        followed = self._follow(event, want, item.id, taken[0].effects)
        for place, (effect, done) in enumerate(zip(taken[0].effects, followed, strict=True), 1):
            self._book(state, event, place, effect, done, actor)
            state.written.market_effects.append(self._effect(event, place, effect, done, product))
        return outcome

    def _check(self, event: OpenDay) -> None:
        """Refuse a day that settles nowhere, or elsewhere than before, or trades no right."""
        settles = {"registry": event.registry, "clearing": event.clearing}
        for name, entity in settles.items():
            if entity is None:
                raise Malformed(name, "is missing: a market of a book settles in accounts")
            if self.terms is not None and getattr(self.terms, name).code != entity:
                raise Malformed(name, "is not that of the days before")
        for product in event.closes:
            last = right(product).ends(event.day)
            if last is not None and event.day > last:
                raise Ended(product, last.isoformat())

    def _reserve(
        self, state: State, id: UUID, event: AnyEvent, want: Asked | None, actor: UUID | None
    ) -> None:
        """Place the hold of what an event asks for, in accounts that are there and open."""
        if want is None or self.terms is None:
            return
        for code in self.terms.accounts(want.party):
            account = account_named(state, code)
            if account.state != "open":
                raise AccountNotOpen(code, account.state)
        order, day = want.reservation(id, self.terms.money), not isinstance(event, OUTLASTS_THE_DAY)
        reference = f"{self.code}/{event.seq}"
        body = self.terms.holding(order, state.book.code, reference, day=day)
        holding.place(state, Place(body), actor)

    def _follow(
        self, event: AnyEvent, want: Asked | None, id: UUID, effects: Sequence[Effect]
    ) -> list[Met | Left | None]:
        """Carry reservations through the effects of an event; say what each comes to."""
        if isinstance(event, OpenDay):
            self.terms = _terms(self.market, event)
        if want is None:
            return [self._came_to(effect) for effect in effects]
        assert self.terms is not None
        order = want.reservation(id, self.terms.money)
        if want.order == event.seq:
            self.orders[want.order] = order
        found = [self._came_to(effect) for effect in effects]
        if want.order != event.seq:
            self.orders[want.order] = order
        return found

    def _came_to(self, effect: Effect) -> Met | Left | None:
        if isinstance(effect, Fill):
            numbers = (effect.incoming, effect.resting)
            buy, sell = numbers if effect.side == BUY else numbers[::-1]
            return self._met(buy, sell, effect.price, effect.quantity)
        if not isinstance(effect, Withdrawal):
            return None
        assert self.terms is not None
        order = self.orders[effect.order]
        freed = order.withdraw(effect.quantity, self.terms.money)
        self._forget(effect.order)
        return Left(order, freed, not order.open)

    def _met(self, buy: int, sell: int, price: int, quantity: int) -> Met:
        assert self.terms is not None
        money, buyer, seller = self.terms.money, self.orders[buy], self.orders[sell]
        paid = buyer.fill(price, quantity, money)
        met = Met(
            Side(buyer, paid), Side(seller, seller.fill(price, quantity, money, due=paid.due))
        )
        self._forget(buy)
        self._forget(sell)
        return met

    def _forget(self, order: int) -> None:
        if not self.orders[order].open:
            del self.orders[order]

    def _book(
        self, state: State, event: AnyEvent, place: int, effect: Effect, done: Met | Left | None,
        actor: UUID | None,
    ) -> None:  # fmt: skip
        """Book what an effect comes to; what cannot be booked tears the batch."""
        assert self.terms is not None or done is None
        reference = f"{self.code}/{event.seq}/{place}"
        id, book = uuid5(state.book.uuid, reference), state.book.code
        item: Item
        if isinstance(done, Met) and isinstance(effect, Fill) and self.terms:
            item = Post(self.terms.fill(id, book, reference, *done, effect.price, effect.quantity))
        elif isinstance(done, Left) and state.holds[done.order.id].state == PENDING:
            assert isinstance(effect, Withdrawal)
            if done.done:
                item = Release(done.order.id, effect.cause)
            elif done.freed:
                item = Take(freeing(id, book, done.order, done.freed))
            else:
                return
        else:
            return
        _must(state, item, actor)

    def _write(
        self, state: State, item: Enter, event: AnyEvent, taken: Taken, carried: str | None,
        actor: UUID | None,
    ) -> None:  # fmt: skip
        refused = taken.refusal
        said = None
        if refused is not None:
            said = json.dumps({"code": refused.code, "facts": refused.facts()}, ensure_ascii=False)
        begins = carried is not None and refused is None
        state.written.market_events.append(MarketEvent(
            self.code, event.seq, item.id, item.digest, event.at, kind_of(event),
            getattr(event, "party", ""), encode(event).decode(), said,
            carried if begins else None, actor,
        ))  # fmt: skip
        state.put(state.entered, item.id, Entered(item.digest, event.seq, said))

    def _effect(
        self, event: AnyEvent, place: int, effect: Effect, done: Met | Left | None, product: str
    ) -> MarketEffect:
        one, other = None, None
        if isinstance(done, Met) and isinstance(effect, Fill):
            one, other, product = effect.incoming, effect.resting, done.buyer.order.product
        elif isinstance(done, Left) and isinstance(effect, Withdrawal):
            one, product = effect.order, done.order.product
        elif isinstance(effect, Closed):
            product = effect.product
        said = EFFECT.encode(effect).decode()
        kind, mode = type(effect).__name__.lower(), _mode(event)
        return MarketEffect(self.code, event.seq, place, kind, one, other, product, mode, said)

    @property
    def carried(self) -> str:
        """What stands now, to begin a replay with: no day may be open."""
        market = self.market
        carried = Carried(market.seq, market.at, market.halted, market.auctions, self.orders)
        return EFFECT.encode(carried).decode()

    def _begin(self, carried: Carried) -> None:
        self.orders = carried.orders
        self.market = Market(
            carried.number, carried.at, halted=carried.halted, auctions=carried.auctions,
            rules_of=self.market.rules_of,
        )  # fmt: skip


def _terms(market: Market, event: OpenDay) -> Terms | None:
    if event.registry is None or event.clearing is None:
        return None
    rules = market.rules_of(event.venue, event.rules_on)
    return Terms.of(event.day, event.registry, event.clearing, rules)


def _mode(event: AnyEvent) -> str:
    mode = getattr(event, "mode", None)
    if mode is not None:
        return str(mode)
    return "block" if hasattr(event, "proposal") else "auction" if hasattr(event, "auction") else ""


def _must(state: State, item: Item, actor: UUID | None) -> None:
    """Book what follows from matching; the market cannot take it back, so the batch goes."""
    missing = [
        line.account
        for line in (item.body.postings if isinstance(item, Post) else ())
        if (line.account, line.commodity) not in state.positions
    ]
    try:
        if missing:
            raise Malformed("account", f"{missing[0]} was not loaded")
        if isinstance(item, Post):
            outcome = posting.post(state, item, actor)
            if outcome.status != "posted":
                raise Malformed("kind", f"{item.body.kind} may not wait for a second person")
        elif isinstance(item, Take):
            holding.take(state, item, actor)
        elif isinstance(item, Release):
            holding.release(state, item, actor)
    except DomainError as refusal:
        raise Torn(refusal) from refusal
