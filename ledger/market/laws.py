"""The laws of markets and their settlement, each a function returning findings.

``ledger.audit`` runs them. A market is replayed from its first event: what it then comes to must be
what is stored, what is open must be held, and every fill must be paid for.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import Connection, select

from ledger.balances import balances
from ledger.core.amount import CNY
from ledger.core.book import Book
from ledger.core.entered import MarketEffect, MarketEvent
from ledger.core.errors import Finding
from ledger.core.hold import ORDER, PENDING
from ledger.market import settling
from ledger.market.booking import AT_FILL, FEES, FILLED
from ledger.market.events import OpenDay, decode
from ledger.market.floor import EFFECT, Floor
from ledger.market.market import Market
from ledger.market.order import BUY, Fill
from ledger.market.reservation import Money
from ledger.market.rules import MarketRules, in_force
from ledger.rights.registry import CLEARING
from ledger.store import market_log, tables
from ledger.store.load import rows_where

Check = Callable[[Connection, Book], Iterator[Finding]]
RulesOf = Callable[[str, dt.date], MarketRules]
FILL, FILLS = "fill", (AT_FILL, FILLED)


class Paid(NamedTuple):
    """One fill as the log has it: what moved of the right and of money."""

    right: int
    money: int


def markets_follow_their_events(
    connection: Connection, book: Book, rules_of: RulesOf = in_force
) -> Iterator[Finding]:
    """Events are numbered without a gap; replayed, they come to what is stored, to the last digit.

    What is then open is held by the ledger, and no hold of an order is without one.
    """
    held: dict[UUID, int] = {}
    for code in market_log.markets(connection, book):
        floor = Floor(code, Market(rules_of=rules_of))
        for stored, effects in chain.from_iterable(market_log.told(connection, book, code)):
            if problem := _differs(floor, stored, effects):
                facts = {"market": code, "number": stored.number, "problem": problem}
                yield Finding("audit.market", "Not what its events come to", facts=facts)
                return
        held.update({order.id: order.held for order in floor.orders.values() if order.held})
    yield from _open_orders_are_held(connection, book, held)


def fills_are_delivered_against_payment(
    connection: Connection, book: Book, rules_of: RulesOf = in_force
) -> Iterator[Finding]:
    """Quantity × price is the money, on the running total of the buyer's order (invariant 8)."""
    for code in market_log.markets(connection, book):
        due = _Due(rules_of)
        for some in market_log.told(connection, book, code):
            paid = _paid(connection, book, [each for _, effects in some for each in effects])
            for stored, effects in some:
                due.opens(stored)
                for each in effects:
                    wanted = due.of(each) if each.kind == FILL else None
                    if wanted != paid.get((each.number, each.place)):
                        facts = {"fill": f"{code}/{each.number}/{each.place}"}
                        yield Finding(
                            "audit.delivery", "Not delivered against its payment", facts=facts
                        )


def what_settles_is_what_was_filled(connection: Connection, book: Book) -> Iterator[Finding]:
    """In ``Settle`` stands what is filled and not settled, to the quantum (invariant 3)."""
    owed: dict[tuple[str, str], int] = defaultdict(int)
    for fill in settling.unsettled(connection, book):
        for account, commodity, quanta in fill.standing:
            owed[account, commodity] += quanta
    places = {account for account, _ in owed}
    for each in balances(connection, book) if places else ():
        key = (each.account.code, each.commodity.code)
        if each.account.code in places and owed[key] != each.balance.quanta:
            facts = {"account": key[0], "commodity": key[1], "standing": str(each.balance)}
            yield Finding("audit.settlement", "Not what is filled and not settled", facts=facts)


def no_client_is_overdrawn(connection: Connection, book: Book) -> Iterator[Finding]:
    """Where there are markets, no client's money was ever below zero (invariant 4)."""
    if not market_log.markets(connection, book):
        return
    line, at = tables.postings.c, tables.accounts.c
    chosen = (
        select(at.code, line.commodity, line.seq)
        .join(tables.accounts, (at.book_id == line.book_id) & (at.no == line.account_no))
        .where(line.book_id == book.id, at.basis == CLEARING, at.code.like("%:Client:%"))
        .where(((at.normal == 0) & (line.balance_after < 0))
               | ((at.normal == 1) & (line.balance_after > 0)))
    )  # fmt: skip
    for code, commodity, seq in connection.execute(chosen):
        facts = {"account": code, "commodity": commodity, "seq": seq}
        yield Finding("audit.overdrawn", "More money left than was there", facts=facts)


