"""Compliance of every operator and year: what is owed, what is cleared, how it stands on a day."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection

from ledger.core.amount import Amount, Commodity
from ledger.core.book import Book
from ledger.rights.instrument import Instrument, catalogue
from ledger.rights.loading import standing_of_rights
from ledger.rights.registry import (
    CLEARED,
    CUT,
    EMISSION,
    EXCESS,
    MEMO,
    OBLIGATION,
    OFFSET_USED,
    holder_of,
)

UNVERIFIED, DUE, MET, DEFAULT = "unverified", "due", "met", "default"
STATUSES = (UNVERIFIED, DUE, MET, DEFAULT)


@dataclass(frozen=True)
class Compliance:
    """One operator and year, in the unit of its emissions.

    ``default``: something is owed after the deadline; ``due``: before it, or none is known.
    """

    registry: str
    operator: str
    year: str
    status: str
    deadline: dt.date | None
    verified: Amount
    cleared: Amount
    offset: Amount
    cut: Amount
    excess: Amount
    owed: Amount


def compliances(connection: Connection, book: Book, on: dt.date) -> Iterator[Compliance]:
    """Yield how every operator stands for every year in which anybody's emissions are verified."""
    found: dict[tuple[str, str], dict[str, dict[str, int]]] = {}
    years: dict[tuple[str, str], Commodity] = {}
    for each in standing_of_rights(connection, book, on):
        entity, kind, *rest = each.account.code.split(":")
        if each.account.basis != MEMO or kind != "Compliance" or not each.commodity.instrument:
            continue
        years[entity, each.commodity.code] = each.commodity
        stood = found.setdefault((entity, holder_of(each.account.code)), {})
        stood.setdefault(each.commodity.code, {})[rest[1]] = each.normal.quanta
    for (entity, operator), stood in sorted(found.items()):
        for (of, code), owed in sorted(years.items()):
            if of == entity:
                yield _standing(entity, operator, owed, stood.get(code, {}), on)


def fine(
    rules: Instrument, missing: Amount, average_price: Decimal, on: dt.date
) -> tuple[Decimal, Decimal]:
    """Return the least and the highest fine on what is missing: so many times the average price.

    The price is that of the month before the deadline, CNY per unit.
    """
    least, most = (rules.number(name, on) for name in ("fine-min", "fine-max"))
    return missing.value * average_price * least, missing.value * average_price * most


def _standing(
    entity: str, operator: str, owed: Commodity, stood: dict[str, int], on: dt.date
) -> Compliance:
    rules = catalogue()[owed.instrument]
    year = owed.code.removeprefix(rules.obligation.partition("{")[0])
    deadline = rules.day(f"deadline.{year}", on)
    at = {name: Amount(stood.get(name, 0), owed) for name in
          (EMISSION, CLEARED, OFFSET_USED, CUT, EXCESS, OBLIGATION)}  # fmt: skip
    if EMISSION not in stood:
        status = UNVERIFIED
    elif not at[OBLIGATION].quanta:
        status = MET
    else:
        status = DEFAULT if deadline is not None and on > deadline else DUE
    return Compliance(
        entity, operator, year, status, deadline, at[EMISSION], at[CLEARED], at[OFFSET_USED],
        at[CUT], at[EXCESS], at[OBLIGATION],
    )  # fmt: skip
