"""The workbook a bureau fills in: what it asks for, and that it counts like the same CSV."""

import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from accounting import case, department, figures, findings, pack, run, units, workbook
from accounting.account import Account
from accounting.quantity import quantities
from accounting.reading import HEADINGS, STATUS_NAMES, Reading
from api.commands.case import app
from ledger.core.errors import InputRefused

GARZE = Path(__file__).parents[2] / "examples" / "garze-2010"
REGION = "513300=甘孜藏族自治州"
COLUMN = {heading: place for place, heading in enumerate(workbook.SHOWN, 1)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new case as the command writes it."""
    path = tmp_path / "new"
    said = ["new", str(path), "--pack", "garze-2010", "--region", REGION, "--year", "2010"]
    result = CliRunner().invoke(app, [*said, "--last", str(GARZE), "--json"])
    assert json.loads(result.output) == {"files": ["case.toml", "readings.xlsx"]}
    return path


def fill(folder: Path, *, as_numbers: bool) -> None:
    """Fill every row in with the shipped reading of its quantity, in the unit of the row."""
    given = {name: each for (name, _), each in case.read(GARZE).readings.items()}
    book = openpyxl.load_workbook(folder / workbook.FILE)
    for sheet in book.worksheets:
        if sheet.title in (workbook.GUIDE, workbook.PARAMETERS, workbook.CODES):
            continue
        for row in range(2, sheet.max_row + 1):
            reading = given[str(sheet.cell(row, COLUMN["指标"]).value)]
            value = in_unit(reading, str(sheet.cell(row, COLUMN["单位"]).value))
            sheet.cell(row, COLUMN["数值"]).value = float(value) if as_numbers else value
            sheet.cell(row, COLUMN["状态"]).value = STATUS_NAMES[reading.status]
            sheet.cell(row, COLUMN["来源"]).value = reading.source
    book.save(folder / workbook.FILE)


def in_unit(reading: Reading, unit: str) -> str:
    """Write a reading's typed figure in another unit, with all its digits."""
    factor = units.conversion(units.parse(reading.unit), units.parse(unit)).factor
    return figures.plain(figures.read(reading.typed).times(factor).value)


def account_of(path: Path) -> Account:
    """Run a case under the shipped pack."""
    return run.run(case.read(path), pack.load("garze-2010"))


@pytest.mark.parametrize("as_numbers", [False, True])
def test_a_filled_in_workbook_gives_the_account_of_the_csv(folder: Path, as_numbers: bool) -> None:
    """Typed as text or as numbers, statuses in Chinese: the same 28 lines to the last digit."""
    fill(folder, as_numbers=as_numbers)

    assert account_of(folder).digest == account_of(GARZE).digest
    assert account_of(folder).population == account_of(GARZE).population


def test_it_asks_for_what_the_graph_needs_and_no_more(folder: Path) -> None:
    """One row for each quantity the pack takes from the shipped readings, on one sheet each."""
    book = openpyxl.load_workbook(folder / workbook.FILE)
    asked = [
        (sheet.title, str(row[COLUMN["指标"] - 1].value))
        for sheet in book.worksheets[1:-2]
        for row in sheet.iter_rows(min_row=2)
    ]

    assert sorted(name for _, name in asked) == sorted(
        {name for name, _ in case.read(GARZE).readings} - {"area"}
    )
    assert ("水利局", "water_use_domestic") in asked
    assert ("统计局", "population") in asked


def test_units_are_fixed_choices_offered_and_defaults_shown(folder: Path) -> None:
    """The unit is locked, the value is not; statuses and types drop down; prices have sources."""
    book = openpyxl.load_workbook(folder / workbook.FILE)
    sheet = book["水利局"]
    prices = [[each.value for each in row] for row in book[workbook.PARAMETERS].iter_rows()]

    assert sheet.protection.sheet
    assert sheet.cell(2, COLUMN["单位"]).value == "m3"
    assert sheet.cell(2, COLUMN["单位"]).protection.locked
    assert not sheet.cell(2, COLUMN["数值"]).protection.locked
    assert len(sheet.data_validations.dataValidation) == 2
    assert ["生活用水", "price", "2.6", "CNY/m3", "2010", "doi:10.5846/stxb201607011362"] in [
        row[:6] for row in prices
    ]


def test_last_years_value_stands_beside(tmp_path: Path) -> None:
    """A case of 2011 shows what was typed for 2010, with unit and year; it is never counted."""
    said = ["new", str(tmp_path / "x"), "--pack", "garze-2010", "--region", REGION]
    result = CliRunner().invoke(app, [*said, "--year", "2011", "--last", str(GARZE)])
    sheet = openpyxl.load_workbook(tmp_path / "x" / workbook.FILE)["水利局"]

    assert result.exit_code == 0
    assert sheet.cell(2, COLUMN["上年值"]).value == "1.36 亿m3 (2010)"


def test_a_row_by_type_where_asked_for(tmp_path: Path) -> None:
    """Eight types in the list: eight rows for each quantity but the population."""
    said = ["new", str(tmp_path / "x"), "--pack", "garze-2010", "--region", REGION]
    CliRunner().invoke(app, [*said, "--year", "2010", "--by-type"])
    book = openpyxl.load_workbook(tmp_path / "x" / workbook.FILE)

    assert book["统计局"].max_row == 1 + 1
    assert book["水利局"].max_row == 1 + 8 * 7


def test_what_adds_up_is_asked_for_at_the_lowest_level(tmp_path: Path) -> None:
    """A prefecture of two counties: rows for the counties; the prefecture is their sum."""
    said = ["new", str(tmp_path / "x"), "--pack", "garze-2010", "--year", "2010"]
    for code in ("513300", "513321", "513322"):
        said += ["--region", code]
    CliRunner().invoke(app, said)
    sheet = openpyxl.load_workbook(tmp_path / "x" / workbook.FILE)["统计局"]

    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["513321", "513322"]


def test_every_row_not_filled_in_is_told_at_once(folder: Path) -> None:
    """29 rows of nine sheets, each with its sheet and row; `gep case run` writes nothing."""
    found = findings.of(folder).findings
    out = folder.parent / "out"
    result = CliRunner().invoke(app, ["run", str(folder), "--out", str(out)])

    assert {each.code for each in found} == {"reading.not-filled-in"}
    assert len(found) == len(workbook.needed(pack.load("garze-2010")))
    assert (found[0].file, found[0].row) == ("readings.xlsx:统计局", 2)
    assert (result.exit_code, out.exists()) == (2, False)


def broken(folder: Path, heading: str, value: object) -> set[tuple[object, ...]]:
    """Return what is found when one cell of the sheet of the water department holds this."""
    fill(folder, as_numbers=False)
    book = openpyxl.load_workbook(folder / workbook.FILE)
    book["水利局"].cell(3, COLUMN[heading]).value = value  # type: ignore[assignment]
    book.save(folder / workbook.FILE)
    with pytest.raises(InputRefused) as refused:
        case.read(folder)
    return {(each.file, each.row, each.field, each.code) for each in refused.value.findings}


FAULTS = [
    ("数值", None, "value", "reading.no-value"),
    ("数值", "=1+1", "value", "sheet.formula"),
    ("单位", "斤", "unit", "unit.dimension"),
    ("生态系统类型", "月球", "ecosystem_type", "reading.unknown-type"),
    ("状态", "差不多", "status", "reading.unknown-status"),
]


@pytest.mark.parametrize(("heading", "value", "field", "code"), FAULTS)
def test_a_fault_is_told_with_sheet_row_and_column(
    folder: Path, heading: str, value: str | None, field: str, code: str
) -> None:
    """What Excel let through is found where it stands."""
    assert ("readings.xlsx:水利局", 3, field, code) in broken(folder, heading, value)


def test_a_sheet_without_its_heading_does_not_hide_the_others(folder: Path) -> None:
    """The heading of one sheet is lost: that sheet is a finding, no row of it is passed over."""
    fill(folder, as_numbers=False)
    book = openpyxl.load_workbook(folder / workbook.FILE)
    book["水利局"].delete_rows(1)
    book["统计局"].cell(2, COLUMN["数值"]).value = "about 1"
    book.save(folder / workbook.FILE)
    found = {(each.file, each.row, each.code) for each in findings.of(folder).findings}

    assert found == {
        ("readings.xlsx:统计局", 2, "figure.not-a-number"),
        ("readings.xlsx:水利局", 1, "sheet.no-header"),
    }


def test_what_is_no_workbook_is_refused(folder: Path) -> None:
    """A text file by that name, and a workbook cut short."""
    whole = (folder / workbook.FILE).read_bytes()
    for content in (b"region,value\n", whole[: len(whole) // 2]):
        (folder / workbook.FILE).write_bytes(content)

        assert {each.code for each in findings.of(folder).findings} == {"sheet.no-workbook"}


def test_nothing_is_written_over(folder: Path) -> None:
    """A folder that holds anything is left as it is."""
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    said = ["new", str(folder), "--pack", "garze-2010", "--region", "1", "--year", "2010"]
    result = CliRunner().invoke(app, [*said, "--json"])

    assert result.exit_code == 2
    assert json.loads(result.output)["findings"][0]["code"] == "case.exists"
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before


def test_the_same_case_is_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    """No clock enters the workbook."""
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    shutil.rmtree(folder)
    said = ["new", str(folder), "--pack", "garze-2010", "--region", REGION, "--year", "2010"]
    CliRunner().invoke(app, [*said, "--last", str(GARZE)])

    assert (folder / workbook.FILE).read_bytes() == (copy / workbook.FILE).read_bytes()


def test_each_quantity_has_one_department_and_each_heading_one_column() -> None:
    """The departments name quantities of the dictionary, none twice; the headings are read."""
    named = [name for each in department.departments() for name in each.quantities]

    assert len(named) == len(set(named))
    assert set(named) <= set(quantities())
    assert set(HEADINGS) - set(workbook.SHOWN) == set()


@pytest.mark.parametrize("regions", [[""], ["=x"], ["1=a\x01b"], ["1=a", "1=b"]])
def test_a_region_without_a_code_of_its_own_is_refused(tmp_path: Path, regions: list[str]) -> None:
    """No code, a name that cannot be printed, one code twice: exit 2, and nothing is written."""
    told = [word for each in regions for word in ("--region", each)]
    path = tmp_path / "new"
    result = CliRunner().invoke(
        app, ["new", str(path), "--pack", "garze-2010", "--year", "2010", *told]
    )

    assert result.exit_code == 2, result.output
    assert not path.exists()
