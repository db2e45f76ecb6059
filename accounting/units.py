"""What a unit string means: exact factor and dimension, over a pint registry used only here.

Written like UCUM (`hm2`, `m3`, `t.CO2`, `t/(hm2.a)`, `kWh/a`, `CNY/m3`), and on input also as
people type it (元, 万t, 亿m³, `1e6 CNY`, t·hm⁻²·a⁻¹). All that follows one '/' up to the next is
below the line, as the field writes it: `t/hm2.a` is `t/(hm2.a)`.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from importlib import resources
from itertools import product
from typing import Any

import pint

from ledger.core.errors import RuleBroken

Dimension = tuple[tuple[str, int], ...]

LONGEST_TEXT = 60
HIGHEST_POWER = 9
PERIOD = "period"
ENERGY = (("length", 2), ("mass", 1), ("time", -2))
VISIT_OR_PERSON = frozenset({"visit", "person"})

SUPERSCRIPTS = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")
SIGNS = str.maketrans("−–—·⋅•∙・×", "---......")
POWER_OF_TEN = re.compile(
    r"(?P<mantissa>10*)(?:\.0+)?(?:[eE]\+?(?P<e>-?\d{1,2})|\^(?P<p>-?\d{1,2}))?(?!\d)"
)
EXPONENT = re.compile(r"\^?([+-]?\d+)")


@dataclass(eq=False)
class UnknownUnit(RuleBroken):
    """A unit string that cannot be read, from the place where reading stopped."""

    code = "unit.unknown"
    title = "This unit is not known"
    unit: str
    stopped_at: str


@dataclass(eq=False)
class DifferentDimension(RuleBroken):
    """Two units do not measure the same thing."""

    code = "unit.dimension"
    title = "The units measure different things"
    given: str
    given_is: str
    wanted: str
    wanted_is: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as typed, with its exact size in base units and its dimension."""

    text: str
    factor: Fraction
    dimension: Dimension

    def __mul__(self, other: "Unit") -> "Unit":
        text = " × ".join(part for part in (self.text, other.text) if part)
        return Unit(text, self.factor * other.factor, _joined(self, other, 1))

    def __truediv__(self, other: "Unit") -> "Unit":
        return Unit(
            f"{self.text}/({other.text})", self.factor / other.factor, _joined(self, other, -1)
        )

    def __pow__(self, power: int) -> "Unit":
        dimension = tuple((name, exponent * power) for name, exponent in self.dimension)
        return Unit(f"({self.text}){power}", self.factor**power, dimension if power else ())

    @property
    def measures(self) -> str:
        """Say what this unit measures, such as `volume` or `mass of CO2 per area`."""
        return spoken(self.dimension)


@dataclass(frozen=True, slots=True)
class Conversion:
    """What to multiply by to go from one unit to another, and what was taken for granted."""

    factor: Fraction
    notes: tuple[str, ...] = ()


ONE = Unit("1", Fraction(1), ())


def _joined(left: Unit, right: Unit, sign: int) -> Dimension:
    powers = dict(left.dimension)
    for name, exponent in right.dimension:
        powers[name] = powers.get(name, 0) + sign * exponent
    return tuple(sorted((name, exponent) for name, exponent in powers.items() if exponent))


def conversion(given: Unit, wanted: Unit) -> Conversion:
    """Return the exact factor from one unit to another; refuse when they measure other things.

    Taken for granted, and noted: a mass without a substance is the mass of the substance it meets;
    a flow is per accounting period; a visit is made by a person. Two substances are refused.
    """
    ratio = given / wanted
    if not ratio.dimension:
        return Conversion(ratio.factor)
    note = _granted(dict(ratio.dimension))
    if note is None:
        raise DifferentDimension(given.text, given.measures, wanted.text, wanted.measures)
    return Conversion(ratio.factor, (note,))


def _granted(left_over: dict[str, int]) -> str | None:
    names = left_over.keys()
    if any(abs(exponent) != 1 for exponent in left_over.values()):
        return None
    if names == {PERIOD}:
        return "unit.per-period"
    if names == VISIT_OR_PERSON and sum(left_over.values()) == 0:
        return "unit.visit-is-a-person"
    if len(names) == 1 and names <= vocabulary().substances:
        return "unit.untyped-mass"
    return None


def spoken(dimension: Dimension) -> str:
    """Say a dimension in words: `mass of CO2`, `money in CNY per energy`."""
    powers = dict(dimension)
    for sign in (1, -1):
        if all(powers.get(name) == sign * power for name, power in ENERGY):
            powers = {n: p for n, p in powers.items() if n not in dict(ENERGY)} | {"energy": sign}
    above = _product({name: power for name, power in powers.items() if power > 0})
    below = _product({name: -power for name, power in powers.items() if power < 0})
    return (above or ("1" if below else "number")) + (f" per {below}" if below else "")


