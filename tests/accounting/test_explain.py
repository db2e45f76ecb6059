"""A figure explained: each reading with its row, each price with its source, and the product."""

import json
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from accounting import case, explain, run
from accounting.case import Case
from accounting.explain import Explanation, UnknownCell
from accounting.method import Source
from accounting.run import UnknownYear
from api.commands.case import app
from benchmarks.gep import county_case
from benchmarks.gep.county import County
from tests.accounting import hand
from tests.accounting.hand import COUNTY, A

TOWNSHIP = f"{county_case.CODE}001"
WATER = f"{A}/forest/water/2020"
SILT = f"{TOWNSHIP}/0301/soil-retention/silt/2012"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A part of the made-up county with all its services."""
    return county_case.write(tmp_path_factory.mktemp("county"), County(3, 3, 18, 2))


@pytest.fixture(scope="module")
def county(folder: Path) -> Case:
    """The same as read."""
    return case.read(folder)


def of(found: Case, cell: str) -> Explanation:
    """Explain a cell under the case's own pack."""
    return explain.of(found, found.under(), cell)


def test_a_priced_cell_by_hand(tmp_path: Path) -> None:
    """1000 m3, typed in row 2 of the readings, × 3 CNY of row 2 of the prices: 3000 CNY."""
    prices = ("water,2020,3,CNY/m3,a market survey",)
    found = case.read(hand.write(tmp_path, prices=prices))
    said = of(found, WATER)
    water, value = said.steps

    assert (water.quantity, water.value, water.unit) == ("water_retained", 1000, "m3")
    assert water.reading
    assert (water.reading.typed, water.reading.file, water.reading.row) == (
        "1000", "readings.csv", 2,
    )  # fmt: skip
    assert value.formula.startswith("V = Q × p")
    assert value.takes == {"quantity": "water_retained"}
    (price,) = value.parameters
    assert (price.parameter.value, price.parameter.price_year) == ("3", 2020)
    assert (price.parameter.source.document, price.file, price.row) == (
        "a market survey", "prices.csv", 2,
    )  # fmt: skip
    assert (said.quantity, said.value_cny, value.value) == (1000, 3000, 3000)


