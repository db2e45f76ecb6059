"""Units: what each way of writing means, and what is refused with both units in the message."""

from fractions import Fraction

import pytest

from accounting import units
from accounting.units import DifferentDimension, UnknownUnit

SAME = [
    ("hm2", "10000 m2"), ("公顷", "hm2"), ("hm²", "ha"), ("km2", "100 hm2"), ("㎡", "m2"),
    ("万亩", "10000 亩"), ("亿m3", "1e8 m3"), ("亿立方米", "1e8 m3"),
    ("万t", "1e4 t"), ("万吨", "10^4 t"), ("千克", "kg"), ("kW·h", "kWh"), ("千瓦时", "kWh"),
    ("度", "kWh"), ("亿kWh", "100 GWh"), ("万千瓦时", "1e4 kWh"), ("元", "CNY"),
    ("亿元", "1e8 CNY"), ("万元", "1e4 yuan"), ("10⁸元", "亿元"), ("×10⁸ 元", "亿元"),
    ("billion CNY", "1e9 CNY"),
    ("CNY million", "1e6 CNY"), ("100 million yuan", "亿元"), ("万人次", "1e4 visits"),
    ("元/m³", "CNY/m3"), ("元每吨", "CNY/t"), ("CNY per t", "元/吨"), ("元/万m3", "1e-4 CNY/m3"),
    ("t/hm2·a", "t/(hm2.a)"), ("t·hm⁻²·a⁻¹", "t/(hm2.a)"), ("t/hm2/a", "t/(hm2.a)"),
    ("MJ·mm·hm⁻²·h⁻¹·a⁻¹", "MJ.mm/(hm2.h.a)"), ("gC/(m2·a)", "1e-2 t.C/(hm2.a)"),
    ("t·hm2·h·hm⁻²·MJ⁻¹·mm⁻¹", "t.hm2.h/(hm2.MJ.mm)"), ("个/cm³", "piece/cm3"),
    ("°", "deg"), ("dB(A)", "dB"), ("μg/m3", "1e-9 kg/m3"), ("kgN/hm2", "1e-3 t.N/hm2"),
    ("万元/(km·a)", "1e4 CNY/(km.a)"), ("元/人次", "CNY/visit"),
    ("tCO2", "t.CO2"), ("吨二氧化碳", "t CO2"), ("t(CO2)", "tCO2e"), ("tC", "吨碳"),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), SAME)
def test_many_ways_of_writing_mean_one_unit(left: str, right: str) -> None:
    """亿m3 is 1e8 m3; t·hm⁻²·a⁻¹ is t/(hm2.a): exactly, factor and dimension."""
    first, second = units.parse(left), units.parse(right)

    assert (first.factor, first.dimension) == (second.factor, second.dimension)


def test_fifteen_mu_are_one_hectare_exactly() -> None:
    """亩 is 2000/3 m2, kept as a fraction: 15 of them are 1 hm2 without a remainder."""
    assert 15 * units.parse("亩").factor == units.parse("hm2").factor


def test_percent_is_a_hundredth_and_the_period_is_no_number_of_days() -> None:
    """% converts to 1; `a` is the accounting period, so kWh/a and kWh/d do not convert."""
    assert units.conversion(units.parse("%"), units.parse("1")).factor == Fraction(1, 100)
    with pytest.raises(DifferentDimension):
        units.conversion(units.parse("kWh/a"), units.parse("kWh/d"))


@pytest.mark.parametrize(
    "text",
    [
        "", "-", "doubloon", "doubloon/m3", 'printed "CNY billion"', "C", "108元", "亿亿元", "t/",
        "/t", "m2)", "(m2", "m99", "USD/tC social cost", "1-exp(-0.02)", "n=100 r=2.77%", "tX",
        "x" * 500, "(" * 70, "½", "\x00", "1e8e8 t", "$",
    ],
)  # fmt: skip
def test_what_is_no_unit_is_refused_where_reading_stopped(text: str) -> None:
    """No guess: `C` is not coulomb, 108元 is not 10⁸元, and nothing is a traceback."""
    with pytest.raises(UnknownUnit) as refused:
        units.parse(text)

    assert refused.value.unit == text


REFUSED = [
    ("t.C", "mass of C", "t.CO2", "mass of CO2"),
    ("hm2", "area", "mm/a", "length per accounting period"),
    ("t", "mass", "m3", "volume"),
    ("USD", "money in USD", "CNY", "money in CNY"),
    ("头", "head", "人", "person"),
    ("kWh", "energy", "tce", "energy in coal equivalent"),
    ("t.COD", "mass of COD", "t.N", "mass of N"),
    ("%", "number", "deg", "angle"),
    ("t.DM/hm2", "mass of DM per area", "t.C/hm2", "mass of C per area"),
]


@pytest.mark.parametrize(("given", "is_", "wanted", "should_be"), REFUSED)
def test_units_of_different_things_are_refused_with_both_named(
    given: str, is_: str, wanted: str, should_be: str
) -> None:
    """A tonne of carbon is not a tonne of CO2, and the message says so."""
    with pytest.raises(DifferentDimension) as refused:
        units.conversion(units.parse(given), units.parse(wanted))

    assert refused.value.facts() == {
        "given": given, "given_is": is_, "wanted": wanted, "wanted_is": should_be,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "wanted", "factor", "note"),
    [
        ("万t", "t.CO2", 10**4, "unit.untyped-mass"),
        ("t.CO2", "t", 1, "unit.untyped-mass"),
        ("CNY/t", "CNY/t.SO2", 1, "unit.untyped-mass"),
        ("亿m3/a", "m3", 10**8, "unit.per-period"),
        ("万人", "visit", 10**4, "unit.visit-is-a-person"),
    ],
)
def test_what_is_taken_for_granted_is_noted(
    given: str, wanted: str, factor: int, note: str
) -> None:
    """An untyped tonne meets a typed price: computed, and noted."""
    change = units.conversion(units.parse(given), units.parse(wanted))

    assert (change.factor, change.notes) == (Fraction(factor), (note,))
