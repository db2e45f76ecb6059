"""A market for tests: days, parties and events written short."""

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ledger.core.errors import DomainError
from ledger.market.calendar import instant
from ledger.market.engine import apply
from ledger.market.events import AnyEvent, CloseDay, OpenDay, decode, encode
from ledger.market.market import Market, Outcome
from ledger.market.order import Effect
from ledger.market.rules import MarketRules, Size, in_force

DAY = dt.date(2022, 3, 15)
CEA = "CEA.2021"
BEIJING = dt.timezone(dt.timedelta(hours=8))


def at(time: str = "14:00", day: dt.date = DAY) -> int:
    """Return a time of day in Beijing as an instant."""
    return instant(dt.datetime.combine(day, dt.time.fromisoformat(time), BEIJING))


def every_mode(**changed: Any) -> MarketRules:
    """Return the rules of the national market, with every way of trading and small blocks."""
    found = in_force("cea", DAY)
    hours = found.hours["listing"]
    modes = ("continuous", "listing", "fixed-price", "block", "auction")
    stated: dict[str, Any] = {
        "modes": frozenset(modes),
        "hours": dict.fromkeys(modes, hours),
        "sizes": dict.fromkeys(modes, Size(None, 99999)),
        "bands": dict.fromkeys(("continuous", "listing", "block"), Fraction(1, 10)),
    }
    return replace(found, **{**stated, **changed})


class Floor:
    """A market that numbers its own events and keeps them."""

    def __init__(self, rules: MarketRules | None = None, **day: Any) -> None:
        self.rules = rules
        self.market = self.fresh()
        self.events: list[AnyEvent] = []
        self.outcomes: list[Outcome] = []
        self.opening = {
            "day": DAY, "venue": "cea", "rules_on": DAY, "closes": {CEA: 5777}, **day
        }  # fmt: skip
        self.did(OpenDay, at=at("09:00", self.opening["day"]), **self.opening)

    def fresh(self) -> Market:
        """Return a market under the same rules in which nothing has happened."""
        rules = self.rules
        return Market(rules_of=lambda venue, on: rules) if rules else Market()

    def try_(self, kind: type, **said: Any) -> Outcome:
        """Let one more event happen, at two in the afternoon unless said."""
        when = said.pop("at", None)
        when = max(at(), self.market.at) if when is None else when
        event = decode(encode(kind(self.market.seq + 1, when, **said)))
        outcome = apply(self.market, event)
        self.events.append(event)
        self.outcomes.append(outcome)
        return outcome

    def did(self, kind: type, **said: Any) -> tuple[Effect, ...]:
        """Let it happen, and return its effects."""
        outcome = self.try_(kind, **said)
        if outcome.refusal is not None:
            raise outcome.refusal
        return outcome.effects

    def why_not(self, kind: type, **said: Any) -> str:
        """Return the code with which an event is refused."""
        refusal = self.try_(kind, **said).refusal
        assert isinstance(refusal, DomainError)
        return refusal.code

    def close(self, **closes: int) -> tuple[Effect, ...]:
        """End the day."""
        return self.did(CloseDay, closes=closes)

    @property
    def seq(self) -> int:
        """The number of the last event."""
        return self.market.seq


def standing(market: Market) -> object:
    """Return all that stands in a market, to be compared."""
    if market.day is None:
        return market.seq, market.at, market.halted, market.auctions
    products = {
        code: (
            {mode: _levels(book) for mode, book in each.books.items()},
            each.turnovers, each.positions.of, each.previous,
        )
        for code, each in market.day.products.items()
    }  # fmt: skip
    return market.seq, market.at, market.halted, market.auctions, market.proposals, products


def _levels(book: Any) -> list[list[tuple[int, list[Any]]]]:
    return [list(side.best()) for side in (book.bids, book.asks)]
