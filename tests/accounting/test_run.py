"""A run: how quantities are found by name, what a pack may not say, and what stays unknown."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pytest

from accounting import case, graph, pack, run, tables
from accounting.graph import CircularBinding, UnboundInput
from accounting.method import Array, Method, Source
from accounting.methods import METHODS
from accounting.pack import Pack, ServiceLine
from accounting.reading import Cell
from accounting.run import OtherEcosystemList, UnknownYear
from ledger.core.errors import InputRefused

GARZE = Path(__file__).parents[2] / "examples" / "garze-2010"
SOURCE = Source("a worked example", tag="R")


def silt(*, sand_fixed: Annotated[Array, "t"]) -> Annotated[Array, "m3"]:
    """V = Q / 2: a made-up model."""
    return sand_fixed / 2


def sand(*, silt_volume_avoided: Annotated[Array, "m3"]) -> Annotated[Array, "t"]:
    """Q = 2 V: its inverse."""
    return silt_volume_avoided * 2


MODELS = (
    Method("silt-of-sand", "cell", silt, (), SOURCE, gives="silt_volume_avoided"),
    Method("sand-of-silt", "cell", sand, (), SOURCE, gives="sand_fixed"),
)


@pytest.fixture(scope="module")
def garze() -> case.Case:
    """The shipped case."""
    return case.read(GARZE)


def silt_line(**bind: str) -> tuple[Pack, ServiceLine]:
    """Return the silt line of the shipped pack, bound otherwise."""
    whole = pack.load("garze-2010")
    (line,) = (each for each in whole.lines if each.service == "soil-retention/silt")
    line = replace(line, bind=bind)
    return replace(whole, lines=(line,)), line


def test_a_model_gives_what_the_case_does_not(garze: case.Case) -> None:
    """779.42 万t of sand give 389.71 万m3 of silt at 15.58 CNY/m3."""
    bound, _ = silt_line(silt_volume_avoided="silt-of-sand", sand_fixed="given")
    (line,) = run.run(garze, bound, methods=(*METHODS, *MODELS)).lines

    assert line.quantity == pytest.approx(3_897_100)
    assert line.value_cny == pytest.approx(3_897_100 * 15.58)


def test_a_line_rests_on_a_chain_of_models() -> None:
    """Silt from soil retained, that from RUSLE, its S from the slope: each after what it needs."""
    given = ("rainfall_erosivity", "soil_erodibility", "slope_length_factor", "slope", "area")
    _, line = silt_line(
        silt_volume_avoided="soil-retention/silt",
        soil_retained="soil-retention/rusle",
        slope_steepness_factor="slope-steepness/rusle",
        soil_cover_factor="soil-cover/cai",
        vegetation_cover="given",
        sediment_share="given",
        soil_bulk_density="given",
        **dict.fromkeys(given, "given"),
    )
    order = graph.order(line, {method.code: method for method in METHODS})

    chain = ("slope", "slope_steepness_factor", "soil_retained", "silt_volume_avoided")
    assert sorted(chain, key=order.index) == list(chain)


def test_quantities_computed_from_one_another_are_refused(garze: case.Case) -> None:
    """Silt from sand from silt: the circle is named."""
    bound, _ = silt_line(silt_volume_avoided="silt-of-sand", sand_fixed="sand-of-silt")
    with pytest.raises(CircularBinding) as refused:
        run.run(garze, bound, methods=(*METHODS, *MODELS))

    assert set(refused.value.circle) == {"silt_volume_avoided", "sand_fixed"}
    assert refused.value.service == "soil-retention/silt"


def test_an_input_nobody_binds_is_refused(garze: case.Case) -> None:
    """The model needs sand, and the pack does not say where it comes from."""
    bound, _ = silt_line(silt_volume_avoided="silt-of-sand")
    with pytest.raises(UnboundInput) as refused:
        run.run(garze, bound, methods=(*METHODS, *MODELS))

    assert (refused.value.method, refused.value.quantity) == ("silt-of-sand", "sand_fixed")


def test_every_missing_reading_is_named_at_once(garze: case.Case) -> None:
    """A case without readings lacks all 29 quantities of the pack."""
    with pytest.raises(InputRefused) as refused:
        run.run(replace(garze, readings={}), pack.load("garze-2010"))

    assert len(refused.value.findings) == 29
    assert {each.code for each in refused.value.findings} == {"run.missing-reading"}


def test_another_year_and_another_list_of_types_are_refused(garze: case.Case) -> None:
    """The case is about 2010, and speaks of the study's own types."""
    whole = pack.load("garze-2010")
    with pytest.raises(UnknownYear):
        run.run(garze, whole, 2011)
    with pytest.raises(OtherEcosystemList):
        run.run(garze, replace(whole, ecosystems="another"))


