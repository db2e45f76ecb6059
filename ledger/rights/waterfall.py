"""The vintage waterfall: of each right, what was issued and where every unit of it stands now."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from ledger.balances import held_back
from ledger.core.amount import Amount, Commodity
from ledger.core.book import Book
from ledger.rights.instrument import right_of
from ledger.rights.loading import standing_of_rights
from ledger.rights.registry import BY_CARRY, FREE, ISSUED, REGISTRY, place_of

LOCKED, SETTLING, ELSEWHERE = "Locked", "Settle", "Elsewhere"


@dataclass
class Waterfall:
    """One right in one registry: quanta issued, and by the kind of place where they stand.

    ``Locked`` is what holds reserve of free holdings; ``Elsewhere`` stands in accounts that no
    registry has.
    """

    registry: str
    commodity: Commodity
    issued: int = 0
    by_carry: int = 0
    places: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def difference(self) -> Amount:
        """Issued less all that stands somewhere: zero, or the invariant is broken."""
        known = sum(quanta for place, quanta in self.places.items() if place != ELSEWHERE)
        return Amount(self.issued + self.by_carry - known, self.commodity)

    def at(self, place: str) -> Amount:
        """Return what stands in one kind of place."""
        return Amount(self.places.get(place, 0), self.commodity)


def waterfalls(
    connection: Connection, book: Book, as_of: dt.date | None = None
) -> Iterator[Waterfall]:
    """Yield the waterfall of every right of the book, by code; of a past day without locks."""
    found: dict[tuple[str, str], Waterfall] = {}
    locked = held_back(connection, book) if as_of is None else {}
    for each in standing_of_rights(connection, book, as_of):
        if each.account.basis != REGISTRY or right_of(each.commodity) is None:
            continue
        key = (each.commodity.code, each.account.entity)
        made = found.setdefault(key, Waterfall(each.account.entity, each.commodity))
        place = place_of(each.account.code)
        if place == ISSUED:
            made.issued += each.normal.quanta
        elif place == BY_CARRY:
            made.by_carry += each.normal.quanta
        else:
            held = locked.get((each.account.code, each.commodity.code), 0) if place == FREE else 0
            made.places[place or ELSEWHERE] += each.balance.quanta - held
            made.places[LOCKED] += held
    for key in sorted(found):
        yield found[key]
