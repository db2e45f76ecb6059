"""The region tree: parents by code, dated boundaries, nothing counted twice, and the roll-up."""

from dataclasses import replace
from math import fsum
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounting import case, dossier, pack, rollup, run
from accounting.account import Account, Line
from accounting.reading import Cell
from accounting.region import Region, RegionTree, ancestors
from ledger.core.errors import InputRefused
from ledger.statements.statement import Label

HEAD = """id = "x"
pack = "garze-2010"
edition = "2010"
ecosystems = "garze-2010"
title = { zh = "例", en = "example" }
years = [2010]
readings = "readings.csv"
"""
COLUMNS = "region,ecosystem_type,year,quantity,value,unit,status,source\n"
REGIONS = {
    "510000": "四川省", "513300": "甘孜藏族自治州", "513321": "康定县", "513322": "泸定县",
    "513321100": "炉城镇",
}  # fmt: skip


def tree_of(*regions: str) -> str:
    """Write regions as case.toml lists them; `code key=value` says more."""
    said = []
    for each in regions:
        code, *more = each.split()
        pairs = [f"{k} = {v}" for k, _, v in (one.partition("=") for one in more)]
        said.append("\n".join(["[[region]]", f'code = "{code}"', 'zh = "甲"', 'en = "A"', *pairs]))
    return HEAD + "\n".join(said) + "\n"


def write(folder: Path, toml: str, readings: str = "") -> Path:
    """Write a case of one service, water used by households at 2.6 CNY/m3."""
    (folder / "case.toml").write_text(toml, "utf-8")
    (folder / "readings.csv").write_text(COLUMNS + readings, "utf-8")
    return folder


def use(code: str, value: str, type_: str = "all") -> str:
    """Write a reading of domestic water in m3."""
    return f"{code},{type_},2010,water_use_domestic,{value},m3,measured,x\n"


def account_of(folder: Path) -> Account:
    """Account for domestic water only."""
    whole = pack.load("garze-2010")
    lines = tuple(each for each in whole.lines if each.service == "water-supply/domestic")
    return run.run(case.read(folder), replace(whole, lines=lines))


def made_up(tree: RegionTree, values: dict[str, float]) -> Account:
    """Return an account with one line for each value, of changing class."""
    whole = pack.load("garze-2010")
    lines = tuple(
        Line(whole.lines[7 * place % len(whole.lines)], Cell(code, "all", 2010), None, value)
        for place, (code, value) in enumerate(values.items())
    )
    return Account("x", whole.title, 2010, whole, {}, tree, {}, lines, None)


def test_a_code_says_in_which_it_lies() -> None:
    """Province, prefecture, county by GB/T 2260; townships and villages three digits more."""
    assert ancestors("513321100201") == ("513321100", "513321", "513300", "510000")
    assert ancestors("513300") == ("510000",)
    assert ancestors("510000") == ancestors("A-zone") == ancestors("5133") == ()


def test_the_nearest_region_of_the_case_is_the_parent(tmp_path: Path) -> None:
    """A township lies in its prefecture where the case does not list its county."""
    read = case.read(write(tmp_path, tree_of("513300", "513321100", 'park parent="513300"')))

    assert read.tree.parents == {"513321100": "513300", "park": "513300"}
    assert read.tree.roots() == ("513300",)


def test_townships_make_the_county_and_counties_the_prefecture(tmp_path: Path) -> None:
    """100 m3 in a township, 10 in its county's sibling, at 2.6: 260, 26, and 286 above."""
    readings = use("513321100", "100") + use("513322", "10")
    folder = write(tmp_path, tree_of(*REGIONS), readings)
    sums = {
        each.region: (each.depth, each.gep_cny) for each in rollup.rolled_up(account_of(folder))
    }

    assert sums == {
        "510000": (0, 286.0), "513300": (1, 286.0), "513321": (2, 260.0), "513321100": (3, 260.0),
        "513322": (2, 26.0),
    }  # fmt: skip
    assert account_of(folder).gep_cny == 286.0


def test_a_region_says_what_its_sum_leaves_out(tmp_path: Path) -> None:
    """One county is not estimated: it, and every region above it, says so; its sibling does not."""
    missing = "513321,all,2010,water_use_domestic,,,not estimated,x\n"
    folder = write(tmp_path, tree_of(*REGIONS), missing + use("513322", "10"))
    told = {each.region: each.not_estimated for each in rollup.rolled_up(account_of(folder))}

    assert told["513300"] == told["513321"] == ("water-supply/domestic",)
    assert told["513322"] == ()
    assert "by_region" in dossier.statements(account_of(folder))


