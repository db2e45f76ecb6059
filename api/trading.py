"""Trading over HTTP: for whom a caller trades, whose orders he sees, prices and quantities."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, NamedTuple

from fastapi import Depends, Query, Request
from sqlalchemy import Connection, select

from api import auth
from api.caller import Visitor
from ledger.core.amount import EXACT, Amount, Commodity, decimal_of
from ledger.core.refusals import Malformed, NotPermitted
from ledger.market.booking import Terms, right_of
from ledger.market.desk import accounts, open_bought
from ledger.market.floor import Floor
from ledger.market.reading import Parties
from ledger.market.watch import UnknownMarket, Watch
from ledger.rights.registry import holder_of
from ledger.store import tables
from ledger.store.rows import account_of

PAGE_MAX = 500
NAME_FORM = r"^[A-Za-z0-9一-鿿_-]{1,40}$"
MarketName = Annotated[str, Query(pattern=NAME_FORM, description="The market.")]
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]


def watch(request: Request) -> Watch:
    """Return the copies of markets that this process looks at."""
    found: Watch = request.app.state.watch
    return found


Watching = Annotated[Watch, Depends(watch)]


class Quoted(NamedTuple):
    """How a market writes prices and the quantities of one product."""

    commodity: Commodity
    price_scale: int

    def price(self, text: str) -> int:
        """Read a price; refuse one that is finer than the market writes them."""
        scaled = decimal_of(text, "price").scaleb(self.price_scale, EXACT)
        if scaled != scaled.to_integral_value():
            raise Malformed("price", f"{text!r} has more than {self.price_scale} decimals")
        return int(scaled)

    def quantity(self, text: str, at: str = "quantity") -> int:
        """Read a quantity; refuse one that is finer than its right is counted."""
        scaled = decimal_of(text, at).scaleb(self.commodity.scale, EXACT)
        if scaled != scaled.to_integral_value():
            raise Malformed(at, f"{text!r} has more than {self.commodity.scale} decimals")
        return int(scaled)

    def shown(self, price: int) -> str:
        """Write a price."""
        return f"{Decimal(price).scaleb(-self.price_scale, EXACT):f}"

    def counted(self, quantity: int) -> str:
        """Write a quantity."""
        return str(Amount(quantity, self.commodity))


def quoted(terms: Terms, product: str) -> Quoted:
    """Return how a market writes a product."""
    return Quoted(right_of(product), terms.price_scale)


@contextmanager
def looking(
    connection: Connection, visitor: Visitor, watching: Watch, market: str
) -> Iterator[tuple[Floor, Terms]]:
    """Lend a market and the terms of its last day; refuse one that never had a day."""
    with watching.at_head(connection, visitor.book, market) as floor:
        if floor.terms is None:
            raise UnknownMarket(market)
        yield floor, floor.terms


def parties(connection: Connection, visitor: Visitor, terms: Terms) -> Parties:
    """Return whose orders the caller sees: everybody's with a role that reads the registry."""
    principal, book = visitor.principal, visitor.book
    if principal.reads_entity(book, terms.registry.code):
        return None
    own = [grant.party for grant in principal.grants if grant.party is not None]
    at = tables.accounts.c
    chosen = select(tables.accounts).where(
        at.book_id == book.id, at.party.in_(own), at.entity == terms.registry.code
    )
    found = [account_of(dict(row), row["no"]) for row in connection.execute(chosen).mappings()]
    held = {holder_of(each.code): each for each in found if principal.may_read(book, each)}
    return held.keys() - {""}


def require_trader(visitor: Visitor, terms: Terms, holder: str) -> None:
    """Refuse unless the caller trades for this holder, with its rights and its money.

    Whether there is such a holder is told to nobody else.
    """
    held, bought, cash = terms.accounts(holder)
    with visitor.store.reading() as connection:
        there = accounts(connection, visitor.book, (held, bought, cash))
    touched = [there.get(held), there.get(cash)]
    if not all(each and visitor.principal.may_trade(visitor.book, each) for each in touched):
        raise NotPermitted(auth.TRADE, f"{visitor.book.code}: {holder}")
    if bought not in there:
        open_bought(
            visitor.store, visitor.book.code, terms, holder, there[held].party,
            actor=visitor.principal.user_id,
        )  # fmt: skip
