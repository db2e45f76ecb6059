"""Amounts are whole quanta; nothing is lost when they are shared out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core.amount import CNY, QUANTA_MAX, Amount, Commodity, canonical, decimal_of
from ledger.core.errors import DomainError
from ledger.core.refusals import AmountOverflow, InexactAmount, Malformed

CEA = Commodity("CEA.2024", "t.CO2", 0, "allowance")


def test_an_amount_is_a_whole_number_of_fen() -> None:
    """248,050.60 yuan are 24,805,060 fen, and print with both decimals."""
    amount = Amount.exactly("248050.6", CNY)

    assert amount.quanta == 24_805_060
    assert str(amount) == "248050.60"


@pytest.mark.parametrize("finer", ["0.001", "1.005", "-0.009"])
def test_an_amount_finer_than_its_commodity_is_refused(finer: str) -> None:
    """A tenth of a fen does not exist."""
    with pytest.raises(InexactAmount):
        Amount.exactly(finer, CNY)


@pytest.mark.parametrize(
    ("value", "fen"), [("0.005", 1), ("0.004", 0), ("1.005", 101), ("-0.005", -1), ("2.5", 250)]
)
def test_rounding_is_half_up(value: str, fen: int) -> None:
    """四舍五入: half a fen goes away from zero."""
    assert Amount.rounded(Decimal(value), CNY).quanta == fen


def test_beyond_64_bits_is_refused_not_wrapped() -> None:
    """The largest amount is 2^63 - 1 quanta."""
    assert Amount(QUANTA_MAX, CEA).quanta == QUANTA_MAX
    with pytest.raises(AmountOverflow):
        Amount(QUANTA_MAX, CEA) + Amount(1, CEA)


def test_spare_fen_go_by_largest_remainder_ties_to_the_earlier() -> None:
    """100 fen in three equal parts are 34, 33 and 33."""
    assert [part.quanta for part in Amount(100, CNY).split([1, 1, 1])] == [34, 33, 33]


@given(
    quanta=st.integers(-(10**17), 10**17),
    weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=9).filter(any),
)
def test_a_split_loses_nothing(quanta: int, weights: list[int]) -> None:
    """The parts add up to the whole, and each is within one quantum of its share."""
    parts = Amount(quanta, CNY).split(weights)

    assert sum(part.quanta for part in parts) == quanta
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.quanta * sum(weights) - quanta * weight) < sum(weights)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12)))
def test_a_canonical_decimal_says_the_same_with_nothing_to_spare(value: Decimal) -> None:
    """No exponent, no trailing zero, no minus zero."""
    text = canonical(value)

    assert Decimal(text) == value
    assert "E" not in text
    assert text not in {"-0", ""}
    assert not ("." in text and text.endswith("0"))


@pytest.mark.parametrize("text", ["1e3", "", " 1", "1_000", "NaN", "１", "0x1", "1.", ".5", "--1"])
def test_only_plain_decimal_strings_are_read(text: str) -> None:
    """Exponents, blanks, other digits and empty strings are no amounts."""
    with pytest.raises(Malformed):
        decimal_of(text)


@pytest.mark.parametrize(
    ("code", "scale", "kind"),
    [("cny", 2, "money"), ("CNY", 10, "money"), ("CNY", 2, "coin"), ("C" * 25, 0, "credit")],
)
def test_a_commodity_is_named_and_scaled_by_rule(code: str, scale: int, kind: str) -> None:
    """Upper case, at most 24 characters, scale 0 to 9, a known kind."""
    with pytest.raises(DomainError):
        Commodity(code, "u", scale, kind)
