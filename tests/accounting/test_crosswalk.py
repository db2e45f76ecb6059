"""Crosswalks: shares that add up to 1, sums kept, means weighted by area, nothing taken as 0."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting import case, crosswalk, ecosystem, pack, run, translation
from accounting.case import Case
from accounting.crosswalk import Crosswalk
from accounting.figures import Figure
from accounting.reading import Cell, Reading
from ledger.core.errors import InputRefused

HEAD = """id = "x"
pack = "garze-2010"
edition = "2010"
ecosystems = "land-survey-3"
title = { zh = "例", en = "example" }
years = [2020]
readings = "readings.csv"
crosswalk = "crosswalk.csv"
crosswalk_into = "garze-2010"
[[region]]
code = "513300"
zh = "甘孜"
en = "Garzê"
"""
READINGS = "region,ecosystem_type,year,quantity,value,unit,status,source\n"
SHARES = "from_type,to_type,share,source\n"
ORCHARD = "0201,farmland,0.75,plots\n0201,forest,0.25,plots\n0301,forest,1,plots\n"


def write(folder: Path, shares: str, readings: str, head: str = HEAD) -> Path:
    """Write a case in classes of the land survey with a crosswalk of its own."""
    (folder / "case.toml").write_text(head, "utf-8")
    (folder / "crosswalk.csv").write_text(SHARES + shares, "utf-8")
    (folder / "readings.csv").write_text(READINGS + readings, "utf-8")
    return folder


def row(type_: str, quantity: str, value: str, unit: str, status: str = "measured") -> str:
    """Write a reading of one class."""
    return f"513300,{type_},2020,{quantity},{value},{unit},{status},survey\n"


def translated(folder: Path) -> Case:
    """Return the case in the types of the pack."""
    return translation.into(case.read(folder), "garze-2010")


def value_of(found: Case, quantity: str, type_: str) -> Fraction | None:
    """Return what was carried into a type."""
    figure = found.readings[quantity, Cell("513300", type_, 2020)].figure
    return figure.value if figure else None


def test_the_shares_of_every_shipped_crosswalk_are_one_for_every_type() -> None:
    """Each type of the first list, once, into types of the second; dated, with a source."""
    for walk in crosswalk.shipped():
        assert walk.shares.keys() == walk.start.types.keys()
        assert {sum(parts.values()) for parts in walk.shares.values()} == {1}
        assert {code for parts in walk.shares.values() for code in parts} <= set(walk.into.types)
        assert walk.since
        assert walk.source


def test_each_list_names_its_types_once_and_says_where_it_is_from() -> None:
    """110 functional groups of GET, 8 national types; no code or Chinese name twice in a list."""
    folder = Path(ecosystem.__file__).parent / "ecosystems"
    lists = {each.stem: ecosystem.load(each.stem) for each in folder.glob("*.toml")}

    assert len(lists["get-level-3"].types) == 110
    assert len(lists["national-2021"].types) == 8
    for each in lists.values():
        names = [name.zh for name in each.types.values()]
        assert each.source.document
        assert len(names) == len(set(names)) == len(each.types)
        assert all(
            each.named(name) == code for code, n in each.types.items() for name in (n.zh, n.en)
        )


def test_what_adds_up_is_shared_out(tmp_path: Path) -> None:
    """100 m3 of orchards, a quarter under trees, and 10 of forest: 75 and 35, 110 in all."""
    read = row("果园", "water_retained", "100", "m3") + row("0301", "water_retained", "10", "m3")
    found = translated(write(tmp_path, ORCHARD, read))

    assert value_of(found, "water_retained", "farmland") == 75
    assert value_of(found, "water_retained", "forest") == 35
    assert {found.readings[key].status for key in found.readings} == {"modelled"}
    assert "crosswalk.csv" in found.digests


def test_what_does_not_add_up_is_a_mean_by_area(tmp_path: Path) -> None:
    """4 hm2 of orchards, 1 of it forest, at 800 mm; 3 hm2 of forest at 1000: forest has 950."""
    read = (
        row("0201", "area", "4", "hm2") + row("0301", "area", "3", "hm2")
        + row("0201", "precipitation", "800", "mm") + row("0301", "precipitation", "1000", "mm")
    )  # fmt: skip
    found = translated(write(tmp_path, ORCHARD, read))

    assert value_of(found, "area", "forest") == 4
    assert value_of(found, "precipitation", "forest") == 950
    assert value_of(found, "precipitation", "farmland") == 800


def test_a_lake_stays_one_lake(tmp_path: Path) -> None:
    """Two lakes among lakes and ponds, all of which become wetland: no pond is missing of them."""
    shares = "1102,wetland,1,plots\n1104,wetland,1,plots\n"
    folder = write(tmp_path, shares, "")
    read = [f"513300,1102,{name},2020,lake_area,{area},km2,measured,survey\n"
            for name, area in (("a", 1), ("b", 2))]  # fmt: skip
    head = READINGS.replace("ecosystem_type,", "ecosystem_type,object,")
    (folder / "readings.csv").write_text(head + "".join(read), "utf-8")
    found = translated(folder)

    assert {key[1].object: x.figure.value for key, x in found.readings.items() if x.figure} == {
        "a": 1,
        "b": 2,
    }
    assert {key[1].ecosystem_type for key in found.readings} == {"wetland"}


def test_the_account_is_by_the_types_of_the_pack(tmp_path: Path) -> None:
    """35 m3 of forest and 75 of farmland at 7.06 CNY/m3; the case in its own list is refused."""
    read = row("0201", "water_retained", "100", "m3") + row("0301", "water_retained", "10", "m3")
    folder = write(tmp_path, ORCHARD, read)
    whole = pack.load("garze-2010")
    lines = tuple(each for each in whole.lines if each.service == "water-retention")
    account = run.run(translated(folder), replace(whole, lines=lines))

    assert {line.cell.ecosystem_type: line.value_cny for line in account.lines} == {
        "forest": pytest.approx(35 * 7.06),
        "farmland": pytest.approx(75 * 7.06),
    }
    assert account.types == ecosystem.load("garze-2010").types
    with pytest.raises(run.OtherEcosystemList):
        run.run(case.read(folder), whole)


def test_a_shipped_crosswalk_serves_a_case_without_its_own(tmp_path: Path) -> None:
    """From 2019 on; a case of 2018 stays in its list, and a run refuses it."""
    head = HEAD.replace('crosswalk = "crosswalk.csv"\ncrosswalk_into = "garze-2010"\n', "")
    read = row("0101", "area", "2", "hm2") + row("0203", "area", "3", "hm2")
    found = translated(write(tmp_path, "", read, head))
    old = write(tmp_path, "", read.replace("2020", "2018"), head.replace("2020", "2018"))

    assert value_of(found, "area", "farmland") == 5
    assert "land-survey-3--garze-2010" in found.digests
    assert translated(old).ecosystems.id == "land-survey-3"


def test_not_estimated_stays_unknown_and_not_occurring_stays_nought(tmp_path: Path) -> None:
    """Forest is not estimated, so the sum it enters is not; nothing of nothing is nothing."""
    read = (
        row("0201", "water_retained", "100", "m3")
        + row("0301", "water_retained", "", "m3", "not estimated")
        + row("0201", "sand_fixed", "", "t", "not occurring")
        + row("0301", "sand_fixed", "", "t", "not occurring")
    )
    found = translated(write(tmp_path, ORCHARD, read)).readings
    status = {(n, c.ecosystem_type): each.status for (n, c), each in found.items()}

    assert status == {
        ("water_retained", "farmland"): "modelled", ("water_retained", "forest"): "not estimated",
        ("sand_fixed", "farmland"): "not occurring", ("sand_fixed", "forest"): "not occurring",
    }  # fmt: skip


HINDERED = [
    (row("0201", "water_retained", "1", "m3"), "crosswalk.missing-part"),
    (row("0201", "precipitation", "1", "mm") + row("0301", "precipitation", "2", "mm"),
     "crosswalk.no-area"),
    (row("0101", "water_retained", "1", "m3"), "crosswalk.no-share"),
]  # fmt: skip


@pytest.mark.parametrize(("readings", "code"), HINDERED)
def test_a_part_that_nobody_read_is_not_nought(tmp_path: Path, readings: str, code: str) -> None:
    """One part of a sum alone, a mean without areas, a class without shares: refused."""
    with pytest.raises(InputRefused) as refused:
        translated(write(tmp_path, ORCHARD, readings))

    first = refused.value.findings[0]
    assert (first.file, first.row, first.code) == ("readings.csv", 2, code)


def test_a_type_without_extent_need_not_be_read(tmp_path: Path) -> None:
    """Where areas are read by type and forest land has none, the orchards are all the forest."""
    read = row("0201", "area", "4", "hm2") + row("0201", "water_retained", "100", "m3")

    assert value_of(translated(write(tmp_path, ORCHARD, read)), "water_retained", "forest") == 25


FAULTS = [
    ("0201,farmland,0.75", "0201,farmland,0.7", 2, "share", "crosswalk.not-one"),
    ("0201,farmland,0.75", "0201,farmland,-0.75", 2, "share", "crosswalk.not-a-share"),
    ("0201,farmland,0.75", "0201,farmland,most", 2, "share", "figure.not-a-number"),
    ("0301,forest,1", "0399,forest,1", 4, "from_type", "crosswalk.unknown-type"),
    ("0301,forest,1", "0301,jungle,1", 4, "to_type", "crosswalk.unknown-type"),
    ("0301,forest,1,plots", "0301,forest,1,", 4, "source", "crosswalk.no-source"),
]


@pytest.mark.parametrize(("old", "new", "place", "field", "code"), FAULTS)
def test_a_broken_share_is_refused_where_it_stands(
    tmp_path: Path, old: str, new: str, place: int, field: str, code: str
) -> None:
    """Shares that do not add up, that are none, of unknown types or from nowhere."""
    folder = write(tmp_path, ORCHARD.replace(old, new), row("0301", "area", "1", "hm2"))
    with pytest.raises(InputRefused) as refused:
        case.read(folder)

    found = [(each.file, each.row, each.field, each.code) for each in refused.value.findings]
    assert found == [("crosswalk.csv", place, field, code)]


def test_a_crosswalk_into_an_unknown_list_is_refused(tmp_path: Path) -> None:
    """`crosswalk_into` names a list there is."""
    head = HEAD.replace('crosswalk_into = "garze-2010"', 'crosswalk_into = "atlantis"')
    with pytest.raises(InputRefused, match=r"case\.toml:crosswalk_into: ecosystems\.unknown"):
        case.read(write(tmp_path, ORCHARD, row("0301", "area", "1", "hm2"), head))


@given(
    values=st.lists(st.integers(0, 10**9), min_size=1, max_size=6),
    weights=st.lists(st.lists(st.integers(0, 9), min_size=8, max_size=8), min_size=6, max_size=6),
)
def test_a_crosswalk_loses_nothing_and_adds_nothing(
    values: list[int], weights: list[list[int]]
) -> None:
    """Σ over the types of the second list = Σ over those of the first, exactly, for any shares."""
    start, into = ecosystem.load("land-survey-3"), ecosystem.load("garze-2010")
    codes = list(start.types)[: len(values)]
    shares = {
        code: {t: Fraction(w, sum(row)) for t, w in zip(into.types, row, strict=True) if w}
        for code, row in zip(codes, weights, strict=False)
        if sum(row)
    }
    given_ = {
        ("area", Cell("r", code, 2020)): Reading(
            Cell("r", code, 2020), "area", str(value), "hm2",
            Figure(str(value), Fraction(value), Fraction(1, 2)), "measured", "x", "", 2,
        )
        for code, value in zip(codes, values, strict=True) if code in shares
    }  # fmt: skip
    carried, findings = translation.carried(given_, Crosswalk("x", start, into, shares, ""))

    assert findings == ()
    assert sum(x.figure.value for x in carried.values() if x.figure) == sum(
        x.figure.value for x in given_.values() if x.figure
    )
