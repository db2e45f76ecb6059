"""Figures in print that follow from other figures in print, by methods of ours or by arithmetic."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from accounting.method import Measured, Source
from accounting.published import Status
from accounting.seea.present_value import Discounting, Timing
from tests.accounting.fact import BY_CODE, Fact, Formula

PUBLISHED = Path(__file__).parent / "published"
LEVY = "treatment-price/levy"


def of_table(name: str) -> list[dict[str, str]]:
    """Read a published table as it stands."""
    with (PUBLISHED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def added(numbers: Mapping[str, float]) -> float:
    """Add up."""
    return sum(numbers.values())


def garze() -> Iterator[Fact]:
    """Garzê 2010: quantities and prices from the study's own parameters."""
    name = "garze_2010"
    soil = {"soil_retained": ("38.86", "亿t")}
    yield Fact(
        case=name, what="silt kept back", printed="10.03", unit="亿m3", how="soil-retention/silt",
        readings=soil,
        parameters={"sediment_share": ("24", "%"), "soil_bulk_density": ("0.93", "t/m3")},
    )  # fmt: skip
    yield Fact(
        case=name, what="nitrogen kept back", printed="1437.94", unit="万t.N",
        how="soil-retention/nitrogen", readings=soil, parameters={"soil_nitrogen": ("0.37", "%")},
        verdict="rounding",
    )  # fmt: skip
    yield Fact(
        case=name, what="phosphorus kept back", printed="419.72", unit="万t.P",
        how="soil-retention/phosphorus", readings=soil,
        parameters={"soil_phosphorus": ("0.108", "%")}, verdict="rounding",
    )  # fmt: skip
    yield Fact(
        case=name, what="value of sand kept", printed="2.2835", unit="亿元", how="priced-area",
        readings={"quantity": ("779.42", "万t")},
        parameters={
            "bulk_density": ("1.28", "t/m3"), "layer": ("0.1", "m"), "price": ("3.75", "CNY/m2"),
        },
    )  # fmt: skip
    yield Fact(
        case=name, what="heat in evaporated water, kWh for 1 m3", printed="680.6", unit="kWh",
        how="climate-regulation/water-surface",
        parameters={
            "water_evaporated": ("1", "m3"), "latent_heat": ("2450", "kJ/kg"),
            "water_density": ("1000", "kg/m3"), "humidifier_energy": ("0", "kWh/m3"),
        },
    )  # fmt: skip
    yield from _floods(name)
    yield from _levy(name)
    yield from _ratios(name)


def _floods(name: str) -> Iterator[Fact]:
    yield Fact(
        case=name, what="flood storage of reservoirs", printed="0.01", unit="亿m3",
        how="flood-mitigation/reservoir", readings={"reservoir_capacity": ("0.03", "亿m3")},
        parameters={"flood_share": ("0.35", "1")},
    )  # fmt: skip
    marsh = {"marsh_area": ("2000", "km2"), "marsh_depth": ("0.3", "m")}
    yield Fact(
        case=name, what="flood storage of marshes (2000 km2 solved back, 70 % of 2864 of wetland)",
        printed="6.00", unit="亿m3", how="flood-mitigation/marsh", parameters=marsh,
    )  # fmt: skip
    yield Fact(
        case=name, what="flood storage of marshes, 0.3·S·10^6 taken as 万m3 as printed",
        printed="6.00", unit="亿m3", how="0.3 × S × 10^6 万m3",
        parameters={"S": ("2000", "km2")}, formula=lambda n: 0.3 * n["S"] * 1e6 * 1e4 / 1e8,
        verdict="deviates",
        reason="misprint of a unit: 0.3 m on S km2 are 0.3·S·10^6 m3, not 万m3; ten thousand times",
    )  # fmt: skip
    yield Fact(
        case=name, what="flood storage of lakes, were they one lake of 165 km2 (solved back)",
        printed="2.43", unit="亿m3", how="flood-mitigation/lake",
        parameters={
            "lake_area": ("165", "km2"), "lake_intercept": ("6.636", "1"),
            "lake_exponent": ("0.678", "1"), "lake_turnover": ("1", "1"),
        },
    )  # fmt: skip


def _levy(name: str) -> Iterator[Fact]:
    ten = "0.6/0.95 is 631.58: printed to the ten"
    twice = "neither 0.6 nor twice 0.6 CNY for an equivalent gives it: another price, not named"
    for what, rate, mass, price, reason in (
        ("NOx", "0.6", "0.95", "630", ten), ("SO2", "1.2", "0.95", "1200", twice),
        ("dust", "0.6", "4", "150", ""), ("COD", "0.7", "1", "700", ""),
        ("ammonia nitrogen", "0.7", "0.8", "875", ""), ("phosphorus", "0.7", "0.25", "2800", ""),
    ):  # fmt: skip
        yield Fact(
            case=name, what=f"price of {what}, as the old levy on equivalents", printed=price,
            unit="CNY/t", how=LEVY,
            parameters={"levy_rate": (rate, "元/个"), "equivalent_mass": (mass, "kg/个")},
            verdict="deviates" if reason else "reproduced", reason=reason,
        )  # fmt: skip


