"""What is counted, and how much of it: whole quanta of a commodity, never a float."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from ledger.core.refusals import AmountOverflow, InexactAmount, Malformed

QUANTA_MAX = 2**63 - 1
COMMODITY_KINDS = ("money", "allowance", "credit", "flow-right", "share", "parcel", "memo")
SCALE_MAX = 9
POWERS: tuple[int, ...] = tuple(10**power for power in range(SCALE_MAX + 1))
CODE_FORM = re.compile(r"[A-Z][A-Z0-9.-]{0,23}")
AMOUNT_FORM = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
EXACT = Context(prec=80)


@dataclass(frozen=True, slots=True)
class Commodity:
    """Money or a right: its code never holds the unit, its scale is fixed for ever."""

    code: str
    unit: str
    scale: int
    kind: str
    instrument: str = ""

    def __post_init__(self) -> None:
        if not CODE_FORM.fullmatch(self.code):
            raise Malformed("commodity.code", f"{self.code!r} is not a commodity code")
        if self.kind not in COMMODITY_KINDS:
            raise Malformed("commodity.kind", f"{self.kind!r} is none of {COMMODITY_KINDS}")
        if not 0 <= self.scale <= SCALE_MAX:
            raise Malformed("commodity.scale", f"{self.scale} is not within 0 to {SCALE_MAX}")


CNY = Commodity("CNY", "CNY", 2, "money")


@dataclass(frozen=True, slots=True)
class Amount:
    """A signed whole number of the smallest parts (quanta) of a commodity."""

    quanta: int
    commodity: Commodity

    def __post_init__(self) -> None:
        if abs(self.quanta) > QUANTA_MAX:
            raise AmountOverflow(self.commodity.code)

    @classmethod
    def exactly(cls, value: Decimal | str, commodity: Commodity) -> "Amount":
        """Take a decimal that is a whole number of quanta; refuse one that is finer."""
        scaled = _exact(value).scaleb(commodity.scale, EXACT)
        if scaled != scaled.to_integral_value():
            raise InexactAmount(str(value), commodity.code, commodity.scale)
        return cls(int(scaled), commodity)

    @classmethod
    def rounded(cls, value: Decimal, commodity: Commodity) -> "Amount":
        """Round half up (四舍五入); only recognition, assessment and settlement may."""
        scaled = value.scaleb(commodity.scale, EXACT)
        return cls(int(scaled.to_integral_value(ROUND_HALF_UP)), commodity)

    @property
    def value(self) -> Decimal:
        """The amount in the commodity's unit, with all its decimals."""
        return Decimal(self.quanta).scaleb(-self.commodity.scale, EXACT)

    def split(self, weights: Sequence[int]) -> list["Amount"]:
        """Share out without loss: spare quanta by largest remainder, ties to the earlier party."""
        shares, spare = _floor_shares(self.quanta, weights)
        by_remainder = sorted(
            range(len(weights)), key=lambda i: -((self.quanta * weights[i]) % sum(weights))
        )
        for index in by_remainder[:spare]:
            shares[index] += 1
        return [Amount(share, self.commodity) for share in shares]

    def __neg__(self) -> "Amount":
        return Amount(-self.quanta, self.commodity)

    def __add__(self, other: "Amount") -> "Amount":
        self._same(other)
        return Amount(self.quanta + other.quanta, self.commodity)

    def __sub__(self, other: "Amount") -> "Amount":
        return self + -other

    def __str__(self) -> str:
        return f"{self.value:f}"

    def _same(self, other: "Amount") -> None:
        if self.commodity != other.commodity:
            raise Malformed("amount", f"{self.commodity.code} is not {other.commodity.code}")


def decimal_of(text: object, at: str = "amount") -> Decimal:
    """Read a decimal string as it stands in JSON, CSV or TOML; refuse any other form."""
    if not isinstance(text, str) or not AMOUNT_FORM.fullmatch(text):
        raise Malformed(at, f"{text!r} is not a decimal string")
    return Decimal(text)


def canonical_text(text: str) -> str:
    """Write the text of a decimal (``AMOUNT_FORM``) in its one normal form, as ``canonical``."""
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    plain = text[0] in "123456789" or (text[0] == "-" and text[1:2] in tuple("123456789"))
    return text if plain else canonical(Decimal(text))


def quanta_of(text: str, scale: int) -> int | None:
    """Count the quanta in the text of a decimal; none where it is finer than the scale."""
    point = text.find(".")
    if point < 0:
        return int(text) * POWERS[scale]
    end = point + 1 + scale
    finer = len(text) - end
    if finer <= 0:
        return int(text[:point] + text[point + 1 :]) * POWERS[-finer]
    return None if text[end:].strip("0") else int(text[:point] + text[point + 1 : end])


def canonical(value: Decimal) -> str:
    """Write a decimal with no exponent, no trailing zeros and no minus zero."""
    if not value:
        return "0"
    with localcontext(EXACT):
        return f"{value.normalize():f}"


def _exact(value: Decimal | str) -> Decimal:
    return value if isinstance(value, Decimal) else decimal_of(value)


def _floor_shares(quanta: int, weights: Sequence[int]) -> tuple[list[int], int]:
    if not weights or min(weights) < 0 or not sum(weights):
        raise Malformed("weights", "weights must be whole, not negative and not all zero")
    shares = [quanta * weight // sum(weights) for weight in weights]
    return shares, quanta - sum(shares)
