"""The rules of one kind of right, as dated data with sources; any past day can be replayed."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from ledger.core.amount import Amount, Commodity
from ledger.core.errors import NotFound, RuleBroken
from ledger.core.label import Label

FOLDER = Path(__file__).parent / "instruments"
RECALLED = "recalled: to be confirmed"


@dataclass(eq=False)
class UnknownInstrument(NotFound):
    """No instrument has this id."""

    code = "rights.unknown-instrument"
    title = "No instrument has this id"
    instrument: str


@dataclass(eq=False)
class NoRule(NotFound):
    """No rule of this name was in force on that day."""

    code = "rights.no-rule"
    title = "No rule of this name was in force on that day"
    instrument: str
    rule: str
    on: str


@dataclass(eq=False)
class NotWholeLots(RuleBroken):
    """The quantity is not a whole number of lots."""

    code = "rights.lot"
    title = "The quantity is not a whole number of lots"
    quantity: str
    lot: str


@dataclass(eq=False)
class OffTick(RuleBroken):
    """The price is not a whole number of ticks."""

    code = "rights.tick"
    title = "The price is not a whole number of ticks"
    price: str
    tick: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its value, its unit, the days it is in force, and where it is written."""

    name: str
    value: str
    unit: str
    since: dt.date
    until: dt.date | None
    document: str
    clause: str
    tag: str

    def holds(self, on: dt.date) -> bool:
        """Say whether it is in force on a day."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One kind of right: its unit and scale are fixed, its rules have dates."""

    id: str
    title: Label
    kind: str
    unit: str
    scale: int
    code: str
    rules: tuple[Rule, ...]

    def commodity(self, **parts: str) -> Commodity:
        """Return the commodity of a site, pollutant, region and vintage, by the code's pattern."""
        return Commodity(self.code.format(**parts), self.unit, self.scale, self.kind, self.id)

    def rule(self, name: str, on: dt.date) -> Rule:
        """Return the rule of that day; of several the latest."""
        found = [each for each in self.rules if each.name == name and each.holds(on)]
        if not found:
            raise NoRule(self.id, name, on.isoformat())
        return max(found, key=lambda each: each.since)

    def check_lot(self, amount: Amount, on: dt.date) -> None:
        """Refuse a quantity that is not a whole number of that day's lots."""
        lot = Decimal(self.rule("lot", on).value)
        if amount.value % lot:
            raise NotWholeLots(str(amount), str(lot))

    def check_tick(self, price: Decimal, on: dt.date) -> None:
        """Refuse a price that is not a whole number of that day's ticks."""
        tick = Decimal(self.rule("tick", on).value)
        if price % tick:
            raise OffTick(str(price), str(tick))


def find(id: str) -> Instrument:
    """Return an instrument by its id."""
    instruments = catalogue()
    if id not in instruments:
        raise UnknownInstrument(id)
    return instruments[id]


@cache
def catalogue() -> Mapping[str, Instrument]:
    """Read every instrument that ships, one file each."""
    read_in = (_read(path) for path in sorted(FOLDER.glob("*.toml")))
    return {each.id: each for each in read_in}


def _read(path: Path) -> Instrument:
    stated = tomllib.loads(path.read_text("utf-8"))
    return Instrument(
        id=stated["id"],
        title=Label(**stated["title"]),
        kind=stated["kind"],
        unit=stated["unit"],
        scale=stated["scale"],
        code=stated["code"],
        rules=tuple(_rule(each) for each in stated["rule"]),
    )


def _rule(stated: Mapping[str, str | dt.date]) -> Rule:
    since, until = stated["from"], stated.get("until")
    assert isinstance(since, dt.date)
    assert until is None or isinstance(until, dt.date)
    texts = {name: str(stated.get(name, "")) for name in ("name", "value", "unit", "clause", "tag")}
    return Rule(**texts, since=since, until=until, document=str(stated["document"]))