def _ratios(name: str) -> Iterator[Fact]:
    carbon = {"carbon_fixed_co2": ("0.31", "亿t.CO2")}
    yield Fact(
        case=name, what="oxygen of the carbon fixed", printed="2.51", unit="亿t.O2",
        how="oxygen/from-co2", readings=carbon, verdict="deviates",
        reason="32/44 of the CO2 printed is a ninth to an eleventh of it: two bases, not one",
    )  # fmt: skip
    yield Fact(
        case=name, what="mass of O2 over CO2, as printed", printed="8.1", unit="1",
        how="2.51 / 0.31", readings={"O2": ("2.51", "亿t"), "CO2": ("0.31", "亿t")},
        formula=lambda n: n["O2"] / n["CO2"],
    )  # fmt: skip
    yield Fact(
        case=name, what="value of recreation over income from tourism", printed="3.0", unit="1",
        how="70.6669 / 23.56", readings={"value": ("70.6669", "亿元"), "income": ("23.56", "亿元")},
        formula=lambda n: n["value"] / n["income"],
    )  # fmt: skip
    yield Fact(
        case=name, what="value of soil retention by area", printed="2670", unit="CNY/hm2",
        how="(156.2555 + 125.8199 + 117.5226) / 149687.70 km2",
        readings={
            "silt": ("156.2555", "亿元"), "N": ("125.8199", "亿元"), "P": ("117.5226", "亿元"),
            "area": ("149687.70", "km2"),
        },
        formula=lambda n: (n["silt"] + n["N"] + n["P"]) * 1e8 / (n["area"] * 100),
    )  # fmt: skip


def travel_cost() -> Iterator[Fact]:
    """UNSD Box 4: four zones of 25,000 people; no currency is named, CNY is taken."""
    name = "travel_cost_zonal_box4"
    rows = of_table(name)
    for row in rows[:4]:
        yield Fact(
            case=name, what=f"exchange value of {row['indicator']}", printed=row["value"],
            unit="CNY", how="recreation/travel-cost-zonal",
            parameters={
                "zone_population": ("25000", "person"),
                "visit_rate": (str(int(row["quantity"]) / 25_000), "visit/person"),
                "travel_cost": (row["unit_price"], "CNY/visit"),
            },
        )  # fmt: skip
    yield Fact(
        case=name, what="exchange value of all zones", printed=rows[4]["value"], unit="CNY",
        how="sum of the zones", formula=added,
        parameters={row["indicator"]: (row["value"], "") for row in rows[:4]},
    )  # fmt: skip
    yield Fact(
        case=name, what="consumer surplus of all zones", printed=rows[5]["value"], unit="CNY",
        how="`recreation/consumer-surplus-zonal` over the zones",
        parameters={row["quantity"]: (row["unit_price"], "CNY/visit") for row in rows[:4]},
        formula=_surplus,
    )  # fmt: skip
    steps: tuple[tuple[str, Status, str], ...] = (
        ("52500", "reproduced", ""),
        ("52000", "deviates", "52,000 in the text of the box is a misprint of 52,500"),
    )
    for second, verdict, reason in steps:
        yield Fact(
            case=name, what=f"consumer surplus, with a second step of {second}",
            printed=rows[5]["value"], unit="CNY", how="sum of the steps as printed",
            parameters={"first": ("15000", ""), "second": (second, ""), "third": ("112500", "")},
            formula=added, verdict=verdict, reason=reason,
        )  # fmt: skip


def _surplus(cost_by_visits: Mapping[str, float]) -> float:
    people = [25_000.0] * len(cost_by_visits)
    rates = [int(each) / 25_000 for each in cost_by_visits]
    found = BY_CODE["recreation/consumer-surplus-zonal"].compute(
        zone_population=Measured(np.array([people]), "person"),
        visit_rate=Measured(np.array([rates]), "visit/person"),
        travel_cost=Measured(np.array([list(cost_by_visits.values())]), "CNY/visit"),
    )
    return float(found.values[0])


def carbon_rental() -> Iterator[Fact]:
    """The rental price of carbon, from its social cost."""
    (row,) = of_table("carbon_rental_scc")
    yield Fact(
        case="carbon_rental_scc", what="rental price of a tonne of C", printed=row["value"],
        unit="USD/t.C", how="carbon-price/rental",
        parameters={"social_cost": (row["quantity"], "USD/t.C"), "discount_rate": ("2", "%")},
    )  # fmt: skip
    yield Fact(
        case="carbon_rental_scc", what="social cost of a tonne of C, from 185 USD/t of CO2",
        printed=row["quantity"], unit="USD/t.C", how="185 × 44/12",
        parameters={"CO2": ("185", "USD/t.CO2")}, formula=lambda n: n["CO2"] * 44 / 12,
    )  # fmt: skip


