"""Methods where others go wrong: traps that papers and programs fell into, and ours do not."""

from fractions import Fraction

import numpy as np
import pytest

from accounting import figures, units
from accounting.method import Measured
from accounting.methods import METHODS
from accounting.units import DifferentDimension
from ledger.core.errors import InputRefused

BY_CODE = {method.code: method for method in METHODS}
Number = tuple[float | list[float], str]


def computed(code: str, unit: str, **numbers: Number) -> float:
    """Apply a method to one place; the result in the unit wanted."""
    given = {name: Measured(np.array([value]), each) for name, (value, each) in numbers.items()}
    result = BY_CODE[code].compute(**given)
    change = units.conversion(units.parse(result.unit), units.parse(unit))
    return float(result.values[0]) * float(change.factor)


def prints(value: float, printed: str) -> bool:
    """Tell whether a value is what was printed, give or take half of the last digit."""
    figure = figures.read(printed)
    return abs(Fraction(repr(value)) - figure.value) <= figure.half


def test_zones_may_come_in_any_order() -> None:
    """The surplus of the box does not depend on which zone is listed first."""
    order = [2, 0, 3, 1]
    visits, costs = [15_000, 9_000, 6_000, 0], [5.0, 10.0, 15.0, 20.0]
    surplus = computed(
        "recreation/consumer-surplus-zonal",
        "CNY",
        zone_population=([25_000] * 4, "person"),
        visit_rate=([visits[n] / 25_000 for n in order], "visit/person"),
        travel_cost=([costs[n] for n in order], "CNY/visit"),
    )

    assert surplus == pytest.approx(180_000)


def sand(force: float, distance: float = 50) -> float:
    """Wind erosion in kg/m2 where only the force of the wind counts."""
    return computed(
        "wind-erosion/rweq",
        "kg/m2",
        weather_factor=(force, "kg/m"),
        erodible_fraction=(1, "1"),
        crust_factor=(1, "1"),
        roughness_factor=(1, "1"),
        wind_cover_factor=(1, "1"),
        downwind_distance=(distance, "m"),
    )


def fixed(force: float) -> Measured:
    """Sand that a cover of C = 0.2 keeps on 1 hm2."""
    one = Measured(np.array([1.0]), "1")
    return BY_CODE["sand-fixation/rweq"].compute(
        weather_factor=Measured(np.array([force]), "kg/m"),
        erodible_fraction=one,
        crust_factor=one,
        roughness_factor=one,
        wind_cover_factor=Measured(np.array([0.2]), "1"),
        downwind_distance=Measured(np.array([50.0]), "m"),
        area=Measured(np.array([1.0]), "hm2"),
    )


def test_wind_erosion_peaks_and_beyond_the_peak_there_is_no_estimate() -> None:
    """At z = 50 m it is greatest at 61.7 kg/m; beyond, bare ground would lose less than covered."""
    forces = np.arange(55, 70, 0.1)
    losses = [sand(force) for force in forces]
    kept, beyond = fixed(61.6), fixed(400)

    assert prints(float(np.round(forces[int(np.argmax(losses))], 1)), "61.7")
    assert sand(400) < sand(80)
    assert kept.values[0] > 0
    assert np.isnan(beyond.values[0])
    assert beyond.notes == ("method.no-estimate",)


def test_cover_against_wind_is_counted_in_hundredths_whatever_is_typed() -> None:
    """A program that feeds 0 to 1 into exp(−0.0438·SC) never falls below 0.957; ours 0.0125."""
    full = computed(
        "wind-cover/rweq", "1", vegetation_cover=(1, "1"), wind_cover_coefficient=(0.0438, "1")
    )
    same = computed(
        "wind-cover/rweq", "1", vegetation_cover=(100, "%"), wind_cover_coefficient=(0.0438, "1")
    )

    assert full == same
    assert prints(full, "0.0125")
    assert prints(float(np.exp(-0.0438)), "0.957")


def test_twenty_degrees_are_not_twenty_kelvin() -> None:
    """Air at `20 ℃` is refused as out of range: the formula takes absolute temperature."""
    with pytest.raises(InputRefused, match=r"air_temperature: method\.out-of-range"):
        computed("air-density/rweq", "kg/m3", elevation=(0, "m"), air_temperature=(20, "℃"))


def test_a_slope_in_percent_is_not_a_slope_in_degrees() -> None:
    """30 % is 16.7°: the two are refused for one another, both units in the message."""
    with pytest.raises(DifferentDimension, match=r"%.*deg"):
        computed("slope-steepness/rusle", "1", slope=(30, "%"))


def test_rusle_splits_between_vegetation_and_works() -> None:
    """What vegetation keeps and what works keep is what both keep: nothing is lost or twice."""
    factors: dict[str, Number] = {
        "rainfall_erosivity": (4321, "MJ·mm/(hm2·h·a)"),
        "soil_erodibility": (0.031, "t·hm2·h/(hm2·MJ·mm)"),
        "slope_length_factor": (1.7, "1"),
        "slope_steepness_factor": (4.2, "1"),
        "soil_cover_factor": (0.15, "1"),
        "area": (77, "km2"),
    }
    works: dict[str, Number] = {**factors, "practice_factor": (0.35, "1")}
    own = computed("soil-retention/rusle", "t", **factors)
    by_works = computed("soil-retention/works", "t", **works)

    assert computed("soil-retention/with-works", "t", **works) == pytest.approx(own + by_works)


def test_carbon_is_never_taken_for_carbon_dioxide() -> None:
    """A production in t of CO2 is refused where t of C is meant, and a price per t of C for CO2."""
    area: Number = (1, "hm2")
    with pytest.raises(DifferentDimension, match=r"t\.CO2/hm2.*t\.C/hm2"):
        computed(
            "carbon/nep",
            "t.CO2",
            net_primary_production=(5, "t.CO2/hm2"),
            heterotrophic_respiration=(1, "t.C/hm2"),
            area=area,
        )
    with pytest.raises(DifferentDimension):
        computed("priced", "CNY", quantity=(1, "t.CO2"), price=(1320, "CNY/t.C"))


def test_the_balance_is_kept_where_a_script_took_its_absolute_value() -> None:
    """600 mm of rain and 700 of evapotranspiration: −1000 m3 on 1 hm2, noted; never +1000."""
    one = np.array([1.0])
    balance = BY_CODE["water-retention/balance"].compute(
        precipitation=Measured(600 * one, "mm"),
        storm_runoff=Measured(0 * one, "mm"),
        evapotranspiration=Measured(700 * one, "mm"),
        area=Measured(one, "hm2"),
    )

    assert (balance.values[0], balance.notes) == (-1000, ("method.negative-kept",))


def test_the_branch_of_purification_is_the_reading() -> None:
    """Met: the emission, though the capacity is larger or smaller; not met: the capacity."""
    for met, expected in ((1, 100), (0, 30)):
        removed = computed(
            "purification/by-standard",
            "t.SO2",
            emission=(100, "t.SO2"),
            capacity=(0.15, "t.SO2/hm2"),
            area=(200, "hm2"),
            meets_standard=(met, "1"),
        )
        assert removed == pytest.approx(expected)
    with pytest.raises(DifferentDimension, match=r"t\.NOx"):
        computed(
            "purification/by-standard",
            "t.SO2",
            emission=(100, "t.SO2"),
            capacity=(0.15, "t.NOx/hm2"),
            area=(200, "hm2"),
            meets_standard=(0, "1"),
        )
