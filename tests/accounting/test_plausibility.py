"""The auditor: each trap on a small table that has it and on one that has not, and in print."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from accounting import case, findings, pack, run
from accounting.pack import ServiceLine
from accounting.plausibility import audit
from accounting.plausibility.library import library
from api.commands.case import app
from ledger.core.errors import Finding

GARZE = Path(__file__).parents[2] / "examples" / "garze-2010"
HEADER = (
    "service,indicator,year,quantity,unit,unit_price,price_unit,factor,factor_unit,value,value_unit"
)


def audited(folder: Path, *rows: str) -> tuple[Finding, ...]:
    """Audit a table of these rows."""
    path = folder / "table.csv"
    path.write_text("\n".join((HEADER, *rows)) + "\n", "utf-8")
    return audit.of_table(path)


def facts(found: tuple[Finding, ...], code: str) -> Mapping[str, object]:
    """Return the evidence of the one finding of this code."""
    (one,) = (each for each in found if each.code == f"plausibility.{code}")
    return one.facts


WATER_AND_POWER = (
    "水资源,生活用水量,2010,1.36,亿m3,2.6,元/m3,,,3.536,亿元",
    "水电,水力发电量,2010,95.30,亿kWh,0.53,元/kWh,,,50.509,亿元",
)
SERVICES = (
    "水源涵养,水量,2020,10,亿m3,7,元/m3,,,70,亿元",
    "土壤保持,减淤,2020,2,亿m3,15,元/m3,,,30,亿元",
)
CASES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    # code, rows that have the trap, rows that have not
    (
        "carbon-or-co2",
        ("固碳,固碳量(CO2),2020,100,t.C,380,元/t,,,38000,元",),
        ("固碳,固碳量(CO2),2020,100,t.CO2,380,元/t,,,38000,元",),
    ),
    (
        "carbon-or-co2",  # 1,320 is a price of C
        ("固碳,固碳量(CO2),2020,100,t,1320,元/t,,,13.2,万元",),
        ("固碳,固碳量,2020,100,t.C,1320,元/t.C,,,13.2,万元",),
    ),
    (
        "carbon-or-co2",  # 100 t × 380 × 44/12 = 139,333
        ("carbon sequestration,mass,2020,100,t,380,CNY/t,,,139333,CNY",),
        ("carbon sequestration,mass,2020,100,t,380,CNY/t,3.6667,,139335,CNY",),
    ),
    (
        "carbon-or-co2",
        ("固碳,碳量,2020,100,t.C,380,元/t.CO2,,,38000,元",),
        ("固碳,碳量,2020,100,t.C,380,元/t.CO2,3.6667,t.CO2/t.C,139335,元",),
    ),
    (
        "oxygen-carbon-ratio",  # 32/44 of 44 t is 32
        ("固碳,CO2,2020,44,t,380,元/t,,,16720,元", "释氧,O2,2020,356,t,1000,元/t,,,356000,元"),
        ("固碳,CO2,2020,44,t,380,元/t,,,16720,元", "释氧,O2,2020,32,t,1000,元/t,,,32000,元"),
    ),
    (
        "oxygen-carbon-ratio",  # per tonne of C it is 32/12
        ("固碳,碳,2020,12,t.C,1200,元/t,,,14400,元", "释氧,O2,2020,8.7,t,1000,元/t,,,8700,元"),
        ("固碳,碳,2020,12,t.C,1200,元/t,,,14400,元", "释氧,O2,2020,32,t,1000,元/t,,,32000,元"),
    ),
    (
        "yi-or-billion",  # Zhejiang, 105,500 km2: 14,000 billion are 133 million a km2
        ("浙江,GEP,2020,,,,,,,14000,billion CNY",),
        ("浙江,GEP,2020,,,,,,,14000,亿元",),
    ),
    (
        "yi-or-billion",
        ("a county,GEP,2020,,,,,,,900,CNY billion", "土地,总面积,2020,2000,km2,,,,,,"),
        ("a county,GEP,2020,,,,,,,90,CNY billion", "土地,总面积,2020,2000,km2,,,,,,"),
    ),
    (
        "power-of-ten",
        ("水源涵养,量,2020,10,亿m3,7,元/m3,,,7,billion CNY", "水,量,2020,10,万t,7,元/t,,,70,亿元"),
        ("水源涵养,量,2020,10,亿m3,7,元/m3,,,7,billion CNY", "水,量,2020,10,亿t,7,元/t,,,70,亿元"),
    ),
    (
        "sum",
        (*SERVICES, "合计,GEP,2020,,,,,,,110,亿元"),
        (*SERVICES, "合计,GEP,2020,,,,,,,100,亿元"),
    ),
    (
        "sum-cut",
        ("a,a,2020,,,,,,,1.47,亿元", "b,b,2020,,,,,,,2.47,亿元", "合计,,2020,,,,,,,3.9,亿元",
         "c,c,2021,,,,,,,2.004,亿元", "c,d,2021,,,,,,,2.004,亿元", "合计,,2021,,,,,,,4.00,亿元"),
        ("a,a,2020,,,,,,,1.47,亿元", "b,b,2020,,,,,,,2.47,亿元", "合计,,2020,,,,,,,3.94,亿元"),
    ),
    (
        "share-of-another-base",  # 70 of 100 is 70 %, of last year's 140 it is 50 %
        (*SERVICES, "合计,GEP,2020,,,,,,,100,亿元", "合计,GEP,2019,,,,,,,140,亿元",
         "水源涵养,占比,2020,,,,,,,50,%"),
        (*SERVICES, "合计,GEP,2020,,,,,,,100,亿元", "合计,GEP,2019,,,,,,,140,亿元",
         "水源涵养,占比,2020,,,,,,,70,%"),
    ),
    (
        "shared-price",
        ("水源涵养,水量,2010,10,亿m3,7.06,元/m3,,,70.6,亿元",
         "洪水调蓄,湖泊,2010,2,亿m3,7.06,元/m3,,,14.12,亿元"),
        ("水源涵养,水量,2010,10,亿m3,7.06,元/m3,,,70.6,亿元",
         "洪水调蓄,湖泊,2010,2,亿m3,6.11,元/m3,,,12.22,亿元",
         "洪水调蓄,沼泽,2010,2,亿m3,6.11,元/m3,,,12.22,亿元"),
    ),
    (
        "implied-price-drift",  # 20 and 37 CNY/m3 in one year
        ("涵养水源,冷杉,2014,100,m3,,,,,2000,元", "涵养水源,云杉,2014,100,m3,,,,,3700,元"),
        ("涵养水源,冷杉,2014,100,m3,,,,,2000,元", "涵养水源,云杉,2014,50,m3,,,,,1000,元"),
    ),
    (
        "implied-price-drift",  # 20 to 30 within a year; 20 to 22 is inflation
        ("涵养水源,全县,2014,100,m3,,,,,2000,元", "涵养水源,全县,2015,100,m3,,,,,3000,元"),
        ("涵养水源,全县,2014,100,m3,,,,,2000,元", "涵养水源,全县,2015,100,m3,,,,,2200,元"),
    ),
    (
        "turbine-flow",
        (*WATER_AND_POWER, "水资源,工业用水量,2010,150.17,亿m3,3.6,元/m3,,,540.612,亿元"),
        (*WATER_AND_POWER, "水资源,工业用水量,2010,1.17,亿m3,3.6,元/m3,,,4.212,亿元"),
    ),
    (
        "cooling-days",  # 70.4 kJ/(m2.d) on 1 km2 is 6,518.5 kWh a day with a ratio of 3
        ("气候调节,植被蒸腾降温,2010,325.9,万kWh,0.53,元/kWh,,,172.7,万元",
         "生态系统面积,森林,2010,1,km2,,,,,,"),
        ("气候调节,植被蒸腾降温,2010,65.2,万kWh,0.53,元/kWh,,,34.6,万元",
         "生态系统面积,森林,2010,1,km2,,,,,,"),
    ),
    (
        "cooling-days",  # a hundred days, of which the region has sixty
        ("气候调节,植被蒸腾降温,2010,65.2,万kWh,0.53,元/kWh,,,34.6,万元",
         "生态系统面积,森林,2010,1,km2,,,,,,", "气候,26℃以上天数,2010,60,d,,,,,,"),
        ("气候调节,植被蒸腾降温,2010,65.2,万kWh,0.53,元/kWh,,,34.6,万元",
         "生态系统面积,森林,2010,1,km2,,,,,,", "气候,26℃以上天数,2010,110,d,,,,,,"),
    ),
    (
        "per-area-outlier",  # 100 million CNY of water a km2; the study has 1.4 to 1.9 million
        ("水源涵养,水量,2020,,,,,,,200,亿元", "土地,总面积 total area,2020,200,km2,,,,,,"),
        ("水源涵养,水量,2020,,,,,,,2,亿元", "土地,总面积 total area,2020,200,km2,,,,,,"),
    ),
)  # fmt: skip


@pytest.mark.parametrize(("code", "trapped", "sound"), CASES)
def test_a_trap_is_found_where_it_is_and_only_there(
    tmp_path: Path, code: str, trapped: tuple[str, ...], sound: tuple[str, ...]
) -> None:
    """Each finding has a row and evidence; the sound table has no finding at all."""
    found = [each for each in audited(tmp_path, *trapped) if each.code == f"plausibility.{code}"]

    assert found
    assert all(each.row and each.file == "table.csv" and each.facts for each in found)
    assert audited(tmp_path, *sound) == ()


def test_every_check_has_a_table_that_it_finds() -> None:
    """No check is without its example."""
    shown = {code for code, _, _ in CASES}
    doubts = {each.removeprefix("plausibility.") for each in audit.DOUBTS - {audit.NOT_READ_HERE}}

    assert doubts <= shown
    assert len(shown) == len(audit.CHECKS) + 1  # a sum that is cut is a code of its own


def test_the_evidence_can_be_checked_with_a_pencil(tmp_path: Path) -> None:
    """325.9万 kWh over 6,518.5 kWh a day are 500 days; 44 t of CO2 with 356 of O2 are 8.09."""
    _, trapped, _ = next(each for each in CASES if each[0] == "cooling-days")
    assert facts(audited(tmp_path, *trapped), "cooling-days")["days"] == 500
    _, trapped, _ = next(each for each in CASES if each[0] == "oxygen-carbon-ratio")
    ratio = facts(audited(tmp_path, *trapped), "oxygen-carbon-ratio")
    assert (ratio["ratio"], ratio["expected"]) == (8.091, 0.727)
    _, trapped, _ = next(each for each in CASES if each[0] == "share-of-another-base")
    share = facts(audited(tmp_path, *trapped), "share-of-another-base")
    assert (share["recomputed"], share["base_that_fits"]) == ("70%", ["total of 2019"])
    _, trapped, _ = next(each for each in CASES if each[0] == "turbine-flow")
    assert facts(audited(tmp_path, *trapped), "turbine-flow")["m3_per_kwh"] == 1.576


def test_a_total_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """UNSD Box 4: zones add up to the exchange value; the consumer surplus is another figure."""
    zones = ("r,zone A,-,15000,visits,5,CNY/visit,,,75000,CNY",
             "r,zone B,-,9000,visits,10,CNY/visit,,,90000,CNY")  # fmt: skip
    held = "r,exchange value total,-,,,,,,,165000,CNY"
    other = "r,consumer surplus total,-,,,,,,,180000,CNY"

    assert audited(tmp_path, *zones, held, other) == ()
    assert [each.code for each in audited(tmp_path, *zones, other)] == ["plausibility.sum"]


def test_the_shipped_case_shows_its_five_doubts() -> None:
    """Garzê: one reservoir price, turbine flow, 618 cooling days, O2 8.1 × CO2, a cut total."""
    found = findings.of(GARZE).findings
    by_code = {each.code.removeprefix("plausibility."): each.facts for each in found}

    assert list(by_code) == [
        "oxygen-carbon-ratio", "shared-price", "turbine-flow", "cooling-days", "sum-cut",
    ]  # fmt: skip
    assert all(audit.is_doubt(each) for each in found)
    assert by_code["oxygen-carbon-ratio"]["ratio"] == 8.097
    assert by_code["shared-price"]["share_of_all_percent"] == 30.9
    assert by_code["turbine-flow"]["m3_per_person"] == 14167
    assert by_code["cooling-days"]["days"] == 618
    assert by_code["sum-cut"]["difference"] == "0.008"


Change = Mapping[str, float]
SOUND = {
    "climate-regulation/vegetation": 0.29, "water-supply/industrial": 0.01,
    "oxygen": 0.31 / 2.51 * 32 / 44,
}  # fmt: skip


def of_account(times: Change, prices: Mapping[str, str], twice: float | None = None) -> set[str]:
    """Audit Garzê with some services multiplied or repriced, and recreation listed once more."""
    found, whole = case.read(GARZE), pack.load("garze-2010")
    account = run.run(found, whole)
    lines = [
        replace(
            line, of=repriced(line.of, prices), reading=None,
            quantity=None if line.quantity is None else line.quantity * times.get(line.service, 1),
            value_cny=(line.value_cny or 0) * times.get(line.service, 1),
        )
        for line in account.lines
    ]  # fmt: skip
    if twice is not None:
        lines.append(replace(lines[-1], value_cny=(lines[-1].value_cny or 0) * twice))
    doubts = audit.of_account(replace(account, lines=tuple(lines)), found)
    return {each.code.removeprefix("plausibility.") for each in doubts}


def repriced(line: ServiceLine, prices: Mapping[str, str]) -> ServiceLine:
    """Give a service another price."""
    if line.service not in prices:
        return line
    price = replace(line.parameters["price"], value=prices[line.service])
    return replace(line, parameters={"price": price})


TWO_PRICES = {"water-retention": "7.05"}


def test_a_sound_account_has_no_doubt() -> None:
    """Garzê with 180 cooling days, its industry's water, oxygen of one process, two prices."""
    assert of_account(SOUND, TWO_PRICES) == set()