def test_a_reading_of_a_workbook_is_found_in_its_worksheet(tmp_path: Path) -> None:
    """Two departments, a row 2 each: the worksheet tells them apart."""
    folder = hand.write(tmp_path)
    rows = [row.split(",") for row in (hand.HEADINGS["readings"], *hand.READINGS)]
    book = openpyxl.Workbook()
    for title, own in (("水利局", rows[1:3]), ("农业农村局", rows[3:])):
        sheet = book.create_sheet(title)
        for row in (rows[0], *own):
            sheet.append(row)
    book.save(folder / "readings.xlsx")
    head = folder / "case.toml"
    head.write_text(head.read_text("utf-8").replace("readings.csv", "readings.xlsx"), "utf-8")
    found = case.read(folder)
    said = [of(found, cell).steps[0].reading for cell in (WATER, f"{A}/all/crops/2020")]

    assert [(each.file, each.row) for each in said if each] == [
        ("readings.xlsx:水利局", 2), ("readings.xlsx:农业农村局", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("year", ["20200", "-202", "２０２０", "9" * 5000, ""])
def test_what_is_no_year_is_refused(tmp_path: Path, year: str) -> None:
    """Not four digits, or more than a number of Python may have."""
    found = case.read(hand.write(tmp_path))
    with pytest.raises(UnknownCell):
        of(found, WATER.replace("2020", year))


def test_every_model_between_readings_and_value_is_shown(county: Case, folder: Path) -> None:
    """Silt rests on soil retained, that on cover; each step comes after what it takes."""
    said = of(county, SILT)
    place = {step.quantity: at for at, step in enumerate(said.steps)}
    steps = {step.quantity: step for step in said.steps}
    lines = (folder / "readings.csv").read_text("utf-8").splitlines()

    for step in said.steps:
        assert all(place[taken] < place[step.quantity] for taken in step.takes.values())
        if step.reading:
            cells = lines[step.reading.row - 1].split(",")
            assert cells[:5] == [TOWNSHIP, "0301", "2012", step.quantity, step.reading.typed]
        else:
            assert step.formula
            assert step.source
    retained, silt = steps["soil_retained"].value, steps["silt_volume_avoided"].value
    assert retained
    assert silt == pytest.approx(retained * 0.24 / 1.25)
    assert steps["soil_cover_factor"].source == Source("Cai et al. 2000", tag="K")


def test_each_line_of_an_account_is_explained_as_it_is_valued(county: Case) -> None:
    """The last step of every cell of a township is the value of its line."""
    account = run.run(county, county.under(), 2011)
    own = [line for line in account.lines if line.cell.region == TOWNSHIP]

    assert len(own) == 3 * 18
    for line in own:
        said = of(county, f"{TOWNSHIP}/{line.cell.ecosystem_type}/{line.service}/2011")
        assert said.steps[-1].value == said.value_cny == line.value_cny
        assert said.quantity == line.quantity


@pytest.mark.parametrize("service", ["gep", "regulating", "water-retention"])
def test_a_total_names_the_lines_that_make_it(county: Case, service: str) -> None:
    """The parts of the county add up to what its account says; memo lines are in no total."""
    account = run.run(county, county.under(), 2011)
    said = of(county, f"{county_case.CODE}/all/{service}/2011")
    expected = {
        "gep": account.gep_cny, "regulating": account.class_sums()["regulating"],
        "water-retention": account.by_service[county_case.CODE, "water-retention"].value_cny,
    }  # fmt: skip

    assert said.value_cny == expected[service]
    assert sum(part.value_cny or 0 for part in said.parts) == pytest.approx(said.value_cny)
    assert "hydropower" not in {part.service for part in said.parts}
    assert said.steps == ()


WRONG = [
    ("999901", "cell"), (f"{A}/forest/2020", "cell"), (f"{A}/forest/water/now", "cell"),
    ("111111/forest/water/2020", "region"), (f"{A}/forest/gold/2020", "service"),
    (f"{A}/moon/water/2020", "type"), (f"{A}/wetland/water/2020", "type"),
    (f"{COUNTY}/forest/water/2020", "type"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "part"), WRONG)
def test_what_is_not_there_is_refused_by_its_part(tmp_path: Path, cell: str, part: str) -> None:
    """Which of region, type, service is not in the account; or that it is no cell at all."""
    found = case.read(hand.write(tmp_path))
    with pytest.raises(UnknownCell) as refused:
        of(found, cell)

    assert refused.value.part == part


def test_a_year_that_the_case_does_not_have_is_refused(tmp_path: Path) -> None:
    """As by a run."""
    with pytest.raises(UnknownYear):
        of(case.read(hand.write(tmp_path)), f"{A}/forest/water/1999")


def test_the_command_prints_it_and_gives_it_as_json(folder: Path) -> None:
    """File and row for people, every figure for programs; a wrong cell is exit 2."""
    arguments = ["explain", str(folder), "--cell", SILT]
    shown = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})
    told = CliRunner().invoke(app, [*arguments, "--json"])
    wrong = CliRunner().invoke(app, ["explain", str(folder), "--cell", "x/y"])
    total = CliRunner().invoke(
        app, ["explain", str(folder), "--cell", f"{county_case.CODE}/all/gep/2011"]
    )

    assert (shown.exit_code, told.exit_code, wrong.exit_code, total.exit_code) == (0, 0, 2, 0)
    said = json.loads(told.output)
    first = said["steps"][0]["reading"]
    assert f"{first['file']}:{first['row']}" in shown.output
    assert said["steps"][-1]["value"] == said["value_cny"]
    assert "explain.unknown-cell" in wrong.output
    assert "others" in total.output
