"""Figures as typed: what a cell means, and how sure its last digit is."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting import figures
from accounting.figures import NotANumber
from accounting.totals import yi


@pytest.mark.parametrize(
    ("cell", "value", "half"),
    [
        ("375", "375", "0.5"),
        ("6.00", "6", "0.005"),
        ("1,234,567.8", "1234567.8", "0.05"),
        ("1 234.5", "1234.5", "0.05"),
        ("１２３．４５", "123.45", "0.005"),
        ("−5", "-5", "0.5"),
        ("1.2e3", "1200", "50"),
        ("1.36×10⁸", "136000000", "500000"),
        (".5", "0.5", "0.05"),
    ],
)
def test_a_cell_is_its_number_give_or_take_half_its_last_digit(
    cell: str, value: str, half: str
) -> None:
    """375 was printed to the unit, 6.00 to the hundredth."""
    figure = figures.read(cell)

    assert (figure.value, figure.half) == (Fraction(value), Fraction(half))


@pytest.mark.parametrize(
    "cell",
    ["", "NOT READ", "1,36", "12,3456", "1 234 5", "2005-2020", "10±2", "<0.1", "≈3", "3*", "nan",
     "inf", "1e99", "1e999999999", "9" * 70, "1.2.3", "0x1f", "1_000"],
)  # fmt: skip
def test_anything_else_is_not_a_number(cell: str) -> None:
    """A decimal comma, a range or a footnote mark is not guessed at."""
    with pytest.raises(NotANumber):
        figures.read(cell)


def test_exact_numbers_are_written_out_and_endless_ones_to_fifteen_digits() -> None:
    """540.612 stays 540.612; a third is cut off where nobody prints any more."""
    assert figures.plain(Fraction("540.612")) == "540.612"
    assert figures.plain(Fraction(10) ** 30) == "1" + "0" * 30
    assert figures.plain(Fraction(1, 3)) == "0.333333333333333"


def test_rounding_is_half_up() -> None:
    """632.645 is 632.65, and so in the negative."""
    assert str(figures.rounded(Fraction("632.645"), 2)) == "632.65"
    assert str(figures.rounded(Fraction("-632.645"), 2)) == "-632.65"
    assert str(figures.rounded(7548.9501, 2)) == "7548.95"
    assert str(figures.rounded(-0.004, 2)) == "0.00"
    assert str(figures.rounded(Fraction("-0.004"), 2)) == "0.00"


def test_rounding_scales_exactly_whatever_the_size() -> None:
    """In 亿 of 12345000 CNY there are 0.12345; a figure beyond all sense is still a figure."""
    assert str(figures.rounded(12345000.0, 4, -8)) == "0.1235"
    assert figures.rounded(1e53, 4, -8) == figures.rounded(Fraction(10) ** 53, 4, -8)
    assert yi(1e53) == 10**45


@given(st.floats(-1e30, 1e30), st.integers(0, 6), st.integers(-8, 2))
def test_a_float_is_rounded_as_the_number_that_it_is_written_as(
    number: float, decimals: int, power: int
) -> None:
    """The quick way for floats and the exact one for fractions are one rounding."""
    exact = figures.rounded(Fraction(repr(number)), decimals, power)

    assert str(figures.rounded(number, decimals, power)) == str(exact)