ACCOUNTS: tuple[tuple[str, Change, Change, Mapping[str, str], Mapping[str, str]], ...] = (
    # code, times that have the trap, times that just have not, the prices of either
    ("oxygen-carbon-ratio", {"oxygen": 0.12}, {"oxygen": 0.0935}, {}, {}),  # 0.97 and 0.757
    ("turbine-flow",  # 0.32 and 0.10 m3 for a kWh
     {"water-supply/industrial": 0.2}, {"water-supply/industrial": 0.06}, {}, {}),
    ("cooling-days",  # 371 and 358 days
     {"climate-regulation/vegetation": 0.6}, {"climate-regulation/vegetation": 0.58}, {}, {}),
    ("shared-price", {}, {}, {"water-retention": "7.06"}, {"water-retention": "7.07"}),
    ("per-area-outlier",  # 19.7 and 18.2 million CNY of water on each km2, published up to 1.93
     {"water-retention": 13}, {"water-retention": 12}, {}, {}),
    ("carbon-or-co2", {}, {}, {"carbon": "1320"}, {"carbon": "1321"}),
)  # fmt: skip


@pytest.mark.parametrize(("code", "trap", "near", "trap_prices", "near_prices"), ACCOUNTS)
def test_a_trap_is_found_on_an_account_and_a_near_miss_is_not(
    code: str, trap: Change, near: Change,
    trap_prices: Mapping[str, str], near_prices: Mapping[str, str],
) -> None:  # fmt: skip
    """The sound account with one change is doubted for it alone, with a little less for nothing."""
    assert of_account({**SOUND, **trap}, {**TWO_PRICES, **trap_prices}) == {code}
    assert of_account({**SOUND, **near}, {**TWO_PRICES, **near_prices}) == set()