def _product(powers: Mapping[str, int]) -> str:
    words = vocabulary()
    substances = [name for name in powers if name in words.substances]
    said = []
    for name in (name for name in powers if name not in substances):
        text = name if powers[name] == 1 else f"{name}{powers[name]}"
        said.append(words.spoken.get(text, text))
        if name == "mass" and substances:
            said[-1] += " of " + " and ".join(substances)
            substances = []
    return " and ".join(said + substances)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every name a unit string may hold, the scale words, the substances, the spoken names."""

    names: Mapping[str, Unit]
    scales: Mapping[str, int]
    substances: frozenset[str]
    spoken: Mapping[str, str]
    longest: int


@cache
def vocabulary() -> Vocabulary:
    """Read units.toml once and size every name with pint, in exact fractions."""
    text = resources.files("accounting").joinpath("units.toml").read_text("utf-8")
    table = tomllib.loads(text)
    substances = {name: Unit(name, Fraction(1), ((name, 1),)) for name in table["substances"]}
    symbols = dict(_sized(table["define"]))
    names = dict(symbols)
    for name, others in table["aliases"].items():
        unit = symbols.get(name) or symbols[name[:-1]] ** int(name[-1])
        names |= {_tidy(other): unit for other in others}
    masses = {name: unit for name, unit in names.items() if unit.dimension == (("mass", 1),)}
    words = {_tidy(w): substances[s] for s, ws in table["substances"].items() for w in (s, *ws)}
    for (mass, unit), (word, substance) in product(masses.items(), words.items()):
        typed = unit * substance
        names |= {
            f"{mass}{gap}{word}": typed for gap in ("", ".", " ", " of ") if mass + gap != "T"
        }
        names[f"{mass}({word})"] = typed
    longest = max(len(name) for name in names)
    return Vocabulary(names, table["scales"], frozenset(substances), table["spoken"], longest)


def _sized(definitions: Mapping[str, str]) -> Iterator[tuple[str, Unit]]:
    registry: Any = pint.UnitRegistry(None, non_int_type=Fraction)
    for symbol, meaning in definitions.items():
        registry.define(f"{symbol} = {meaning}")
    for symbol in definitions:
        base = registry.Quantity(Fraction(1), symbol).to_base_units()
        powers = {name[1:-1]: int(power) for name, power in base.dimensionality.items()}
        yield symbol, Unit(symbol, Fraction(base.magnitude), tuple(sorted(powers.items())))


def _tidy(text: str) -> str:
    raised = re.sub("10([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: "10^" + m[1].translate(SUPERSCRIPTS), text)
    plain = unicodedata.normalize("NFKC", raised).translate(SIGNS)
    return " ".join(plain.split())


@lru_cache(maxsize=4096)
def parse(text: str) -> Unit:
    """Return what a unit string means, or refuse it with the place where reading stopped."""
    tidy = _tidy(text)
    tidy = re.sub(r"\s*(每|/|\bper\b)\s*", "/", tidy).replace("**", "^")
    tidy = re.sub(r"10\*(?=[+-]?\d)", "10^", tidy)
    tidy = re.sub(r"人民币\s*(?=[十百千万亿]*元)", "", tidy)
    if not tidy or len(tidy) > LONGEST_TEXT:
        raise UnknownUnit(text, tidy[:LONGEST_TEXT])
    scanner = _Scanner(text, tidy)
    unit = scanner.quotient()
    if scanner.rest:
        raise UnknownUnit(text, scanner.rest)
    return Unit(text.strip(), unit.factor, unit.dimension)


class _Scanner:
    """Reads one tidied unit string from left to right."""

    def __init__(self, text: str, tidy: str) -> None:
        self.text, self.rest = text, tidy

    def quotient(self) -> Unit:
        """Read products divided by one another, from left to right."""
        unit = self.product()
        while self.rest.startswith("/"):
            self.rest = self.rest[1:]
            unit = unit / self.product()
        return unit

    def product(self) -> Unit:
        """Read what stands between two '/': one power of ten, one scale word, units, brackets."""
        unit, terms = ONE, [self.bracket, self.power_of_ten, self.scale, self.named]
        while True:
            self.rest = self.rest.lstrip(" .*")
            term, read = next(((t, u) for t in terms if (u := t())), (None, None))
            if term is None or read is None:
                raise UnknownUnit(self.text, self.rest)
            unit = unit * read
            if term in (self.power_of_ten, self.scale):
                terms.remove(term)
            if not self.rest or self.rest[0] in "/)":
                return unit

    def bracket(self) -> Unit | None:
        """Read a bracketed unit and its power."""
        if not self.rest.startswith("("):
            return None
        self.rest = self.rest[1:]
        unit = self.quotient()
        if not self.rest.startswith(")"):
            raise UnknownUnit(self.text, self.rest)
        self.rest = self.rest[1:]
        return self.raised(unit)

    def power_of_ten(self) -> Unit | None:
        """Read 1e8, 10^8 or 10000."""
        found = POWER_OF_TEN.match(self.rest)
        if not found:
            return None
        self.rest = self.rest[found.end() :]
        power = int(found["e"] or 0) + (len(found["mantissa"]) - 1) * int(found["p"] or 1)
        return Unit("", Fraction(10) ** power, ())

    def scale(self) -> Unit | None:
        """Read 万, 亿, million; but 千瓦时 is a unit and wins."""
        word = self.longest(vocabulary().scales)
        if not word or len(self.longest(vocabulary().names)) > len(word):
            return None
        self.rest = self.rest[len(word) :]
        return Unit("", Fraction(10) ** vocabulary().scales[word], ())

    def named(self) -> Unit | None:
        """Read a unit and its power."""
        word = self.longest(vocabulary().names)
        self.rest = self.rest[len(word) :]
        return self.raised(vocabulary().names[word]) if word else None

    def longest(self, words: Mapping[str, object]) -> str:
        """Return the longest known word here; a Latin word ends where its letters end."""
        for length in range(min(len(self.rest), vocabulary().longest), 0, -1):
            word, after = self.rest[:length], self.rest[length : length + 1]
            inside = word[-1].isascii() and word[-1].isalpha() and after.isascii()
            if word in words and not (inside and after.isalpha()):
                return word
        return ""

    def raised(self, unit: Unit) -> Unit:
        """Raise what was just read to the power that follows it."""
        found = EXPONENT.match(self.rest)
        if not found:
            return unit
        if abs(int(found[1][:4])) > HIGHEST_POWER:
            raise UnknownUnit(self.text, self.rest)
        self.rest = self.rest[found.end() :]
        return unit ** int(found[1])