def forest_asset() -> Iterator[Fact]:
    """China's forests in 2010: 100 years at 2.77 %."""
    name = "china_forest_asset_npv_2010"
    flow = {"flow": ("19.10", "万亿元/a")}
    due = "net present value, income at the start of each year"
    conventions: tuple[tuple[str, str, Timing, Status, str], ...] = (
        ("662", due, "period-start", "rounding", ""),
        ("691", due, "period-start", "deviates",
         "the abstract contradicts section 2.2: 691 needs 19.92 a year, or other terms"),
        ("662", "net present value, income at the end of each year", "period-end", "deviates",
         "the paper counts from the start of each year (an annuity due)"),
    )  # fmt: skip
    for printed, how, timing, verdict, reason in conventions:
        yield Fact(
            case=name, what=f"asset value, {printed} as printed", printed=printed, unit="万亿元",
            how=how, readings=flow, formula=discounted(timing), verdict=verdict, reason=reason,
        )  # fmt: skip
    yield Fact(
        case=name, what="direct value", printed="7.5", unit="万亿元", how="stumpage + products",
        parameters={"stumpage": ("4.5", ""), "products": ("3.0", "")}, formula=added,
    )  # fmt: skip


def discounted(timing: Timing) -> Formula:
    """Return the present value of a yearly flow, by the model of asset accounts."""
    source = Source("doi:10.5846/stxb201606161172", clause="2.2", tag="R")
    return lambda n: n["flow"] * Discounting(0.0277, 100, timing, source).annuity_factor


LARCH = "23.40"
ALTAI_WATER = (  # area hm2, precipitation, evapotranspiration, quick runoff mm, implied CNY/m3
    ("9868.95", "253.14", "151.57", "2.78", "37.35"),
    ("67046.2", "250.06", "155.19", "2.75", "17.48"),
    ("507147.6", "267.31", "141.31", "2.94", LARCH),
    ("8884.06", "235.0", "145.5", "2.59", "24.05"),
)


def altai() -> Iterator[Fact]:
    """Forests of the Altai: water and its price, species by class of diversity, negative ions."""
    name = "altai_forest_2014"
    rows = of_table(name)
    for row, (area, rain, evaporated, quick, price) in zip(rows[:4], ALTAI_WATER, strict=True):
        yield Fact(
            case=name, what=f"water of {row['indicator']} (stated in the notes of the case)",
            printed=row["quantity"], unit="m3", how="water-retention/forest",
            parameters={
                "area": (area, "hm2"), "precipitation": (rain, "mm"),
                "evapotranspiration": (evaporated, "mm"), "quick_runoff": (quick, "mm"),
            },
        )  # fmt: skip
        water = {"value": (row["value"], "1e6 CNY"), "water": (row["quantity"], "m3")}
        yield Fact(
            case=name, what=f"price of water implied for {row['indicator']} (stated there too)",
            printed=price, unit="CNY/m3", how="value / water", readings=water,
            formula=lambda n: n["value"] * 1e6 / n["water"],
        )  # fmt: skip
        if price == LARCH:
            continue
        yield Fact(
            case=name, what=f"value of the water of {row['indicator']}, at the price of the larch",
            printed=row["value"], unit="1e6 CNY", how="priced", verdict="deviates",
            readings={"quantity": (row["quantity"], "m3"), "price": (LARCH, "CNY/m3")},
            reason="17 to 37 CNY/m3 from stand to stand: there is no one price of water",
        )  # fmt: skip
    yield from _species(name, rows[4:])
    yield Fact(
        case=name, what="the constant of negative ions, 1 ion/cm3 on 1 hm2 · 1 m for 1 min",
        printed="5.256e15", unit="piece", how="negative-ions/count",
        parameters={
            "ion_concentration": ("1", "piece/cm3"), "area": ("1", "hm2"),
            "stand_height": ("1", "m"), "ion_lifetime": ("1", "min"),
        },
    )  # fmt: skip


def _species(name: str, rows: list[dict[str, str]]) -> Iterator[Fact]:
    class_ = "no class of 3,000 to 50,000 CNY/hm2 gives it; the nearest is shown"
    for row in rows:
        poplar = row["indicator"] == "杨树"
        yield Fact(
            case=name, what=f"species of {row['indicator']}", printed=row["value"],
            unit=row["value_unit"], how="species-conservation/shannon-wiener",
            readings={"area": (row["quantity"], row["unit"])},
            parameters={
                "species_price": (row["unit_price"], row["price_unit"]),
                "endangered_index": ("0", "1"), "endemic_index": ("0", "1"),
                "old_tree_index": ("0", "1"),
            },
            verdict="deviates" if poplar else "reproduced", reason=class_ if poplar else "",
        )  # fmt: skip