def test_two_prices_of_one_service_are_found_on_an_account() -> None:
    """Recreation twice, a visit worth half as much again: doubted; 4 % more is a mean of places."""
    assert of_account(SOUND, TWO_PRICES, 1.5) == {"implied-price-drift"}
    assert of_account(SOUND, TWO_PRICES, 1.04) == set()


NEAR: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("oxygen-carbon-ratio",  # 0.79, within a tenth of 0.727
     ("固碳,CO2,2020,44,t,380,元/t,,,16720,元", "释氧,O2,2020,35,t,1000,元/t,,,35000,元")),
    ("carbon-or-co2", ("固碳,固碳量(CO2),2020,100,t,1319,元/t,,,13.19,万元",)),
    ("yi-or-billion",  # 65 million CNY a km2 is as dense as the densest published
     ("a county,GEP,2020,,,,,,,130,CNY billion", "土地,总面积,2020,2000,km2,,,,,,")),
    ("power-of-ten", ("水源涵养,量,2020,10.5,亿m3,7.00,元/m3,,,73.2,亿元",)),  # within rounding
    ("sum", (*SERVICES, "合计,GEP,2020,,,,,,,101,亿元")),  # two half-units and that of the total
    ("sum", ("a,小计,2020,,,,,,,3.0,亿元", "a,b,2020,,,,,,,1.0,亿元", "a,c,2020,,,,,,,2.0,亿元")),
    ("share-of-another-base",
     (*SERVICES, "合计,GEP,2020,,,,,,,100,亿元", "水源涵养,占比,2020,,,,,,,70.0,%")),
    ("shared-price",  # two prices of one service
     ("水源涵养,森林,2010,10,亿m3,7.06,元/m3,,,70.6,亿元",
      "水源涵养,草地,2010,2,亿m3,7.06,元/m3,,,14.12,亿元")),
    ("implied-price-drift",  # 5 % within a year
     ("涵养水源,冷杉,2014,1000,m3,,,,,20000,元", "涵养水源,云杉,2014,1000,m3,,,,,20900,元")),
    ("turbine-flow",  # much water for a kWh, but little beside what fields take
     ("水资源,农业用水量,2010,17.31,亿m3,0.07,元/m3,,,1.2117,亿元",
      "水资源,工业用水量,2010,30,亿m3,3.6,元/m3,,,108,亿元",
      "水电,水力发电量,2010,95.30,亿kWh,0.53,元/kWh,,,50.509,亿元")),
    ("cooling-days",  # 365 days
     ("气候调节,植被蒸腾降温,2010,237.9,万kWh,0.53,元/kWh,,,126.1,万元",
      "生态系统面积,森林,2010,1,km2,,,,,,")),
    ("per-area-outlier",  # 19 million CNY a km2, ten times the most published
     ("水源涵养,水量,2020,,,,,,,38,亿元", "土地,总面积 total area,2020,200,km2,,,,,,")),
)  # fmt: skip


