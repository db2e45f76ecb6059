"""The rules of one venue on one day, built from dated data: its own, and its instrument's.

Prices and quantities are whole quanta: of ``price_scale`` decimals of a yuan per unit, and of the
instrument's scale.
"""

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from ledger.core.label import Label
from ledger.market.calendar import Window, windows
from ledger.market.order import SELF_TRADE, SelfTrade
from ledger.market.refusals import NoVenueRule, UnknownVenue
from ledger.rights import instrument
from ledger.rights.instrument import Instrument, Rule

FOLDER = Path(__file__).parent / "venues"
HALF = Fraction(1, 2)

Mode = Literal["continuous", "listing", "fixed-price", "block", "auction"]
MODES: tuple[Mode, ...] = ("continuous", "listing", "fixed-price", "block", "auction")
BandRounding = Literal["half-up", "inside"]
CloseRule = Literal["listing-vwap", "composite"]
Settlement = Literal["at-fill", "after-close"]


@dataclass(frozen=True, slots=True)
class Venue:
    """A market place: what it trades, where its clock stands, and its dated rules."""

    id: str
    title: Label
    instrument: Instrument
    zone: str
    price_scale: int
    rules: tuple[Rule, ...]

    def rule(self, name: str, on: dt.date) -> Rule | None:
        """Return the rule of that day, the venue's before the instrument's; none if neither."""
        for rules in (self.rules, self.instrument.rules):
            found = [each for each in rules if each.name == name and each.holds(on)]
            if found:
                return max(found, key=lambda each: each.since)
        return None


@dataclass(frozen=True, slots=True)
class Size:
    """How much one order of a way of trading may be, in quanta; none where nothing is said."""

    least: int | None
    most: int | None

    def holds(self, quantity: int) -> bool:
        """Say whether a quantity is allowed."""
        enough = self.least is None or quantity >= self.least
        return enough and (self.most is None or quantity <= self.most)


@dataclass(frozen=True, slots=True)
class MarketRules:
    """What holds at a venue on one day, in whole quanta; a band is a share of the close before.

    ``fee`` is the share of the consideration that each side pays.
    """

    venue: str
    on: dt.date
    zone: str
    price_scale: int
    quantity_scale: int
    lot: int
    tick: int
    modes: frozenset[Mode]
    hours: Mapping[Mode, str]
    sizes: Mapping[Mode, Size]
    bands: Mapping[Mode, Fraction]
    band_rounding: BandRounding
    levels: int | None
    self_trade: SelfTrade
    close: CloseRule
    bought_today_sellable: bool
    holding_limit: int | None
    large_holding: int | None
    fee: Fraction
    settlement: Settlement

    def band(self, mode: Mode, previous: int) -> tuple[int, int] | None:
        """Return the lowest and the highest price of a way of trading; none without a band."""
        width = self.bands.get(mode)
        if width is None:
            return None
        low, high = (Fraction(previous) * each / self.tick for each in (1 - width, 1 + width))
        if self.band_rounding == "inside":
            return -(-low // 1) * self.tick, high // 1 * self.tick
        return (low + HALF) // 1 * self.tick, (high + HALF) // 1 * self.tick

    def windows(self, mode: Mode, day: dt.date) -> tuple[Window, ...]:
        """Return when a way of trading is open on a day, as instants."""
        return windows(self.hours[mode], day, self.zone) if mode in self.modes else ()


def find(id: str) -> Venue:
    """Return a venue by its id."""
    venues = catalogue()
    if id not in venues:
        raise UnknownVenue(id)
    return venues[id]


@cache
def in_force(id: str, on: dt.date) -> MarketRules:
    """Return the rules of a venue on a day; refuse a day without what trading needs."""
    return _on(find(id), on)


@cache
def catalogue() -> Mapping[str, Venue]:
    """Read every venue that ships, one file each."""
    paths = (path for path in sorted(FOLDER.glob("*.toml")) if path.stem != "calendar")
    return {path.stem: _venue(path.stem, tomllib.loads(path.read_text("utf-8"))) for path in paths}


def _venue(id: str, stated: Mapping[str, Any]) -> Venue:
    return Venue(
        id=id,
        title=Label(**stated["title"]),
        instrument=instrument.find(stated["instrument"]),
        zone=stated["zone"],
        price_scale=stated["price_scale"],
        rules=tuple(_rule(each) for each in stated["rule"]),
    )


def _rule(stated: Mapping[str, Any]) -> Rule:
    texts = {name: stated.get(name, "") for name in ("unit", "document", "clause")}
    return Rule(
        name=stated["name"], value=stated["value"], since=stated["from"],
        until=stated.get("until"), tag=stated["tag"], **texts,
    )  # fmt: skip


def _on(venue: Venue, on: dt.date) -> MarketRules:
    scale = venue.instrument.scale

    def said(name: str) -> str | None:
        rule = venue.rule(name, on)
        return rule.value if rule else None

    def must(name: str) -> str:
        value = said(name)
        if value is None:
            raise NoVenueRule(venue.id, name, on.isoformat())
        return value

    def quanta(name: str) -> int | None:
        value = said(name)
        return None if value is None else int(Decimal(value).scaleb(scale))

    def one_of(name: str, *allowed: str) -> Any:
        if must(name) not in allowed:
            raise NoVenueRule(venue.id, f"{name}: {must(name)}", on.isoformat())
        return must(name)

    modes = frozenset(cast("list[Mode]", must("modes").split()))
    bands = {mode: said(f"{mode}-band") for mode in modes}
    levels = said("levels")
    return MarketRules(
        venue=venue.id, on=on, zone=venue.zone,
        price_scale=venue.price_scale, quantity_scale=scale,
        lot=int(Decimal(must("lot")).scaleb(scale)),
        tick=int(Decimal(must("tick")).scaleb(venue.price_scale)),
        modes=modes,
        hours={mode: must(f"hours.{mode}") for mode in modes},
        sizes={mode: Size(quanta(f"{mode}-min"), quanta(f"{mode}-max")) for mode in modes},
        bands={mode: Fraction(band) for mode, band in bands.items() if band},
        band_rounding=one_of("band-rounding", "half-up", "inside"),
        levels=int(levels) if levels else None,
        self_trade=one_of("self-trade", *SELF_TRADE),
        close=one_of("close", "listing-vwap", "composite"),
        bought_today_sellable=must("bought-today-sellable") == "yes",
        holding_limit=quanta("holding-limit"),
        large_holding=quanta("large-holding"),
        fee=Fraction(said("side-fee") or 0),
        settlement=one_of("settlement", "at-fill", "after-close"),
    )  # fmt: skip
