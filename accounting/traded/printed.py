"""Identities that a table prints in words: products, sums, averages, trades at a price."""

import re
from collections.abc import Iterator
from fractions import Fraction
from math import prod

from accounting import figures
from accounting.figures import Figure, NotANumber
from accounting.traded.verdict import NOTE, SCALES, Check, equal, scaled

LONGEST_NOTE = 2000
TERMS_MAX = 12
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,20}(?:\.\d{1,20})?"
PRODUCT = re.compile(rf"((?:{NUMBER})(?:\s*[x×*]\s*(?:{NUMBER}))+)\s*=\s*({NUMBER})(?![\d亿万])")
SUM = re.compile(rf"((?:{NUMBER})(?:\s*\+\s*(?:{NUMBER}))+)\s*=\s*({NUMBER})(?![\d亿万])")
TRADE = re.compile(
    rf"({NUMBER})\s*(万|亿)?\s*(?:t|吨)\s*(?:for|,|，|共)\s*({NUMBER})\s*(万|亿)?\s*元?\s*(?:at|@|均价|单价)\s*({NUMBER})"
)
AVERAGE = re.compile(rf"\b(listing |block )?avg\.? ({NUMBER})")
ITEMS = re.compile(rf"(\d{{1,4}}) items sum to ({NUMBER})")
YEAR_TO_DATE = re.compile(rf"ytd ({NUMBER}) ?t / ({NUMBER}) ?(?:yuan|元)")


def identities(text: str) -> Iterator[Check]:
    """Recompute every product, sum and trade that a note prints."""
    note = text[:LONGEST_NOTE]
    for pattern, sign in ((PRODUCT, "×"), (SUM, "+")):
        for found in pattern.finditer(note):
            parts = [number(each) for each in re.findall(NUMBER, found[1])][:TERMS_MAX]
            values = [each.value for each in parts]
            whole = prod(values, start=Fraction(1)) if sign == "×" else sum(values, Fraction(0))
            yield equal(f"{NOTE}{found[1].strip()} =", whole, number(found[2]))
    for found in TRADE.finditer(note):
        quantity = scaled(number(found[1]), SCALES[found[2] or ""])
        amount = scaled(number(found[3]), SCALES[found[4] or ""])
        price = number(found[5])
        slack = quantity.half * price.value + price.half * quantity.value
        yield equal(f"{NOTE}{found[0]}", quantity.value * price.value, amount, slack)


def number(typed: str) -> Figure:
    """Read a number that one of the patterns has found."""
    try:
        return figures.read(typed)
    except NotANumber:
        return Figure("0", Fraction(0), Fraction(0))