@pytest.mark.parametrize(("code", "rows"), NEAR)
def test_a_near_miss_is_left_in_peace(tmp_path: Path, code: str, rows: tuple[str, ...]) -> None:
    """What comes close to a trap and is none is not told, as that trap or any other."""
    assert code in {each for each, *_ in CASES}
    assert audited(tmp_path, *rows) == ()


PRINTED = {
    "altai_forest_2014.csv": {"implied-price-drift"},  # 17 to 37 CNY/m3: not one price
    "garze_2010.csv": {"oxygen-carbon-ratio", "sum-cut", "shared-price", "turbine-flow"},
    "guangxi_2005_2020.csv": {"yi-or-billion"},
    "carbon_rental_scc.csv": set(),
    "china_forest_asset_npv_2010.csv": set(),
    "garze_2010_by_ecosystem.csv": set(),
    "travel_cost_zonal_box4.csv": set(),
}


@pytest.mark.parametrize("name", sorted(PRINTED))
def test_published_tables_show_what_is_known_of_them(name: str) -> None:
    """Each finding is one that a reader can explain; the rest of the tables is left in peace."""
    found = audit.of_table(Path(__file__).parent / "published" / name)

    assert {each.code.removeprefix("plausibility.") for each in found} == PRINTED[name]


def test_a_doubt_is_told_and_a_fault_is_exit_1(tmp_path: Path) -> None:
    """The shipped table exits 0 with its doubts; a GEP in the wrong billions exits 1."""
    told = CliRunner().invoke(app, ["check", str(GARZE / "published.csv"), "--json"])
    said = json.loads(told.output)["findings"]
    assert told.exit_code == 0
    assert [each["doubt"] for each in said] == [True] * 4

    path = shutil.copy(Path(__file__).parent / "published" / "guangxi_2005_2020.csv", tmp_path)
    told = CliRunner().invoke(app, ["check", str(path), "--json"])
    (one,) = json.loads(told.output)["findings"]
    assert (told.exit_code, one["code"], one["doubt"]) == (1, "plausibility.yi-or-billion", False)


