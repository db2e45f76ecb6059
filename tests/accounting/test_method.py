"""What makes a method: declared units, ranges and series, and what it refuses."""

from typing import Annotated

import numpy as np
import pytest

from accounting.argument import Share
from accounting.method import (
    SERIES,
    Array,
    Measured,
    Method,
    NoSeries,
    Range,
    Source,
    UndeclaredUnit,
    WrongInputs,
)
from accounting.methods import METHODS
from accounting.units import DifferentDimension, UnknownUnit
from ledger.core.errors import InputRefused

BY_CODE = {method.code: method for method in METHODS}
SOURCE = Source("a document", tag="R")


def measured(value: float, unit: str) -> Measured:
    """One number with its unit."""
    return Measured(np.array([value]), unit)


def balance(
    *, income: Annotated[Array, "mm"], outgo: Annotated[Array, "mm"]
) -> Annotated[Array, "mm"]:
    """Q = P − E: a balance, nan where the income is more than 1000 mm."""
    return np.where(income > 1000, np.nan, income - outgo)


def test_a_typed_mass_meets_no_price_of_another_substance() -> None:
    """Tonnes of carbon at a price per tonne of CO2: refused, both units in the message."""
    with pytest.raises(DifferentDimension, match=r"CNY/t.CO2.*CNY/\(t.C\)"):
        BY_CODE["priced"].compute(quantity=measured(1, "t.C"), price=measured(380, "CNY/t.CO2"))


def test_an_untyped_tonne_at_a_typed_price_is_computed_and_noted() -> None:
    """10 t at 380 CNY/t.CO2 is 3,800 CNY, with a note."""
    value = BY_CODE["priced"].compute(quantity=measured(10, "t"), price=measured(380, "CNY/t.CO2"))

    assert (float(value.values[0]), value.notes) == (3800, ("unit.untyped-mass",))


def test_a_price_in_another_currency_is_refused() -> None:
    """USD is no CNY, at whatever rate: the exchange rate is a parameter somebody answers for."""
    with pytest.raises(DifferentDimension, match=r"USD/m3.*CNY/\(m3\)"):
        BY_CODE["priced"].compute(quantity=measured(1, "m3"), price=measured(1, "USD/m3"))


def test_a_formula_declares_every_unit_or_is_no_method() -> None:
    """No unit, an unknown unit, or an argument by position: refused when the method is made."""

    def without(*, area: Array) -> Annotated[Array, "m2"]:
        return area

    def unknown(*, area: Annotated[Array, "acre-ish"]) -> Annotated[Array, "m2"]:
        return area

    def by_position(area: Annotated[Array, "m2"]) -> Annotated[Array, "m2"]:
        return area

    for formula, kind in ((without, UndeclaredUnit), (by_position, UndeclaredUnit)):
        with pytest.raises(kind):
            Method("test", "cell", formula, (), SOURCE)
    with pytest.raises(UnknownUnit):
        Method("test", "cell", unknown, (), SOURCE)


def test_a_method_takes_exactly_its_inputs() -> None:
    """A missing and an unknown input are both named."""
    with pytest.raises(WrongInputs) as refused:
        BY_CODE["priced"].compute(quantity=measured(1, "t"), cost=measured(1, "CNY/t"))

    assert (refused.value.missing, refused.value.unknown) == (("price",), ("cost",))


def test_everything_out_of_range_is_found_at_once() -> None:
    """A share of 1.5, one of -0.1 and an unknown one: two findings, each with its argument."""

    def both(*, left: Share, right: Share) -> Annotated[Array, "1"]:
        return left * right

    method = Method("test", "cell", both, (), SOURCE)
    with pytest.raises(InputRefused) as refused:
        method.compute(
            left=Measured(np.array([0.5, 1.5]), "1"), right=Measured(np.array([np.nan, -10]), "%")
        )

    assert [(each.code, each.field) for each in refused.value.findings] == [
        ("method.out-of-range", "left"),
        ("method.out-of-range", "right"),
    ]
    assert method.compute(left=measured(50, "%"), right=measured(0.5, "1")).values[0] == 0.25


def test_a_yes_or_no_is_nothing_between() -> None:
    """0 and 1 are possible, a half is not."""
    assert Range(0, 1, whole=True).outside(np.array([0.0, 1.0, 0.5])).tolist() == [0.5]


@pytest.mark.parametrize(
    ("policy", "values", "total", "notes"),
    [
        ("none", [5, -15], -10, ()),
        ("keep", [5, -15], -10, ("method.negative-kept",)),
        ("clip-cell", [5, 0], 5, ("method.negative-clipped",)),
        ("clip-total", [5, -15], 0, ("method.negative-kept",)),
    ],
)
def test_a_negative_balance_follows_the_declared_policy(
    policy: str, values: list[float], total: float, notes: tuple[str, ...]
) -> None:
    """5 mm here and -15 mm there: kept, clipped cell by cell, or only in the sum; never |-15|."""
    method = Method("test", "cell", balance, (), SOURCE, negative=policy)  # type: ignore[arg-type]
    result = method.compute(
        income=Measured(np.array([15, 0]), "mm"), outgo=Measured(np.array([10, 15]), "mm")
    )

    assert (result.values.tolist(), result.notes) == (values, notes)
    assert method.added(result.values) == total


def test_a_cell_outside_the_formula_has_no_estimate_and_says_so() -> None:
    """Where the formula gives nothing although every input is known, the result says it."""
    method = Method("test", "cell", balance, (), SOURCE)
    outgo = measured(10, "mm")

    assert method.compute(income=measured(2000, "mm"), outgo=outgo).notes == ("method.no-estimate",)
    assert method.compute(income=measured(np.nan, "mm"), outgo=outgo).notes == ()


def test_a_zone_is_its_mean_only_where_the_formula_is_linear() -> None:
    """A sum of depths is exact on means, one factor of a product too; slope times cover is not."""
    water, soil = BY_CODE["water-retention/balance"], BY_CODE["soil-retention/rusle"]

    assert water.exact_on_means({"precipitation", "storm_runoff", "evapotranspiration"})
    assert soil.exact_on_means({"slope_steepness_factor"})
    assert not soil.exact_on_means({"slope_steepness_factor", "soil_cover_factor"})
    assert not BY_CODE["slope-steepness/rusle"].exact_on_means({"slope"})


def test_a_series_has_an_axis_of_its_own() -> None:
    """Cells in a row are not days: a series without its own axis is refused, not added up."""

    def rain(*, daily: Annotated[Array, "mm", SERIES]) -> Annotated[Array, "mm"]:
        return np.asarray(daily.sum(axis=-1))

    method = Method("test", "cell", rain, (), SOURCE)
    two_places = Measured(np.array([[1.0, 2.0], [3.0, 4.0]]), "cm")

    assert method.compute(daily=two_places).values.tolist() == [30, 70]
    with pytest.raises(NoSeries) as refused:
        method.compute(daily=Measured(np.array([1.0, 2.0]), "cm"))
    assert refused.value.facts() == {"method": "test", "argument": "daily"}