def guangxi() -> Iterator[Fact]:
    """Guangxi 2005 and 2020: ratios hold in any unit, billions do not."""
    name = "guangxi_2005_2020"
    first, second, _, water, _ = of_table(name)
    gep = {"gep": (second["value"], "")}
    yield Fact(
        case=name, what="growth 2005 to 2020", printed="134", unit="%",
        how="36677.04 / 15657.37 − 1", readings={**gep, "before": (first["value"], "")},
        formula=lambda n: (n["gep"] / n["before"] - 1) * 100,
    )  # fmt: skip
    yield Fact(
        case=name, what="share of water conservation", printed="44", unit="%",
        how="16233.79 / 36677.04", readings={**gep, "water": (water["value"], "")},
        formula=lambda n: n["water"] / n["gep"] * 100,
    )  # fmt: skip
    gdp = {"GDP": ("22.1e3", "亿元")}
    yield Fact(
        case=name, what="GEP over GDP, in 亿元", printed="1.66", unit="1",
        how="36677.04 亿元 / GDP", readings={**gep, **gdp}, formula=lambda n: n["gep"] / n["GDP"],
    )  # fmt: skip
    yield Fact(
        case=name, what="GEP over GDP, in billion as printed", printed="1.66", unit="1",
        how="36677.04 billion / GDP", readings={**gep, **gdp},
        formula=lambda n: n["gep"] * 10 / n["GDP"], verdict="deviates",
        reason="printed billions are 亿元, a tenth; GDP some 22.1 thousand 亿元 (recalled)",
    )  # fmt: skip


def others() -> Iterator[Fact]:
    """Figures of other cities and studies that the design quotes, where several meet."""
    yield Fact(
        case="Shenzhen 2020", what="price of water retention", printed="6.1107", unit="CNY/m3",
        how="117.19 亿元 / 19.18 亿t",
        readings={"value": ("117.19", "亿元"), "water": ("19.18", "亿t")},
        formula=lambda n: n["value"] / n["water"], verdict="rounding",
    )  # fmt: skip
    yield Fact(
        case="Shenzhen 2020", what="price of electricity", printed="0.717", unit="CNY/kWh",
        how="488.24 亿元 / 680.95 亿kWh",
        readings={"value": ("488.24", "亿元"), "energy": ("680.95", "亿kWh")},
        formula=lambda n: n["value"] / n["energy"],
    )  # fmt: skip
    yield Fact(
        case="Shenzhen 2020", what="share of climate, of the total that 109.75 as 8.4 % gives",
        printed="37.4", unit="%", how="488.24 / (109.75 / 8.4 %)",
        readings={"climate": ("488.24", "亿元"), "seen": ("109.75", "亿元"), "share": ("8.4", "%")},
        formula=lambda n: n["climate"] / n["seen"] * n["share"],
    )  # fmt: skip
    yield from _baiyangdian()
    for place, value, loss, price in (
        ("Gaotianyan", "92337", "2985", "31"), ("garze_2010", "2670", "260", "10"),
    ):  # fmt: skip
        yield Fact(
            case=place, what="value of soil retention for a tonne", printed=price, unit="CNY/t",
            how=f"{value} CNY/hm2 / {loss} t/hm2",
            readings={"value": (value, "CNY/hm2"), "soil": (loss, "t/hm2")},
            formula=lambda n: n["value"] / n["soil"],
        )  # fmt: skip


def _baiyangdian() -> Iterator[Fact]:
    yield Fact(
        case="Baiyangdian", what="value of one visit", printed="973.83", unit="CNY/visit",
        how="spent + time + surplus",
        parameters={"spent": ("52.47", ""), "time": ("343.33", ""), "surplus": ("578.03", "")},
        formula=added,
    )  # fmt: skip
    yield Fact(
        case="Baiyangdian", what="recreation as exchange value, of 13.15 亿元 (visits solved back)",
        printed="0.71", unit="亿元", how="recreation/expenditure",
        readings={"visits": ("1350338.35", "人次")},
        parameters={"ecosystem_share": ("1", "1"), "expenditure": ("52.47", "元/人次")},
    )  # fmt: skip
    yield Fact(
        case="Baiyangdian", what="flood storage by events", printed="2.45", unit="亿m3",
        how="sum of two floods", parameters={"one": ("0.81", "亿m3"), "two": ("1.64", "亿m3")},
        formula=added,
    )  # fmt: skip


FACTS = (
    *garze(), *travel_cost(), *carbon_rental(), *forest_asset(), *altai(), *guangxi(), *others(),
)  # fmt: skip
