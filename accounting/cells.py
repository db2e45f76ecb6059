"""What a cell of a published table says: a figure with its unit, nothing, about how much."""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from accounting import figures, units
from accounting.figures import Figure, NotANumber
from accounting.sheet import Record
from accounting.units import DifferentDimension, Unit, UnknownUnit

NOTHING = re.compile(r"[\s\-‐-―−─/\\.…*]*")
NOTHING_SAID = frozenset(
    {"n/a", "na", "n.a.", "nan", "nd", "n.d.", "none", "null", "not read", "not published",
     "not estimated", "无", "无数据", "暂无", "未公布", "未核算", "未估算", "不适用", "缺", "缺失"}
)  # fmt: skip
LOOSE = re.compile(
    r"[<>≤≥≈±~]|\d\s*[-–—至到]\s*\d|[约近超逾余]|左右|以上|以下|不足|\b(about|approx|over|under|ca)\b",
    re.IGNORECASE,
)
PRICES_OF = re.compile(
    r"\s*[(（]\s*(?:\d{4}\s*年?|当年|现行|现|可比|不变)\s*(?:可比|不变)?价格?\s*[)）]"
)
MARKS_OF_UNIT = re.compile(r"\s*[①-⒇ⓐ-ⓩ❶-❿*†‡※＊]+\s*$")
CURRENCY_SIGNS = (("US$", "USD"), ("$", "USD"), ("¥", "CNY"), ("€", "EUR"), ("£", "GBP"))


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure with its unit."""

    figure: Figure
    unit: Unit


def is_nothing(text: str) -> bool:
    """Say whether a cell says that there is no figure: empty, a dash, a slash, 未核算, n/a."""
    tidy = unicodedata.normalize("NFKC", text).strip().casefold()
    return tidy in NOTHING_SAID or bool(NOTHING.fullmatch(tidy))


def is_loose(text: str) -> bool:
    """Say whether a cell gives a range, a bound or an approximate figure: nothing to multiply."""
    tidy = unicodedata.normalize("NFKC", text)
    return bool(LOOSE.search(tidy)) and any(each.isdigit() for each in tidy)


def read(record: Record, column: str, unit_column: str) -> Cell:
    """Read a number and its unit; a scale or unit typed beside the number belongs to the unit.

    Refused: a number that cannot be read, an unknown unit, two units that measure other things.
    """
    typed = record[column]
    unit = PRICES_OF.sub("", MARKS_OF_UNIT.sub("", record[unit_column]))
    if column == "factor" and is_nothing(typed):
        return Cell(Figure("1", Fraction(1), Fraction(0)), units.ONE)
    figure, rest = figures.read_with_rest(_without_currency(figures.unmarked(typed), unit))
    if rest and unit and rest != unit:
        unit = rest + unit if rest in units.vocabulary().scales else _closer(typed, rest, unit)
    if column == "factor" and not (unit or rest):
        return Cell(figure, units.ONE)
    return Cell(figure, units.parse(unit or rest))


def _without_currency(typed: str, unit: str) -> str:
    """Drop a sign of currency before a number where its unit is of that currency."""
    tidy = unicodedata.normalize("NFKC", typed).strip()
    for sign, currency in CURRENCY_SIGNS:
        if tidy.startswith(sign):
            return tidy[len(sign) :] if currency in dict(units.parse(unit).dimension) else typed
    return typed


def _closer(typed: str, rest: str, unit: str) -> str:
    """Return the unit beside the number, which is closer to it than that of its column."""
    try:
        units.conversion(units.parse(rest), units.parse(unit))
    except (UnknownUnit, DifferentDimension):
        raise NotANumber(typed) from None
    return rest