CHECKS: tuple[Check, ...] = (
    markets_follow_their_events,
    fills_are_delivered_against_payment,
    what_settles_is_what_was_filled,
    no_client_is_overdrawn,
)


class _Due:
    """What each fill must move, by the rules of its day and its buyer's running total."""

    def __init__(self, rules_of: RulesOf) -> None:
        self.rules_of = rules_of
        self.money = Money(1, 1, 0, 1)
        self.totals: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))

    def opens(self, stored: MarketEvent) -> None:
        """Take the rules of a day that opens."""
        if stored.carried is not None:
            event = decode(stored.event.encode())
            assert isinstance(event, OpenDay)
            self.money = Money.under(self.rules_of(event.venue, event.rules_on))

    def of(self, effect: MarketEffect) -> Paid:
        """Return what a fill must move."""
        fill = msgspec.json.decode(effect.effect, type=Fill)
        order = fill.incoming if fill.side == BUY else fill.resting
        value, before = self.totals[order]
        value += fill.price * fill.quantity
        due = self.money.due(value) - before
        self.totals[order] = value, before + due
        return Paid(fill.quantity, due)


def _differs(floor: Floor, stored: MarketEvent, effects: list[MarketEffect]) -> str:
    """Replay one event; say in which way it is not as it is stored, if in any."""
    if stored.number != floor.number + 1:
        return f"{floor.number + 1} is missing"
    if stored.at_us < floor.market.at:
        return "back in time"
    if stored.carried is not None and stored.carried != floor.carried:
        return "something else stood before it"
    outcome = floor.again(stored)
    refused = json.loads(stored.refusal)["code"] if stored.refusal else None
    if refused != (outcome.refusal.code if outcome.refusal else None):
        return f"refused: {refused}"
    said = [EFFECT.encode(effect).decode() for effect in outcome.effects]
    return "" if said == [each.effect for each in effects] else "other effects"


def _open_orders_are_held(
    connection: Connection, book: Book, held: Mapping[UUID, int]
) -> Iterator[Finding]:
    at, expired = tables.hold_states.c, tables.expiries.c
    chosen = select(at.id, at.remaining).where(
        at.book_id == book.id, at.kind == ORDER, at.state == PENDING
    )
    standing = {row.id: sum(json.loads(row.remaining)) for row in connection.execute(chosen)}
    over = select(expired.hold).where(expired.book_id == book.id)
    ended = set(connection.execute(over).scalars())  # by deadline, though nobody closed the day
    for id in held.keys() | standing.keys():
        if held.get(id, 0) != standing.get(id, 0) and id not in ended:
            facts = {"order": str(id), "reserved": held.get(id, 0), "held": standing.get(id, 0)}
            yield Finding("audit.order", "What is open is not what is held", facts=facts)


def _paid(
    connection: Connection, book: Book, effects: Sequence[MarketEffect]
) -> dict[tuple[int, int], Paid]:
    """Return what the transaction of each effect moved, by its number and place, if there is one.

    The money is what its payee is credited: whoever takes no fees.
    """
    places = {
        uuid5(book.uuid, f"{each.market}/{each.number}/{each.place}"): (each.number, each.place)
        for each in effects
    }
    rows = rows_where(connection, tables.transactions, book.id, "id", places)
    found = {row["seq"]: places[row["id"]] for row in rows if row["kind"] in FILLS}
    lines = settling.lines_of(connection, book, list(found))
    return {
        place: Paid(
            sum(quanta for _, code, quanta in lines[seq] if code != CNY.code and quanta > 0),
            -sum(quanta for account, code, quanta in lines[seq]
                 if code == CNY.code and quanta < 0 and not account.endswith(f":{FEES}")),
        )
        for seq, place in found.items()
    }  # fmt: skip