NAMES = st.sampled_from(
    ["固碳", "固碳CO2", "释氧", "GEP", "合计", "占比", "面积 森林", "植被蒸腾", "工业用水", "水电",
     "人口", "水源涵养", "土地 面积", "广西"]
)  # fmt: skip
NUMBERS = st.sampled_from(["", "0", "-5", "1.36", "0.0", "1e50", "1e-50", "7545.59", "3亿", "abc"])
UNITS = st.sampled_from(["", "亿m3", "t.C", "t", "km2", "亿kWh", "人", "hm2", "?"])
PRICES = st.sampled_from(["", "元/t", "元/m3", "元/t.CO2", "元/kWh"])
MONEY = st.sampled_from(["元", "亿元", "billion CNY", "CNY billion?", "%", ""])
ROWS = st.tuples(
    NAMES, NAMES, st.sampled_from(["2020", "2021", ""]), NUMBERS, UNITS, NUMBERS, PRICES,
    st.sampled_from(["", "2", "x"]), st.just(""), NUMBERS, MONEY,
)  # fmt: skip


@given(rows=st.lists(ROWS, max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_no_table_is_a_traceback(tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    """Whatever stands in the cells, the audit ends, and what it finds has a code and a row."""
    for finding in audited(tmp_path, *(",".join(row) for row in rows)):
        assert finding.code.startswith("plausibility.")
        assert finding.row


def test_words_do_not_take_one_thing_for_another() -> None:
    """Chemical oxygen demand is no oxygen, pest control no extent, GEP per head no GEP."""
    words = library().words

    assert not words["oxygen"].search("chemical oxygen demand removed")
    assert not words["extent"].search("森林病虫害控制面积 pest control area")
    assert words["extent"].search("生态系统面积 ecosystem extent 森林 forest")
    assert not words["gep"].search("KPI 人均GEP per capita")
    assert not words["gep"].search("GEP growth")