def test_population_is_read_or_added_up(tmp_path: Path) -> None:
    """Two counties of 100 and 20 persons: 120 in the prefecture, and GEP per person of each."""
    people = "".join(
        f"{code},all,2010,population,{value},person,measured,x\n"
        for code, value in (("513321", 100), ("513322", 20))
    )
    folder = write(tmp_path, tree_of("513300", "513321", "513322"), people + use("513321", "1"))
    account = account_of(folder)

    assert account.population == 120
    assert account.context["population"] == {"513300": 120, "513321": 100, "513322": 20}


TREES = [
    (("513300", '513321 parent="513399"'), "region.unknown-parent"),
    (("513300", "513400", '513321 parent="513400"'), "region.parent-of-another"),
    (("510000", "520000", '513300 parent="520000"'), "region.parent-of-another"),
    (("513300", "513321", "513321"), "region.duplicate"),
    (('a parent="b"', 'b parent="a"'), "region.circle"),
    (("513300 since=2011 until=2010",), "region.not-a-span"),
]


@pytest.mark.parametrize(("regions", "code"), TREES)
def test_a_broken_tree_is_refused(tmp_path: Path, regions: tuple[str, ...], code: str) -> None:
    """An unknown or another's parent, a region twice, in itself, or ending before it begins."""
    with pytest.raises(InputRefused) as refused:
        case.read(write(tmp_path, tree_of(*regions), use("513300", "1")))

    assert {(each.file, each.field, each.code) for each in refused.value.findings} == {
        ("case.toml", "region", code)
    }


TWICE = [
    (use("513300", "9") + use("513321", "4"), 3, "region", "reading.counted-twice"),
    (use("513321", "9") + use("513321", "4", "town"), 3, "ecosystem_type", "reading.all-and-type"),
    (use("513322", "9"), 2, "region", "reading.region-not-in-year"),
]


@pytest.mark.parametrize(("readings", "row", "field", "code"), TWICE)
def test_what_would_count_twice_or_nowhere_is_refused(
    tmp_path: Path, readings: str, row: int, field: str, code: str
) -> None:
    """A prefecture beside its county, all types beside one, a county before its boundary."""
    folder = write(tmp_path, tree_of("513300", "513321", "513322 since=2011"), readings)
    with pytest.raises(InputRefused) as refused:
        case.read(folder)

    found = [(each.file, each.row, each.field, each.code) for each in refused.value.findings]
    assert found == [("readings.csv", row, field, code)]


def test_an_intensive_quantity_may_stand_at_two_levels(tmp_path: Path) -> None:
    """Precipitation of a prefecture and of a county are two facts: nothing adds up."""
    rain = "".join(
        f"{code},all,2010,precipitation,800,mm,measured,x\n" for code in ("513300", "513321")
    )

    assert len(case.read(write(tmp_path, tree_of(*REGIONS), rain)).readings) == 2


@st.composite
def trees(draw: st.DrawFn) -> tuple[RegionTree, dict[str, float]]:
    """Draw a tree in which each region lies in an earlier one or none, and values of any of it."""
    size = draw(st.integers(1, 12))
    codes = [f"r{number}" for number in range(size)]
    parents = {
        code: codes[draw(st.integers(0, place - 1))]
        for place, code in enumerate(codes)
        if place and draw(st.booleans())
    }
    values = {code: draw(st.floats(-1e12, 1e12)) for code in codes if draw(st.booleans())}
    regions = {code: Region(code, Label(code, code)) for code in codes}
    return RegionTree(regions, parents), values


@given(trees())
@settings(max_examples=100)
def test_the_children_and_what_is_own_are_the_parent(drawn: tuple[RegionTree, dict[str, float]]
) -> None:  # fmt: skip
    """Σ children + own = parent, class by class, and Σ roots = GEP, in any tree."""
    tree, values = drawn
    sums = {each.region: each for each in rollup.rolled_up(made_up(tree, values))}
    slack = 1e-9 * (1 + fsum(abs(each) for each in values.values()))

    assert sums.keys() == tree.regions.keys()
    for code, whole in sums.items():
        parts = fsum([whole.own_cny, *(sums[each].gep_cny for each in tree.children(code))])
        assert whole.gep_cny == pytest.approx(parts, abs=slack)
        assert fsum(whole.classes.values()) == pytest.approx(whole.gep_cny, abs=slack)
    roots = fsum(sums[each].gep_cny for each in tree.roots())
    assert roots == pytest.approx(made_up(tree, values).gep_cny, abs=slack)
