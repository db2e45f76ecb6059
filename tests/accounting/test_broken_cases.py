"""Broken cases, one fault each: refused with the file, the row, the field and the code."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from accounting import case, findings
from api.commands.case import app
from ledger.core.errors import InputRefused

GARZE = Path(__file__).parents[2] / "examples" / "garze-2010"
CARBON = "513300,all,2010,carbon_fixed_co2,0.31,亿t.CO2,modelled,"
NITROGEN = "513300,all,2010,nitrogen_pollution_avoided,1437.94,万t.N,modelled,"
DOMESTIC = "513300,all,2010,water_use_domestic,1.36,亿m3,measured,"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A copy of the shipped case, to be broken."""
    return Path(shutil.copytree(GARZE, tmp_path / "case"))


def change(path: Path, old: str, new: str) -> None:
    """Replace one text that occurs once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


READINGS = [
    (DOMESTIC, DOMESTIC.replace("513300", "513399"), 6, "region", "reading.unknown-region"),
    (DOMESTIC, DOMESTIC.replace("all", "forrest"), 6, "ecosystem_type", "reading.unknown-type"),
    (DOMESTIC, DOMESTIC.replace("2010", "2011"), 6, "year", "reading.unknown-year"),
    (DOMESTIC, DOMESTIC.replace("domestic", "homely"), 6, "quantity", "reading.unknown-quantity"),
    (DOMESTIC, DOMESTIC.replace("measured", "guessed"), 6, "status", "reading.unknown-status"),
    (DOMESTIC, DOMESTIC.replace("1.36", ""), 6, "value", "reading.no-value"),
    (DOMESTIC, DOMESTIC.replace("measured", "not estimated"), 6, "value",
     "reading.value-unexpected"),
    (DOMESTIC, DOMESTIC.replace("1.36", "-1.36"), 6, "value", "reading.out-of-range"),
    (DOMESTIC, DOMESTIC.replace("1.36", "about 1"), 6, "value", "figure.not-a-number"),
    (DOMESTIC, DOMESTIC.replace("亿m3", "buckets"), 6, "unit", "unit.unknown"),
    (DOMESTIC, DOMESTIC.replace("亿m3", "万t"), 6, "unit", "unit.dimension"),
    (CARBON, CARBON.replace("CO2,m", "C,m"), 23, "unit", "unit.dimension"),
    (NITROGEN, NITROGEN.replace("t.N", "t.P"), 12, "unit", "unit.dimension"),
    (NITROGEN, DOMESTIC, 12, "quantity", "reading.duplicate"),
    ("region,ecosystem_type,year", "region,type,year", 1, "ecosystem_type", "header.missing"),
    ("status,source,department", "status,source,status", 1, "status", "header.duplicate"),
    ("1437.94,万t.N", "1,437.94,万t.N,x,y,z", 12, None, "row.too-many-cells"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "row", "field", "code"), READINGS)
def test_a_broken_reading_is_refused_where_it_stands(
    broken: Path, old: str, new: str, row: int, field: str | None, code: str
) -> None:
    """File, row, field and rule; nothing of the case is used."""
    change(broken / "readings.csv", old, new)
    with pytest.raises(InputRefused) as refused:
        case.read(broken)

    found = {(each.file, each.row, each.field, each.code) for each in refused.value.findings}
    assert ("readings.csv", row, field, code) in found


CASE_TOML = [
    ('ecosystems = "garze-2010"', 'ecosystems = "atlantis"', "ecosystems", "ecosystems.unknown"),
    ("years = [2010]", 'years = ["last"]', "years", "case.not-a-year"),
    ('readings = "readings.csv"', "", "readings", "case.missing-field"),
    ('code = "513300"', "", "region", "case.unnamed"),
    ("years = [2010]", "years = [2010", None, "case.unreadable"),
    ("years = [2010]", f"years = {'[' * 3000}{']' * 3000}", None, "case.unreadable"),
    ("years = [2010]", "years = [2010, 2010]", "years", "case.year-twice"),
    ("years = [2010]", "years = [true]", "years", "case.not-a-year"),
    ("years = [2010]", "years = [2010, -3]", "years", "case.not-a-year"),
    ('en = "Gross ecosystem product of Garzê, 2010"', 'en = " "', "title", "case.unnamed"),
    ('code = "513300"', 'code = "5133/00"', "region", "case.unnamed"),
    ('code = "513300"', 'code = "513300"\nparent = ["a"]', "region", "region.not-a-text"),
    ('code = "513300"', 'code = "513300"\nzone = 5', "region", "region.not-a-text"),
    ('code = "513300"', 'code = "513300"\nsince = true', "region", "region.not-a-span"),
]


@pytest.mark.parametrize(("old", "new", "field", "code"), CASE_TOML)
def test_a_broken_case_file_is_refused(
    broken: Path, old: str, new: str, field: str | None, code: str
) -> None:
    """An unknown list of types, a year that is none, a missing field, a file that is no TOML."""
    change(broken / "case.toml", old, new)
    with pytest.raises(InputRefused) as refused:
        case.read(broken)

    found = {(each.file, each.field, each.code) for each in refused.value.findings}
    assert ("case.toml", field, code) in found


EACH = [("readings.csv", *each) for each in READINGS] + [
    ("case.toml", old, new, None, field, code) for old, new, field, code in CASE_TOML
]


@pytest.mark.parametrize(("file", "old", "new", "row", "field", "code"), EACH)
def test_one_fault_is_one_finding_and_nothing_is_written(
    broken: Path, file: str, old: str, new: str, row: int | None, field: str | None, code: str
) -> None:
    """`check` tells it with file, row and rule and nothing else; `run` refuses with the same."""
    change(broken / file, old, new)
    before = {each.name: each.read_bytes() for each in broken.iterdir()}
    where = ":".join(str(each) for each in (file, row, field) if each is not None)
    for arguments in (["check", str(broken)], ["run", str(broken), "--out", str(broken / "out")]):
        told = CliRunner().invoke(app, [*arguments, "--json"])
        shown = CliRunner().invoke(app, arguments, env={"COLUMNS": "400"})
        found = json.loads(told.output)["findings"]

        assert [(e["file"], e["row"], e["field"], e["code"]) for e in found] == [
            (file, row, field, code)
        ]
        assert (
            told.exit_code
            == shown.exit_code
            == (1 if arguments[0] == "check" and code != "case.unreadable" else 2)
        )
        assert f"{where}: {code}: " in shown.output
    assert {each.name: each.read_bytes() for each in broken.iterdir()} == before


@pytest.mark.parametrize("part", case.PARTS)
def test_a_file_name_that_no_system_has_is_refused(broken: Path, part: str) -> None:
    """A NUL in the name of any file: a finding, no traceback."""
    head = broken / "case.toml"
    lines = [x for x in head.read_text("utf-8").splitlines() if not x.startswith(f"{part} =")]
    text = "\n".join([f'{part} = "a\\u0000b.csv"', 'crosswalk_into = "garze-2010"', *lines])
    head.write_text(text, "utf-8")
    with pytest.raises(InputRefused) as refused:
        case.read(broken)

    assert len(refused.value.findings) == 1


def test_all_findings_of_all_files_are_reported_together(broken: Path) -> None:
    """Two broken readings and an unknown type as published: three findings, one refusal."""
    change(broken / "readings.csv", CARBON, CARBON.replace("CO2,m", "C,m"))
    change(broken / "readings.csv", DOMESTIC, DOMESTIC.replace("1.36", ""))
    change(broken / "published_by_type.csv", "防风固沙,裸地 bare", "防风固沙,月球 moon")
    found = [(each.file, each.row, each.code) for each in findings.of(broken).findings]

    assert found == [
        ("readings.csv", 6, "reading.no-value"),
        ("readings.csv", 23, "unit.dimension"),
        ("published_by_type.csv", 32, "published.unknown-type"),
    ]


AFTER_READING = [
    ("case.toml", 'edition = "2010"', 'edition = "2099"', "pack.unknown"),
    ("readings.csv", DOMESTIC, DOMESTIC.replace("1.36", "1.46"), "case.published-differs"),
    ("published.csv", "3.6,元/m3,,,540.6113", "3.6,元/m3,,,640.6113", "published.deviates"),
    ("readings.csv", "513300,all,2010,visits,", "513300,all,2010,population,",
     "run.missing-reading"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "code"), AFTER_READING)
def test_what_only_a_run_can_find_is_found_too(
    broken: Path, file: str, old: str, new: str, code: str
) -> None:
    """No such pack, a reading that is not the published one, a printed value that deviates."""
    if code == "run.missing-reading":
        lines = (broken / file).read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(old)]
        (broken / file).write_text("".join(kept), "utf-8")
    else:
        change(broken / file, old, new)

    assert code in {each.code for each in findings.of(broken).findings}


def test_an_empty_folder_is_no_case(tmp_path: Path) -> None:
    """There is nothing to report on: refused."""
    with pytest.raises(InputRefused, match=r"case\.unreadable"):
        findings.of(tmp_path)
