"""Many years of a case: their tables, their growth, their dossier, and years that are not there."""

import csv
import io
import json
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from typer.testing import CliRunner

from accounting import case, compared, comparison, dossier, run, span, verification
from accounting.compared import Side
from accounting.run import UnknownYear
from accounting.span import NotYears, Span
from api.commands.case import app
from api.report import report
from benchmarks.gep import county_case
from benchmarks.gep.county import County
from ledger.core.errors import InputRefused
from tests.accounting import hand
from tests.accounting.hand import READINGS, A, B

SMALL = County(3, 3, 18, 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A part of the made-up county with all its services, in three years."""
    return county_case.write(tmp_path_factory.mktemp("county"), SMALL)


@pytest.fixture(scope="module")
def county(folder: Path) -> Span:
    """Its accounts."""
    found = case.read(folder)
    return span.of(found, found.under(), found.years)


@pytest.fixture(scope="module")
def filed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its dossier, as the command writes it."""
    out = tmp_path_factory.mktemp("dossier") / "of"
    told = CliRunner().invoke(app, ["run", str(folder), "--years", "all", "--out", str(out)])
    assert told.exit_code == 0, told.output
    return out


def test_growth_of_the_county_sums_exactly_and_flips_when_the_years_are_swapped(
    tmp_path: Path,
) -> None:
    """Every township, type and service: five effects are the growth, and back they are its end."""
    found = case.read(county_case.write(tmp_path, County(years=2)))
    first, last = (Side(found, found.under(), year) for year in found.years)
    forth, back = compared.growth_between(first, last), compared.growth_between(last, first)
    grown = forth.after - forth.before

    assert len(forth.lines) == 20 * 12 * 16, "two of the eighteen services are memo"
    assert forth.whole == ()
    assert np.all(np.abs(forth.effects.sum(axis=0) - grown) <= forth.slack)
    assert np.all(np.abs(forth.effects + back.effects) <= forth.slack)
    assert sum(forth.total().values()) == pytest.approx(
        run.run(found, found.under(), 2012).gep_cny - run.run(found, found.under(), 2011).gep_cny
    )
    for factor in ("extent", "quantity_per_area", "price"):
        assert forth.total()[factor] != 0


def test_growth_of_many_years_is_the_sum_of_the_annual_splits(county: Span) -> None:
    """Each factor's effects of 2011-2012 and 2012-2013 add up to its whole."""
    said = span.statements(county)
    (whole,) = said["growth"].totals
    years = [row[3:] for row in said["growth_by_year"].rows]

    for at, total in enumerate(whole[5:]):
        parts = sum(Decimal(str(row[at])) for row in years)
        assert abs(parts - Decimal(str(total))) <= Decimal("0.0002"), "printed to 0.0001"


def test_the_tables_of_many_years_are_those_of_each(county: Span) -> None:
    """The columns of the monetary table add up to the GEP of each year, as do its classes."""
    monetary = span.statements(county)["monetary"]
    lines = {line.service: line for line in county.pack.lines}

    for at, account in enumerate(county.accounts):
        counted = sum(
            Decimal(str(row[6 + at]))
            for row in monetary.rows
            if lines[str(row[3])].counts_in == "gep"
        )
        assert float(counted) == pytest.approx(account.gep_cny / 1e8, abs=0.00005 * 162)
        assert monetary.totals[-1][6 + at] == Decimal(repr(account.gep_cny / 1e8)).quantize(
            Decimal("0.0001")
        )


def test_regions_and_years_side_by_side(tmp_path: Path) -> None:
    """A 2800 and B 1700 CNY: water is 2000 of A's, 71.43 %; nobody read their land."""
    found = case.read(hand.write(tmp_path, READINGS))
    account = run.run(found, found.under())
    a, b = comparison.regions(account)
    (year,) = comparison.years([account])
    rows = {row[:2]: row[5:] for row in comparison.statement(account.title, (a, b), {}).rows}

    assert (a.key, a.gep_cny, b.key, b.gep_cny) == (A, 2800, B, 1700)
    assert (year.key, year.values["water"], year.gep_cny) == ("2020", 3000, 4500)
    assert rows["share", "water"] == (Decimal("71.43"), Decimal("58.82"))
    assert rows["per_km2", "gep"] == (None, None)
    with pytest.raises(comparison.UnknownRegion):
        comparison.regions(account, "111111")


def test_a_service_nobody_estimated_is_no_0_beside_another_region(tmp_path: Path) -> None:
    """The water of A is empty, not 0, and a note says whose total leaves it out."""
    readings = [x.replace("1000,m3,modelled", ",m3,not estimated") for x in READINGS]
    found = case.read(hand.write(tmp_path, readings))
    account = run.run(found, found.under())
    table = comparison.statement(account.title, comparison.regions(account), {})
    rows = {row[:2]: row[5:] for row in table.rows}

    assert rows["value", "water"] == (None, Decimal("0.0000"))
    assert [each.en for each in table.notes] == ["甲镇: Totals leave out, not estimated: water."]


def test_years_are_named_as_people_name_them(county: Span) -> None:
    """All of them, a range, a list; a year that the case does not have is refused."""
    said = {text: span.years_named(text, county.case) for text in ("all", "2012-2013", "2011,2013")}

    assert list(said.values()) == [(2011, 2012, 2013), (2012, 2013), (2011, 2013)]
    for text, refusal in (("2014", UnknownYear), ("2013-2011", UnknownYear), ("all,", NotYears)):
        with pytest.raises(refusal):
            span.years_named(text, county.case)


def test_the_dossier_of_many_years_is_recomputed_from_itself(filed: Path) -> None:
    """Nothing differs, and every file has its digest."""
    found = verification.verify(filed)

    assert found.findings == ()
    assert found.figures > 10_000
    cover = openpyxl.load_workbook(filed / "account.xlsx")["封面"]
    assert "2011-2013" in {row[1].value for row in cover.iter_rows()}
    there = {each.stem for each in filed.iterdir()}
    assert {"series", "net", "supply_use", "growth", "indicators", "plausibility"} <= there


def test_a_dossier_of_many_years_is_the_same_bytes_every_time(filed: Path, county: Span) -> None:
    """No clock, no path, no chance."""
    reports = report.files(county.case, county.accounts[-1], chosen=county.accounts)
    again = dossier.contents_of_years(county, filed / "inputs", reports)

    assert again == {name: (filed / name).read_bytes() for name in again}


@pytest.mark.parametrize("file", ["series.csv", "net.csv", "supply_use.csv", "monetary.csv"])
def test_one_number_changed_in_a_table_is_named(filed: Path, tmp_path: Path, file: str) -> None:
    """The file, its row and the column of the cell that does not follow."""
    forged = Path(shutil.copytree(filed, tmp_path / "forged"))
    rows = list(csv.reader(io.StringIO((forged / file).read_text("utf-8"), newline="")))
    row, column = next(
        (at, place)
        for at, cells in enumerate(rows)
        for place, cell in reversed(list(enumerate(cells)))
        if cell[:1].isdigit() and "." in cell
    )
    rows[row][column] = f"9{rows[row][column]}"
    with (forged / file).open("w", encoding="utf-8", newline="") as written:
        csv.writer(written, lineterminator="\n").writerows(rows)
    found = verification.verify(forged).findings

    assert {each.code for each in found} == {"dossier.file-differs", "dossier.figure-differs"}
    (figure,) = (each for each in found if each.code == "dossier.figure-differs")
    assert (figure.file, figure.row, figure.field) == (file, row + 1, rows[0][column])


def test_one_figure_changed_in_the_accounts_is_named(filed: Path, tmp_path: Path) -> None:
    """By its year and its place in the list, and the digest of the year with it."""
    forged = Path(shutil.copytree(filed, tmp_path / "forged"))
    said = json.loads((forged / "accounts.json").read_text("utf-8"))
    said["value_cny"]["2012"][7] *= 1.001
    (forged / "accounts.json").write_text(json.dumps(said, ensure_ascii=False), "utf-8")
    found = verification.verify(forged).findings

    assert "value_cny.2012[7]" in {each.field for each in found}


def test_the_command_refuses_what_does_not_go_together(folder: Path) -> None:
    """A year and years, draws and years, text that names no years: usage, and nothing is run."""
    for more in (["--year", "2011"], ["--draws", "10000"]):
        told = CliRunner().invoke(app, ["run", str(folder), "--years", "all", *more])
        assert told.exit_code == 2
    told = CliRunner().invoke(app, ["run", str(folder), "--years", "some"])

    assert (told.exit_code, "span.not-years" in told.output) == (2, True)


def test_the_command_sets_regions_and_years_side_by_side(folder: Path) -> None:
    """Township by township in the last year, year by year of the whole."""
    said = {}
    for by in ("region", "year"):
        told = CliRunner().invoke(app, ["compare", str(folder), "--by", by, "--json"])
        said[by] = json.loads(told.output)[by]

    assert {f"{county_case.CODE}00{at}" for at in (1, 2, 3)} <= said["region"][0].keys()
    assert {"2011", "2012", "2013"} <= said["year"][0].keys()


def test_findings_of_all_years_are_refused_together(folder: Path) -> None:
    """A reading that two years lack is told for both."""
    found = case.read(folder)
    kept = {
        (name, cell): each
        for (name, cell), each in found.readings.items()
        if name != "visits" or cell.year == 2012
    }
    with pytest.raises(InputRefused) as refused:
        span.of(replace(found, readings=kept), found.under(), found.years)

    assert [each.facts["year"] for each in refused.value.findings] == [2011, 2013]
