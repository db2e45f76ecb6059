"""The rules of one kind of right, as dated data with sources; any past day can be replayed."""

import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

from ledger.core.amount import Amount, Commodity
from ledger.core.errors import Finding, InputRefused, NotFound, RuleBroken
from ledger.core.label import Label

FOLDER = Path(__file__).parent / "instruments"
RECALLED = "recalled: to be confirmed"
YES = "yes"
PART = "[A-Z0-9-]+"
TOPICS = (
    "lot", "tick", "vintage", "issue", "cap", "holders", "transfer", "surrender", "carry-over",
    "expiry", "buy-back", "pledge", "lease", "voluntary-cancel", "fee",
)  # fmt: skip
"""What every tradable right says of itself, if only that nothing was found."""


@dataclass(eq=False)
class UnknownInstrument(NotFound):
    """No instrument has this id."""

    code = "rights.unknown-instrument"
    title = "No instrument has this id"
    instrument: str


@dataclass(eq=False)
class UnknownRight(NotFound):
    """The code is of no instrument's form."""

    code = "rights.unknown-right"
    title = "The code is of no instrument's form"
    right: str


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
    obligation: str = ""
    entitlement: str = ""

    def commodity(self, **parts: str) -> Commodity:
        """Return the commodity of a site, pollutant, region and vintage, by the code's pattern."""
        return Commodity(self.code.format(**parts), self.unit, self.scale, self.kind, self.id)

    def rule(self, name: str, on: dt.date) -> Rule:
        """Return the rule of that day; of several the latest."""
        found = [each for each in self.rules if each.name == name and each.holds(on)]
        if not found:
            raise NoRule(self.id, name, on.isoformat())
        return max(found, key=lambda each: each.since)

    def allows(self, name: str, on: dt.date) -> bool:
        """Say whether the rule of that day says yes; without a rule it does not."""
        return any(each.name == name and each.holds(on) for each in self.rules) and (
            self.rule(name, on).value == YES
        )

    def number(self, name: str, on: dt.date) -> Decimal:
        """Return the number that the rule of that day states."""
        return Decimal(self.rule(name, on).value)

    def day(self, name: str, on: dt.date) -> dt.date | None:
        """Return the day that the rule of that day states; none where there is no such rule."""
        if not any(each.name == name and each.holds(on) for each in self.rules):
            return None
        return dt.date.fromisoformat(self.rule(name, on).value)

    def owed(self, year: str) -> Commodity:
        """Return the memo commodity in which the obligations of a year are counted."""
        if not self.obligation:
            raise NoRule(self.id, "obligation", year)
        code = self.obligation.format(year=year)
        return Commodity(code, self.unit, self.scale, "memo", self.id)

    def check_lot(self, amount: Amount, on: dt.date) -> None:
        """Refuse a quantity that is not a whole number of that day's lots."""
        lot = self.number("lot", on)
        if amount.value % lot:
            raise NotWholeLots(str(amount), str(lot))

    def check_tick(self, price: Decimal, on: dt.date) -> None:
        """Refuse a price that is not a whole number of that day's ticks."""
        tick = self.number("tick", on)
        if price % tick:
            raise OffTick(str(price), str(tick))


@dataclass(frozen=True, slots=True)
class Right:
    """A right by its code: of which instrument, and what the parts of the code say."""

    instrument: Instrument
    parts: Mapping[str, str]
    commodity: Commodity

    def ends(self, on: dt.date) -> dt.date | None:
        """Return its last day by the rules of a day: its year's, or what is stated of a vintage."""
        if "year" in self.parts:
            return dt.date(int(self.parts["year"]), 12, 31)
        return self.instrument.day(f"ends.{self.parts.get('vintage', '')}", on)


def right(code: str) -> Right:
    """Return what a code says, or refuse one that is of no instrument's form."""
    for each in catalogue().values():
        for pattern in (each.code, each.entitlement):
            if pattern and (found := _form(pattern).fullmatch(code)):
                commodity = Commodity(code, each.unit, each.scale, each.kind, each.id)
                return Right(each, found.groupdict(), commodity)
    raise UnknownRight(code)


def right_of(commodity: Commodity) -> Right | None:
    """Return the right that a commodity counts; none where no instrument rules it."""
    if not commodity.instrument or commodity.kind == "memo":
        return None
    try:
        return right(commodity.code)
    except UnknownRight:
        return None


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


def findings(instrument: Instrument, file: str = "") -> Iterator[Finding]:
    """Yield gaps and overlaps of dates, and topics of which a tradable right says nothing."""
    names = dict.fromkeys(each.name for each in instrument.rules)
    for name in names:
        dated = sorted(
            (each for each in instrument.rules if each.name == name), key=lambda each: each.since
        )
        for earlier, later in pairwise(dated):
            facts = {"rule": name, "until": str(earlier.until), "since": str(later.since)}
            if earlier.until is None or earlier.until >= later.since:
                yield Finding("rights.rules-overlap", "Two hold at once", file, facts=facts)
            elif earlier.until + dt.timedelta(days=1) < later.since:
                yield Finding("rights.rules-gap", "None holds in between", file, facts=facts)
    for topic in TOPICS if instrument.kind != "memo" else ():
        if topic not in names:
            yield Finding("rights.rule-missing", "Nothing is said of this", file, field=topic)


@cache
def _form(pattern: str) -> re.Pattern[str]:
    named = re.sub(r"{(\w+)}", rf"(?P<\1>{PART})", pattern.replace(".", r"\."))
    return re.compile(named.replace(f"(?P<year>{PART})", r"(?P<year>[12][0-9]{3})"))


def _read(path: Path) -> Instrument:
    stated = tomllib.loads(path.read_text("utf-8"))
    made = Instrument(
        id=stated["id"],
        title=Label(**stated["title"]),
        kind=stated["kind"],
        unit=stated["unit"],
        scale=stated["scale"],
        code=stated["code"],
        rules=tuple(_rule(each) for each in stated["rule"]),
        obligation=stated.get("obligation", ""),
        entitlement=stated.get("entitlement", ""),
    )
    if found := tuple(findings(made, path.name)):
        raise InputRefused(found)
    return made


def _rule(stated: Mapping[str, str | dt.date]) -> Rule:
    since, until = stated["from"], stated.get("until")
    assert isinstance(since, dt.date)
    assert until is None or isinstance(until, dt.date)
    texts = {name: str(stated.get(name, "")) for name in ("name", "value", "unit", "clause", "tag")}
    return Rule(**texts, since=since, until=until, document=str(stated["document"]))
