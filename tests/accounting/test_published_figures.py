"""Methods against figures that others printed: what is reproduced, what cannot be, and traps."""

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from accounting import figures, units
from accounting.method import Measured
from accounting.methods import METHODS
from accounting.units import DifferentDimension, UnknownUnit
from ledger.core.errors import InputRefused

BY_CODE = {method.code: method for method in METHODS}
CASES = Path(__file__).parent / "cases"
Number = tuple[float | list[float], str]


def rows(name: str) -> list[dict[str, str]]:
    """Read a published table."""
    with (CASES / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


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


def test_zonal_travel_cost_of_the_un_handbook() -> None:
    """Box 4: 75,000, 90,000, 90,000 and 0 make 255,000; the surplus, 180,000, is welfare.

    The box names no currency; it is taken as CNY. Every zone has 25,000 people.
    """
    zones = [row for row in rows("travel_cost_zonal_box4") if row["quantity"]]
    visits = [float(row["quantity"]) for row in zones]
    costs = [float(row["unit_price"]) for row in zones]
    exchange = [
        computed(
            "recreation/travel-cost-zonal",
            "CNY",
            zone_population=(25_000, "person"),
            visit_rate=(each / 25_000, "visit/person"),
            travel_cost=(cost, "CNY/visit"),
        )
        for each, cost in zip(visits, costs, strict=True)
    ]
    surplus = computed(
        "recreation/consumer-surplus-zonal",
        "CNY",
        zone_population=([25_000] * 4, "person"),
        visit_rate=([each / 25_000 for each in visits], "visit/person"),
        travel_cost=(costs, "CNY/visit"),
    )
    by_name = {row["indicator"]: row["value"] for row in rows("travel_cost_zonal_box4")}

    assert exchange == pytest.approx([float(row["value"]) for row in zones])
    assert sum(exchange) == pytest.approx(float(by_name["exchange value total"]))
    assert surplus == pytest.approx(float(by_name["consumer surplus total"]))


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


def test_rental_price_of_carbon() -> None:
    """678.33 USD/t C at 2 % is 13.4318, printed 13.43; 185 USD/t CO2 at 44/12 is 678.33."""
    (row,) = rows("carbon_rental_scc")
    price = computed(
        "carbon-price/rental",
        "USD/t.C",
        social_cost=(float(row["quantity"]), "USD/t.C"),
        discount_rate=(2, "%"),
    )

    assert prints(price, row["value"])
    assert prints(185 * 44 / 12, row["quantity"])
    with pytest.raises(DifferentDimension):
        computed("priced", "CNY", quantity=(1, "t.C"), price=(price, "USD/t.C"))


ALTAI = [
    (0, 9868.95, 253.14, 151.57, 2.78, 37.35),
    (1, 67046.2, 250.06, 155.19, 2.75, 17.48),
    (2, 507147.6, 267.31, 141.31, 2.94, 23.40),
    (3, 8884.06, 235.0, 145.5, 2.59, 24.05),
]


@pytest.mark.parametrize(("row", "area", "rain", "evaporated", "quick", "price"), ALTAI)
def test_water_of_the_altai_stands_but_not_its_price(
    row: int, area: float, rain: float, evaporated: float, quick: float, price: float
) -> None:
    """10·A·(P − E − C) gives the m3; the printed values imply 17 to 37 CNY/m3, not one price."""
    printed = rows("altai_forest_2014")[row]
    water = computed(
        "water-retention/forest",
        "m3",
        area=(area, "hm2"),
        precipitation=(rain, "mm"),
        evapotranspiration=(evaporated, "mm"),
        quick_runoff=(quick, "mm"),
    )

    assert prints(water, printed["quantity"])
    assert prints(float(printed["value"]) * 1e6 / water, f"{price:.2f}")


def test_species_of_the_altai_stands() -> None:
    """Twelve of sixteen stands are area times a class of diversity within 0.3 %, four are not."""
    stands = [row for row in rows("altai_forest_2014") if row["service"].startswith("物种")]
    deviations = [
        computed(
            "species-conservation/shannon-wiener",
            row["value_unit"],
            area=(float(row["quantity"]), row["unit"]),
            species_price=(float(row["unit_price"]), row["price_unit"]),
            endangered_index=(0, "1"),
            endemic_index=(0, "1"),
            old_tree_index=(0, "1"),
        )
        / float(row["value"])
        - 1
        for row in stands
    ]

    assert len(stands) == 16
    assert sum(abs(each) <= 0.003 for each in deviations) == 12
    assert max(abs(each) for each in deviations) < 0.06


def test_billions_of_guangxi_are_yi() -> None:
    """36,677.04 "CNY billion" are 1.66 times the GDP only as 亿元; billions are ten times as much.

    The unit as printed is refused; the growth of 134 % holds in any unit.
    """
    first, second = (float(row["value"]) for row in rows("guangxi_2005_2020")[:2])
    with pytest.raises(UnknownUnit):
        units.parse(rows("guangxi_2005_2020")[0]["value_unit"])
    ratio = units.conversion(units.parse("CNY billion"), units.parse("亿元")).factor

    assert ratio == 10
    assert prints((second / first - 1) * 100, "134")
    assert prints(second / 22094.6, "1.66")


GARZE = [
    ("soil-retention/silt", "10.03", "亿m3",
     {"soil_retained": (38.86, "亿t"), "sediment_share": (24, "%"),
      "soil_bulk_density": (0.93, "t/m3")}),
    ("soil-retention/nitrogen", "1438", "万t.N",
     {"soil_retained": (38.86, "亿t"), "soil_nitrogen": (0.37, "%")}),
    ("soil-retention/phosphorus", "419.7", "万t.P",
     {"soil_retained": (38.86, "亿t"), "soil_phosphorus": (0.108, "%")}),
    ("flood-mitigation/reservoir", "0.01", "亿m3",
     {"reservoir_capacity": (0.03, "亿m3"), "flood_share": (0.35, "1")}),
    ("flood-mitigation/marsh", "6.00", "亿m3",
     {"marsh_area": (2000, "km2"), "marsh_depth": (0.3, "m")}),
    ("priced-area", "2.2835", "亿元",
     {"quantity": (779.42, "万t"), "bulk_density": (1.28, "t/m3"), "layer": (0.1, "m"),
      "price": (3.75, "CNY/m2")}),
    ("climate-regulation/water-surface", "680.6", "kWh",
     {"water_evaporated": (1, "m3"), "latent_heat": (2450, "kJ/kg"),
      "water_density": (1000, "kg/m3"), "humidifier_energy": (0, "kWh/m3")}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "printed", "unit", "numbers"), GARZE)
def test_figures_of_garze_follow_from_its_own_parameters(
    code: str, printed: str, unit: str, numbers: dict[str, Number]
) -> None:
    """Silt, nitrogen, phosphorus, storage, sand and heat of Garzê 2010 from what the study prints.

    Nitrogen and phosphorus are asked for the digits that 38.86 亿t carries.
    """
    assert prints(computed(code, unit, **numbers), printed)


@pytest.mark.parametrize(
    ("rate", "mass", "price"),
    [(0.6, 0.95, "630"), (0.6, 4, "150"), (0.7, 1, "700"), (0.7, 0.8, "875"), (0.7, 0.25, "2800")],
)
def test_prices_of_garze_are_the_old_levy(rate: float, mass: float, price: str) -> None:
    """NOx, dust, COD, ammonia and phosphorus: 0.6 or 0.7 CNY for a pollution equivalent."""
    computed_price = computed(
        "treatment-price/levy", "CNY/t", levy_rate=(rate, "元/个"), equivalent_mass=(mass, "kg/个")
    )

    assert prints(round(computed_price, -1 if price == "630" else 0), price)


def test_recreation_of_baiyangdian_is_mostly_no_exchange_value() -> None:
    """52.47 spent, 343.33 of time, 578.03 of surplus are 973.83; of 13.15 亿元 0.71 are spent."""
    visits = 13.15e8 / 973.83
    spent = computed(
        "recreation/expenditure",
        "亿元",
        visits=(visits, "人次"),
        ecosystem_share=(1, "1"),
        expenditure=(52.47, "元/人次"),
    )

    assert prints(round(52.47 + 343.33 + 578.03, 2), "973.83")
    assert prints(spent, "0.71")


def test_floods_of_baiyangdian() -> None:
    """Two floods, 0.81 and 1.64 亿m3, each a highest less a lowest storage, are 2.45 亿m3."""
    method = BY_CODE["flood-mitigation/event"]
    floods = method.compute(
        highest_storage=Measured(np.array([2.81, 3.64]), "亿m3"),
        lowest_storage=Measured(np.array([2.00, 2.00]), "亿m3"),
    )

    assert prints(method.added(floods.values) / 1e8, "2.45")


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


def test_carbon_and_oxygen_on_one_basis_stand_at_0_727() -> None:
    """Garzê's 2.51 亿t of O2 beside 0.31 亿t of CO2 are 8.1: two bases, not one."""
    oxygen = computed("oxygen/from-co2", "亿t.O2", carbon_fixed_co2=(0.31, "亿t.CO2"))

    assert prints(oxygen / 0.31, "0.727")
    assert prints(2.51 / 0.31, "8.1")


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
