"""Where a line finds what it takes: objects, series, readings from above, shares, coefficients."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounting import case, pack, run
from accounting.account import Account
from accounting.uncertainty import distribution, simulation, term
from ledger.core.errors import Finding, InputRefused

HEAD = """
id = "x"
pack = "worked"
edition = "1"
ecosystems = "national-2021-level-3"
title = { zh = "例", en = "example" }
years = [2020]
readings = "readings.csv"
[[region]]
code = "330101"
zh = "县"
en = "county"
zone = "qinghai-tibet"
[[region]]
code = "330101001"
zh = "甲"
en = "A"
[[region]]
code = "330101002"
zh = "乙"
en = "B"
"""
PACK = """
id = "worked"
edition = "1"
ecosystems = "national-2021-level-3"
title = { zh = "算例", en = "worked example" }
source = { document = "a worked example", tag = "C" }
[groups]
"组" = "group"
[[line]]
service = "s"
name = { zh = "服务", en = "service" }
group = "组"
class = "regulating"
counts_in = "gep"
seea = "none"
"""
ROWS = "region,ecosystem_type,object,item,year,quantity,value,unit,status,source\n"
LAKES = """
method = "priced"
quantity = "lake_flood_storage"
bind.lake_flood_storage = "flood-mitigation/lake"
bind.lake_area = "given"
bind.lake_intercept = "coefficient"
bind.lake_exponent = "coefficient"
bind.lake_turnover = "coefficient"
price = { value = "1", unit = "CNY/m3", price_year = 2020 }
"""
COOLING = """
method = "priced"
quantity = "vegetation_cooling_energy"
from_above = ["cooling_days"]
vegetation_area = "area"
bind.vegetation_cooling_energy = "climate-regulation/vegetation"
bind.area = "given"
bind.cooling_days = "given"
bind.transpiration_heat = "coefficient"
bind.device_efficiency = "coefficient"
price = { value = "1", unit = "CNY/kWh", price_year = 2020 }
"""
WATER = """
method = "priced"
quantity = "water_retained"
apportioned.water_retained = "area"
bind.water_retained = "water-retention/supply-use"
bind.basin_outflow = "given"
bind.basin_inflow = "given"
bind.basin_water_use = "given"
bind.area = "given"
price = { value = "2", unit = "CNY/m3", price_year = 2020 }
"""
WIND = """
method = "priced"
quantity = "sand_fixed"
from_above = ["wind_at_ten_metres", "wind_frequency"]
bind.sand_fixed = "sand-fixation/rweq"
bind.weather_factor = "weather-factor/rweq"
bind.wind_speed = "wind/two-metres"
bind.wind_at_ten_metres = "given"
bind.wind_frequency = "given"
bind.area = "given"
threshold_wind = { value = "5", unit = "m/s" }
period_days = { value = "30", unit = "d" }
air_density = { value = "1.2", unit = "kg/m3" }
soil_wetness_factor = { value = "1", unit = "1" }
snow_factor = { value = "1", unit = "1" }
erodible_fraction = { value = "0.5", unit = "1" }
crust_factor = { value = "0.5", unit = "1" }
roughness_factor = { value = "0.5", unit = "1" }
wind_cover_factor = { value = "0.5", unit = "1" }
downwind_distance = { value = "50", unit = "m" }
price = { value = "1", unit = "CNY/t", price_year = 2020 }
"""
SURPLUS = """
method = "stated-value"
value = "recreation_value"
bind.recreation_value = "recreation/consumer-surplus-zonal"
bind.zone_population = "given"
bind.visit_rate = "given"
bind.travel_cost = "given"
"""


def row(where: str, quantity: str, value: object, unit: str) -> str:
    """Write a reading; ``where`` is region/type/object/item, what is left out is empty."""
    region, kind, object_, item = (*where.split("/"), "", "", "")[:4]
    return f"{region},{kind or 'all'},{object_},{item},2020,{quantity},{value},{unit},measured,x\n"


def account(folder: Path, line: str, *rows: str) -> Account:
    """Run one line over some readings."""
    folder.mkdir(exist_ok=True)
    (folder / "case.toml").write_text(HEAD, "utf-8")
    (folder / "readings.csv").write_text(ROWS + "".join(rows), "utf-8")
    (folder / "pack.toml").write_text(PACK + line, "utf-8")
    return run.run(case.read(folder), pack.read(folder / "pack.toml"))


def found(folder: Path, line: str, *rows: str) -> list[Finding]:
    """Return what such a run is refused for."""
    with pytest.raises(InputRefused) as refused:
        account(folder, line, *rows)
    return list(refused.value.findings)


def by_place(of: Account) -> dict[str, float | None]:
    """Return quantities by region/type."""
    return {f"{x.cell.region}/{x.cell.ecosystem_type}": x.quantity for x in of.lines}


def lake(where: str, area: object) -> str:
    """Return the area of a lake in km2."""
    return row(where, "lake_area", area, "km2")


def test_each_lake_by_itself_and_the_cell_has_their_sum(tmp_path: Path) -> None:
    """Two lakes of 1 km2 hold twice e^6.636 万m3; a lake of another township is its own."""
    lakes = (lake("330101001/lake/a", 1), lake("330101001/lake/b", 1), lake("330101002/lake/c", 1))
    held = by_place(account(tmp_path, LAKES, *lakes))

    assert held == {
        "330101001/lake": pytest.approx(2 * 7_620_407.26),
        "330101002/lake": pytest.approx(7_620_407.26),
    }


def test_a_sum_of_lakes_is_no_lake(tmp_path: Path) -> None:
    """Eleven lakes of 1 km2 are not one of 11: the objects must be named."""
    (finding,) = found(tmp_path, LAKES, lake("330101001/lake", 11))

    assert (finding.code, finding.field) == ("run.object-wanted", "lake_area")


def test_lakes_and_their_sum_count_twice(tmp_path: Path) -> None:
    """The reading of the whole is refused with the row of it."""
    findings = found(tmp_path, LAKES, lake("330101001/lake", 2), lake("330101001/lake/a", 1))

    assert [(x.code, x.row, x.field) for x in findings] == [("reading.whole-and-part", 3, "object")]
    assert findings[0].facts == {"whole_in_row": 2}


def test_the_zone_of_a_region_finds_its_coefficients(tmp_path: Path) -> None:
    """The county lies on the plateau, and so do its townships; each line names the source."""
    (line,) = account(tmp_path, LAKES, lake("330101001/lake/a", 1)).lines

    assert {x.name: (x.value, x.source.tag) for x in line.coefficients} == {
        "lake_intercept": ("6.636", "R"),
        "lake_exponent": ("0.678", "R"),
        "lake_turnover": ("1", "R"),
    }


def test_a_reading_of_the_case_stands_before_the_coefficient(tmp_path: Path) -> None:
    """The county measured its own turnover: twice a year."""
    own = row("330101", "lake_turnover", 2, "1")
    (line,) = account(tmp_path, LAKES, lake("330101001/lake/a", 1), own).lines

    assert line.quantity == pytest.approx(2 * 7_620_407.26)
    assert "lake_turnover" not in {x.name for x in line.coefficients}


AREAS = (
    row("330101001/mixed-forest", "area", 1, "hm2"),
    row("330101002/meadow", "area", 3, "hm2"),
)


def test_what_is_read_above_serves_what_lies_beneath(tmp_path: Path) -> None:
    """54 hot days in the county; forest 70.4 and, by its class, meadow 25.6 kJ: 3520 kWh, 3840."""
    held = by_place(account(tmp_path, COOLING, *AREAS, row("330101", "cooling_days", 54, "d")))

    assert held == {
        "330101001/mixed-forest": pytest.approx(3_520),
        "330101002/meadow": pytest.approx(3_840),
    }


def test_the_nearest_reading_serves(tmp_path: Path) -> None:
    """27 days in one township: half of it there."""
    days = (row("330101", "cooling_days", 54, "d"), row("330101001", "cooling_days", 27, "d"))

    assert by_place(account(tmp_path, COOLING, *AREAS, *days))[
        "330101001/mixed-forest"
    ] == pytest.approx(1_760)


def test_a_type_without_a_coefficient_is_a_finding(tmp_path: Path) -> None:
    """Nobody gave the heat of a glacier: never 0, and all such types at once."""
    ice = (row("330101001/glacier", "area", 1, "hm2"), row("330101002/river", "area", 1, "hm2"))
    findings = found(tmp_path, COOLING, *ice, row("330101", "cooling_days", 54, "d"))

    assert {(x.code, x.field, x.facts["type"]) for x in findings} == {
        ("coefficient.unknown", "transpiration_heat", "glacier"),
        ("coefficient.unknown", "transpiration_heat", "river"),
    }


def test_a_line_is_of_the_types_it_names(tmp_path: Path) -> None:
    """The glacier is no vegetation: a line that says so passes it by."""
    ice = row("330101001/glacier", "area", 1, "hm2")
    line = 'types = ["mixed-forest", "meadow"]' + COOLING
    held = by_place(account(tmp_path, line, *AREAS, ice, row("330101", "cooling_days", 54, "d")))

    assert list(held) == ["330101001/mixed-forest", "330101002/meadow"]


BASIN = (
    row("330101", "basin_outflow", 10, "m3"),
    row("330101", "basin_inflow", 3, "m3"),
    row("330101", "basin_water_use", 1, "m3"),
)


def test_a_basin_is_computed_once_and_shared_down(tmp_path: Path) -> None:
    """10 − 3 + 1 = 8 m3 over 1 and 3 hm2: 2 and 6."""
    held = by_place(account(tmp_path, WATER, *BASIN, *AREAS))

    assert held == {"330101001/mixed-forest": 2, "330101002/meadow": 6}


def test_without_a_key_it_stays_where_it_was_read(tmp_path: Path) -> None:
    """A pack that names no key leaves the basin in the county."""
    line = WATER.replace('apportioned.water_retained = "area"\n', "").replace(
        'bind.area = "given"\n', ""
    )

    assert by_place(account(tmp_path, line, *BASIN)) == {"330101/all": 8}


def test_what_has_nothing_beneath_it_is_not_lost(tmp_path: Path) -> None:
    """One township has a basin of its own, and no area by which to share it."""
    own = [x.replace("330101,", "330101001,") for x in BASIN]
    findings = found(tmp_path, WATER, *own, AREAS[1])

    assert [(x.code, x.facts["region"]) for x in findings] == [("run.nothing-beneath", "330101001")]


@settings(deadline=None)
@given(
    outflow=st.integers(0, 10**9),
    areas=st.lists(st.floats(0.01, 1e6), min_size=2, max_size=2),
)
def test_a_share_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory, outflow: int, areas: list[float]
) -> None:
    """Whatever the key, the parts are the whole."""
    rows = [row("330101", "basin_outflow", outflow, "m3"), *BASIN[1:]]
    rows += [
        row("330101001/mixed-forest", "area", areas[0], "hm2"),
        row("330101002/meadow", "area", areas[1], "hm2"),
    ]
    held = by_place(account(tmp_path_factory.mktemp("apportioned"), WATER, *rows))

    assert sum(x or 0 for x in held.values()) == pytest.approx(outflow - 3 + 1)


def wind(item: str, speed: object, share: object) -> tuple[str, str]:
    """Return one class of wind of the county."""
    return (
        row(f"330101///{item}", "wind_at_ten_metres", speed, "m/s"),
        row(f"330101///{item}", "wind_frequency", share, "1"),
    )


def test_classes_of_wind_are_one_axis_whatever_their_order(tmp_path: Path) -> None:
    """What moves no sand adds none; the rows may stand in any order."""
    strong, weak = wind("strong", 8, 0.5), wind("weak", 3, 0.5)
    alone = by_place(account(tmp_path / "a", WIND, *AREAS, *strong))
    both = by_place(account(tmp_path / "b", WIND, *AREAS, *weak, *reversed(strong)))

    assert alone == pytest.approx(both)
    assert all(both.values())


def test_one_series_has_the_same_items_throughout(tmp_path: Path) -> None:
    """A class of wind without its share is named."""
    (finding,) = found(tmp_path, WIND, *AREAS, *wind("strong", 8, 0.5), wind("weak", 3, 0.5)[0])

    assert (finding.code, finding.facts["items"]) == ("run.series-differ", ["weak"])


def test_a_series_where_one_value_is_taken_is_a_finding(tmp_path: Path) -> None:
    """Hot days day by day are not their number."""
    days = (row("330101///1", "cooling_days", 1, "d"), row("330101///2", "cooling_days", 1, "d"))
    (finding,) = found(tmp_path, COOLING, *AREAS, *days)

    assert (finding.code, finding.field) == ("run.unexpected-series", "cooling_days")


def test_zones_of_origin_are_a_series_of_a_region(tmp_path: Path) -> None:
    """100 people at half a visit, and a zone nobody comes from 20 CNY on: 100 · 5 CNY."""
    rows = [
        each
        for item, rate, cost in (("near", 0.5, 10), ("far", 0, 30))
        for each in (
            row(f"330101///{item}", "zone_population", 100, "person"),
            row(f"330101///{item}", "visit_rate", rate, "visit/person"),
            row(f"330101///{item}", "travel_cost", cost, "CNY/visit"),
        )
    ]
    (line,) = account(tmp_path, SURPLUS, *rows).lines

    assert line.value_cny == pytest.approx(500)


def test_draws_take_the_same_leaves_as_the_run(tmp_path: Path) -> None:
    """The estimate under the draws is the value of the run: objects, series and shares alike."""
    cases = {
        LAKES: (lake("330101001/lake/a", 1), lake("330101001/lake/b", 10)),
        WIND: (*AREAS, *wind("strong", 8, 0.5)),
        WATER: (*BASIN, *AREAS),
        COOLING: (*AREAS, row("330101", "cooling_days", 54, "d")),
    }
    for at, (line, rows) in enumerate(cases.items()):
        folder = tmp_path / str(at)
        own = account(folder, line, *rows)
        terms = term.terms(
            case.read(folder), pack.read(folder / "pack.toml"), distribution.load(), [2020]
        )
        drawn = simulation.simulate(terms, 10_000, 1)

        assert drawn.estimated_totals[2020] == pytest.approx(own.gep_cny)
        assert drawn.totals[2020].std() > 0
