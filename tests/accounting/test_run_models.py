"""Runs from what is measured outdoors: rain, slope, emissions, through models to CNY."""

from pathlib import Path

import pytest

from accounting import case, pack, run
from accounting.account import Line
from ledger.core.errors import Finding, InputRefused

CASE = """
id = "x"
pack = "worked"
edition = "1"
ecosystems = "garze-2010"
title = { zh = "例", en = "example" }
years = [2020]
readings = "readings.csv"
[[region]]
code = "1"
zh = "甲"
en = "A"
"""
PACK = """
id = "worked"
edition = "1"
ecosystems = "garze-2010"
title = { zh = "算例", en = "worked example" }
source = { document = "a worked example", tag = "C" }
[groups]
"水源涵养" = "Water retention"
"土壤保持" = "Soil retention"
"大气净化" = "Air purification"

[[line]]
service = "water-retention"
name = { zh = "水源涵养", en = "water retention" }
group = "水源涵养"
class = "regulating"
counts_in = "gep"
seea = "2.11"
method = "priced"
quantity = "water_retained"
price = "reservoir_price"
bind.water_retained = "water-retention/balance"
bind.precipitation = "given"
bind.storm_runoff = "storm-runoff/coefficient"
bind.evapotranspiration = "given"
bind.area = "given"
bind.reservoir_price = "reservoir-price/annualised"
storm_runoff_coefficient = { value = "10", unit = "%" }
construction_cost = { value = "10", unit = "元/m3" }
depreciation_rate = { value = "2", unit = "%" }
operating_cost = { value = "0.05", unit = "元/m3" }

[[line]]
service = "soil-retention/silt"
name = { zh = "减少泥沙淤积", en = "silt deposition avoided" }
group = "土壤保持"
class = "regulating"
counts_in = "gep"
seea = "2.6"
method = "priced"
quantity = "silt_volume_avoided"
bind.silt_volume_avoided = "soil-retention/silt"
bind.soil_retained = "soil-retention/rusle"
bind.slope_steepness_factor = "slope-steepness/rusle"
bind.soil_cover_factor = "soil-cover/cai"
bind.slope = "given"
bind.vegetation_cover = "given"
bind.area = "given"
rainfall_erosivity = { value = "1000", unit = "MJ.mm/(hm2.h.a)" }
soil_erodibility = { value = "0.02", unit = "t.hm2.h/(hm2.MJ.mm)" }
slope_length_factor = { value = "1", unit = "1" }
sediment_share = { value = "24", unit = "%" }
soil_bulk_density = { value = "1", unit = "t/m3" }
price = { value = "20", unit = "元/m3", price_year = 2020 }

[[line]]
service = "air-purification/so2"
name = { zh = "净化二氧化硫", en = "sulphur dioxide removed" }
group = "大气净化"
class = "regulating"
counts_in = "gep"
seea = "2.4"
method = "priced"
quantity = "so2_removed"
emission = "so2_emission"
capacity = "so2_capacity"
bind.so2_removed = "purification/by-standard"
bind.so2_emission = "given"
bind.so2_capacity = "given"
bind.meets_standard = "given"
bind.area = "given"
price = { value = "1200", unit = "元/t.SO2", price_year = 2020 }
"""
READINGS = """region,ecosystem_type,year,quantity,value,unit,status,source
1,forest,2020,area,1,km2,measured,x
1,forest,2020,precipitation,1000,mm,measured,x
1,forest,2020,evapotranspiration,500,mm,modelled,x
1,forest,2020,slope,30,°,measured,x
1,forest,2020,vegetation_cover,10,%,measured,x
1,forest,2020,so2_emission,0.01,万t,measured,x
1,forest,2020,so2_capacity,0.15,t.SO2/hm2,modelled,x
1,forest,2020,meets_standard,{met},1,measured,x
"""


def lines(folder: Path, met: str = "0", pack_text: str = PACK) -> dict[str, Line]:
    """Run the worked example; its lines by service."""
    (folder / "case.toml").write_text(CASE, "utf-8")
    (folder / "readings.csv").write_text(READINGS.format(met=met), "utf-8")
    (folder / "pack.toml").write_text(pack_text, "utf-8")
    account = run.run(case.read(folder), pack.read(folder / "pack.toml"))
    return {line.service: line for line in account.lines}


def test_rain_becomes_water_at_the_yearly_cost_of_a_reservoir(tmp_path: Path) -> None:
    """1000 − 100 − 500 = 400 mm on 100 hm2 are 400,000 m3, at 10 · 2 % + 0.05 = 0.25 CNY/m3."""
    water = lines(tmp_path)["water-retention"]

    assert water.quantity == pytest.approx(400_000)
    assert water.value_cny == pytest.approx(100_000)
    assert water.notes == ()


def test_slope_and_cover_become_silt(tmp_path: Path) -> None:
    """S = 9.995, C = 0.3072: 20 · 9.995 · 0.6928 · 100 t of soil, 24 % of it m3 at 20 CNY.

    Slope and cover of a whole zone are means, and the line says so.
    """
    silt = lines(tmp_path)["soil-retention/silt"]
    soil = 1000 * 0.02 * 9.995 * (1 - 0.3072) * 100

    assert silt.quantity == pytest.approx(soil * 0.24)
    assert silt.value_cny == pytest.approx(soil * 0.24 * 20)
    assert silt.notes == ("method.computed-on-means",)


@pytest.mark.parametrize(("met", "tonnes"), [("1", 100), ("0", 15)])
def test_the_air_is_purified_by_the_branch_of_the_reading(
    tmp_path: Path, met: str, tonnes: float
) -> None:
    """Standard met: the emission, 100 t; not met: 0.15 t on each of 100 hm2."""
    removed = lines(tmp_path, met)["air-purification/so2"]

    assert removed.quantity == pytest.approx(tonnes)
    assert removed.value_cny == pytest.approx(tonnes * 1200)


def refused(folder: Path, old: str, new: str) -> list[Finding]:
    """Return the findings of a run under a pack that says something impossible."""
    assert old in PACK
    with pytest.raises(InputRefused) as refusal:
        lines(folder, pack_text=PACK.replace(old, new))
    return list(refusal.value.findings)


def test_a_parameter_that_cannot_be_is_a_finding(tmp_path: Path) -> None:
    """A sediment share of 240 % stops the run, and the finding names it."""
    (finding,) = refused(tmp_path, 'value = "24", unit = "%"', 'value = "240", unit = "%"')

    assert (finding.code, finding.field) == ("method.out-of-range", "sediment_share")
    assert finding.facts["method"] == "soil-retention/silt"


def test_a_reading_that_cannot_be_is_a_finding_with_its_row(tmp_path: Path) -> None:
    """150 % of an area under vegetation: file, row and field, before anything is computed."""
    (tmp_path / "case.toml").write_text(CASE, "utf-8")
    text = READINGS.format(met="0").replace("vegetation_cover,10,%", "vegetation_cover,150,%")
    (tmp_path / "readings.csv").write_text(text, "utf-8")
    with pytest.raises(InputRefused) as refusal:
        case.read(tmp_path)
    (finding,) = refusal.value.findings

    assert (finding.code, finding.row, finding.field) == ("reading.out-of-range", 6, "value")


def test_a_density_of_nought_is_a_finding(tmp_path: Path) -> None:
    """What is divided by cannot be 0."""
    (finding,) = refused(tmp_path, 'value = "1", unit = "t/m3"', 'value = "0", unit = "t/m3"')

    assert (finding.code, finding.field) == ("method.out-of-range", "soil_bulk_density")
