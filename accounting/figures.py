"""Figures as they were typed: the exact number, and half a unit of its last printed digit."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import cache

from ledger.core.errors import RuleBroken

LONGEST = 60
FARTHEST_EXPONENT = 60
LONGEST_EXPONENT = 3
UNEXPECTED_DIGITS = 15
WIDE = Context(prec=999)

RAISED = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")
TEN_TO_THE = re.compile(r"\s*[×xX*]\s*10\s*(?:\^\s*([+-]?\d+)|([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))")
BARE_TEN_TO_THE = re.compile(r"(?<![\d.,])10([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
MARK_AFTER_DIGIT = re.compile(r"(?<=[\d.])\s*[⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾ᵃ-ᶻ①-⒇ⓐ-ⓩ❶-❿]+")
MARK_AT_END = re.compile(
    r"\s*(?:[*†‡§#※＊＃]+|[\[(（［【〔]\s*(?:注|note)?\s*(?:\d{1,2}|(?<=\[)[a-z])\s*[\])）］】〕]|注\s*\d{0,2})\s*$"
)
PLAIN = re.compile(r"\d{1,20}(?:\.(\d{1,20}))?", re.ASCII)  # as most figures are typed
NUMBER = re.compile(
    r"""(?P<number>[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:\ \d{3})+|\d{1,3}(?:'\d{3})+|\d+)(?:\.\d*)?
        |[+-]?\.\d+)(?:[eE](?P<exponent>[+-]?\d+))?(?P<rest>.*)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)


@dataclass(eq=False)
class NotANumber(RuleBroken):
    """A cell where a number was expected holds something else."""

    code = "figure.not-a-number"
    title = "Not a number that can be read"
    typed: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One number as typed: `375` is 375 give or take 0.5, `6.00` is 6 give or take 0.005."""

    typed: str
    value: Fraction
    half: Fraction

    @property
    def decimal(self) -> Decimal:
        """The number with every typed digit, trailing zeros too."""
        return Decimal(self.typed)

    def times(self, factor: Fraction) -> "Figure":
        """Return the same figure in another unit; the typed text stays."""
        if factor == 1:
            return self
        return Figure(self.typed, self.value * factor, self.half * abs(factor))


def read(text: str) -> Figure:
    """Read a cell that holds a number and nothing else; refuse anything beside it."""
    figure, rest = read_with_rest(text)
    if rest:
        raise NotANumber(text)
    return figure


def read_with_rest(text: str) -> tuple[Figure, str]:
    """Read the number at the start of a cell, and what follows it (`1.36 亿`, `44.3%`).

    Full-width digits, thousands separators, `1.2e3` and `1.2×10³` are read. Refused: a number
    longer than sixty places, a vulgar fraction, a digit with the mark of a footnote.
    """
    if plain_ := PLAIN.fullmatch(text):
        decimals = len(plain_[1] or "")
        return Figure(text, Fraction(int(text.replace(".", "")), 10**decimals), _half(decimals)), ""
    raised = _powers_of_ten(text)
    tidy = unicodedata.normalize("NFKC", raised).replace("−", "-").replace("\u2009", " ").strip()
    found = NUMBER.fullmatch(tidy)
    if (
        not found
        or MARK_AFTER_DIGIT.search(raised)
        or len(found["number"]) > LONGEST
        or len(found["exponent"] or "") > LONGEST_EXPONENT
    ):
        raise NotANumber(text)
    exponent = int(found["exponent"] or 0)
    if abs(exponent) > FARTHEST_EXPONENT:
        raise NotANumber(text)
    digits = re.sub(r"[, ']", "", found["number"])
    if re.match(r"[\s.,'⁄_]*\d|⁄", found["rest"]):
        raise NotANumber(text)
    decimals = len(digits.partition(".")[2])
    typed = f"{digits}e{exponent}" if exponent else digits
    half = Fraction(10) ** (exponent - decimals) / 2
    return Figure(typed, Fraction(Decimal(typed)), half), found["rest"].strip()


@cache
def _half(decimals: int) -> Fraction:
    return Fraction(1, 2 * 10**decimals)


def unmarked(text: str) -> str:
    """Drop the marks of footnotes from a cell: `1.36①`, `1.36*`, `1.36[2]`; and that of a text."""
    return MARK_AT_END.sub("", MARK_AFTER_DIGIT.sub("", _powers_of_ten(text))).removeprefix("'")


def _powers_of_ten(text: str) -> str:
    """Write 10⁸ and 10^8 as exponents, so that no power is taken for a mark or for digits."""
    times = TEN_TO_THE.sub(lambda m: "e" + (m[1] or m[2].translate(RAISED)), text)
    return BARE_TEN_TO_THE.sub(lambda m: "1e" + m[1].translate(RAISED), times)


def plain(number: Fraction) -> str:
    """Write an exact number: all its decimals where they end, else fifteen digits."""
    places = max(_power(number.denominator, 2), _power(number.denominator, 5))
    if (10**places) % number.denominator == 0:
        return f"{Decimal(int(number * 10**places)).scaleb(-places, WIDE):f}"
    context = Context(prec=UNEXPECTED_DIGITS)
    return f"{context.divide(Decimal(number.numerator), Decimal(number.denominator)):f}"


def _power(number: int, prime: int) -> int:
    power = 0
    while number % prime == 0:
        number, power = number // prime, power + 1
    return power


def rounded(number: Fraction | float, decimals: int, power: int = 0) -> Decimal:
    """Round number × 10^power half up to so many decimals; nothing is less than nought.

    A float is taken as the shortest text that means it, and scaled exactly.
    """
    if isinstance(number, float):
        exact = Decimal(repr(float(number))).scaleb(power, WIDE)
        near = exact.quantize(_step(decimals), ROUND_HALF_UP, WIDE)
        return near or abs(near)
    scaled = number * Fraction(10) ** (power + decimals)
    quanta = int(abs(scaled) + Fraction(1, 2))
    return Decimal(quanta if scaled >= 0 else -quanta).scaleb(-decimals, WIDE)


@cache
def _step(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)
