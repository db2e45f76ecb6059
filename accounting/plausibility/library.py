"""What the auditor compares with: words that name a subject, published figures, parameters."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

from accounting.method import Source


@dataclass(frozen=True, slots=True)
class CarbonPrice:
    """A published price of a tonne, in CNY, and of which substance it is."""

    cny_per_t: Fraction
    of: str
    source: Source


@dataclass(frozen=True, slots=True)
class PerArea:
    """The least and the most that published cases give for a subject, in CNY/km2."""

    subject: str
    least: Fraction
    most: Fraction
    source: Source


@dataclass(frozen=True, slots=True)
class Library:
    """library.toml as read; ``numbers`` are its single figures, by section and name."""

    words: Mapping[str, re.Pattern[str]]
    numbers: Mapping[tuple[str, str], Fraction]
    heat: Mapping[str, Fraction]
    carbon_prices: tuple[CarbonPrice, ...]
    per_area: tuple[PerArea, ...]
    provinces: Mapping[re.Pattern[str], Fraction]


@cache
def library() -> Library:
    """Read library.toml once."""
    text = resources.files("accounting").joinpath("plausibility", "library.toml").read_text("utf-8")
    table = tomllib.loads(text)
    return Library(
        {name: re.compile(each, re.IGNORECASE) for name, each in table["words"].items()},
        dict(_numbers(table)),
        {name: Fraction(each) for name, each in table["cooling"]["heat"].items()},
        tuple(_price(each) for each in table["carbon_price"]),
        tuple(_per_area(each) for each in table["per_area"]),
        {re.compile(name): Fraction(each) for name, each in table["provinces"].items()},
    )


def _numbers(table: Mapping[str, Any]) -> list[tuple[tuple[str, str], Fraction]]:
    return [
        ((section, name), Fraction(each))
        for section in ("molar_mass", "cooling", "hydropower", "drift", "outlier")
        for name, each in table[section].items()
        if isinstance(each, str) and name != "assumed"
    ]


def _price(entry: Mapping[str, Any]) -> CarbonPrice:
    return CarbonPrice(Fraction(entry["cny_per_t"]), entry["of"], Source(**entry["source"]))


def _per_area(entry: Mapping[str, Any]) -> PerArea:
    least, most = (Fraction(each) for each in entry["cny_per_km2"])
    return PerArea(entry["subject"], least, most, Source(**entry["source"]))