def with_status(folder: Path, status: str) -> case.Case:
    """Read the shipped case with the lakes' flood storage not measured."""
    copy = Path(shutil.copytree(GARZE, folder / "case"))
    text = (copy / "readings.csv").read_text("utf-8")
    old = "lake_flood_storage,2.43,亿m3,modelled"
    assert old in text
    (copy / "readings.csv").write_text(
        text.replace(old, f"lake_flood_storage,,亿m3,{status}"), "utf-8"
    )
    return case.read(copy)


def test_not_estimated_is_unknown_and_every_total_says_so(tmp_path: Path) -> None:
    """The line has no value, the totals leave it out and name it."""
    account = run.run(with_status(tmp_path, "not estimated"), pack.load("garze-2010"))
    (line,) = account.not_estimated

    assert (line.service, line.value_cny) == ("flood-mitigation/lakes", None)
    assert "flood storage of lakes" in tables.totals(account).notes[-1].en


def test_not_occurring_is_nought(tmp_path: Path) -> None:
    """A region without lakes has 0 of their storage, and nothing is left out."""
    account = run.run(with_status(tmp_path, "not occurring"), pack.load("garze-2010"))
    (line,) = (each for each in account.lines if each.service == "flood-mitigation/lakes")

    assert (line.quantity, line.value_cny, account.not_estimated) == (0.0, 0.0, ())


def test_readings_by_type_give_an_account_by_type(tmp_path: Path) -> None:
    """Forest 2 亿m3 and wetland 3 亿m3 at 7.06: 14.12 and 21.18 亿元 in their columns."""
    (tmp_path / "case.toml").write_text(
        'id = "x"\npack = "garze-2010"\nedition = "2010"\necosystems = "garze-2010"\n'
        'title = { zh = "例", en = "example" }\nyears = [2010]\nreadings = "readings.csv"\n'
        '[[region]]\ncode = "1"\nzh = "甲"\nen = "A"\n',
        "utf-8",
    )
    (tmp_path / "readings.csv").write_text(
        "region,ecosystem_type,year,quantity,value,unit,status,source\n"
        "1,forest,2010,water_retained,2,亿m3,modelled,x\n"
        "1,wetland,2010,water_retained,3,亿m3,modelled,x\n",
        "utf-8",
    )
    whole = pack.load("garze-2010")
    lines = tuple(each for each in whole.lines if each.service == "water-retention")
    account = run.run(case.read(tmp_path), replace(whole, lines=lines))
    statement = tables.by_type(account)
    keys = [column.key for column in statement.columns]
    (row,) = (each for each in statement.rows if each[0] == "水源涵养")

    assert [line.cell for line in account.lines] == [
        Cell("1", "forest", 2010),
        Cell("1", "wetland", 2010),
    ]
    assert [str(row[keys.index(key)]) for key in ("forest", "wetland", "computed")] == [
        "14.1200", "21.1800", "35.3000",
    ]  # fmt: skip


BROKEN_PACKS = [
    ('counts_in = "gep"', 'counts_in = "gdp"', "pack.unknown-account"),
    ('class = "cultural"', 'class = "other"', "pack.unknown-class"),
    ('unit = "CNY/m2"', 'unit = "CNY/m2 or so"', "unit.unknown"),
    ('value = "3.75", ', 'value = "cheap", ', "figure.not-a-number"),
    ('method = "priced-area"', 'method = "magic"', "pack.unknown-method"),
    ('group = "防风固沙"', 'group = "风"', "pack.unknown-group"),
    ('unit = "CNY/m2", price_year = 2010', 'unit = "CNY/m2"', "pack.price-without-year"),
    ('id = "garze-2010"', "", "pack.missing-field"),
    ('id = "garze-2010"', "id = ", "pack.malformed"),
]


@pytest.mark.parametrize(("old", "new", "code"), BROKEN_PACKS)
def test_a_broken_pack_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    """Whoever adds a pack is told what it lacks."""
    text = (Path(pack.__file__).parent / "packs" / "garze-2010" / "2010.toml").read_text("utf-8")
    path = tmp_path / "broken.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(InputRefused) as refused:
        pack.read(path)

    assert code in {each.code for each in refused.value.findings}


def test_an_unknown_pack_is_refused_with_those_there_are() -> None:
    """The refusal lists the packs and their editions."""
    with pytest.raises(pack.UnknownPack) as refused:
        pack.load("garze-2011")

    assert "garze-2010 2010" in refused.value.known
