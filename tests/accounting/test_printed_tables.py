"""Tables as bureaus and papers print them: every row gets its verdict, and nothing a false alarm.

Each file of `printed/` carries what is expected in its own last columns, which the check does not
know: the verdict of each row, and the codes of what is found there. Figures read in a source say
so in the file; the rest is synthetic.
"""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from accounting import published
from accounting.published import STATUSES
from api.commands.case import app

TABLES = sorted((Path(__file__).parent / "printed").glob("*.csv"))
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16")


def expected(path: Path) -> dict[int, tuple[str, set[str]]]:
    """Return the verdict and the findings that a file expects of each of its rows."""
    return {
        each.row: (each["expected"], set(each["finding"].split()))
        for each in published.read(path).records
    }


def said(path: Path) -> tuple[int, dict[int, tuple[str, set[str]]]]:
    """Return the exit code of `gep case check --json`, and what it says of each row."""
    told = CliRunner().invoke(app, ["check", str(path), "--json"])
    answer = json.loads(told.output)
    codes: dict[int, set[str]] = {row["row"]: set() for row in answer["rows"]}
    for finding in answer["findings"]:
        codes[finding["row"]].add(finding["code"])
    return told.exit_code, {r["row"]: (r["status"], codes[r["row"]]) for r in answer["rows"]}


def test_there_are_tables_enough() -> None:
    """Thirty and more, with each of the four verdicts among what they expect."""
    verdicts = [verdict for path in TABLES for verdict, _ in expected(path).values()]

    assert len(TABLES) >= 30
    assert set(verdicts) == set(STATUSES)


@pytest.mark.parametrize("path", TABLES, ids=lambda each: each.stem)
def test_each_row_gets_its_verdict(path: Path) -> None:
    """Verdicts and findings row by row, doubts too; exit 1 where something is found."""
    exit_code, rows = said(path)

    assert rows == expected(path)
    assert exit_code == int(any(codes for _, codes in rows.values()))


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("path", TABLES, ids=lambda each: each.stem)
def test_no_verdict_depends_on_the_encoding(path: Path, encoding: str, tmp_path: Path) -> None:
    """The same table as Excel, a GBK system or a Unix tool would save it."""
    other = tmp_path / path.name
    text = path.read_text("utf-8").replace("\n", "\r\n")
    other.write_bytes(text.encode(encoding))

    assert said(other) == said(path)


@pytest.mark.parametrize("path", TABLES, ids=lambda each: each.stem)
def test_what_is_not_checkable_says_why(path: Path) -> None:
    """Every row that is not checkable or deviates has a reason in words, and no other has."""
    for row in published.check(path).rows:
        assert bool(row.reason) == (row.status in ("not checkable", "deviates"))


def test_a_row_without_a_value_says_what_it_comes_to() -> None:
    """5 t at 2 元/t come to 10 元: told beside the verdict, which stays `not checkable`."""
    (row,) = (r for r in published.check(_table("nothing")).rows if "value only" in r.indicator)

    assert (row.status, row.recomputed, row.reason) == (
        "not checkable", "10", "not published: value",
    )  # fmt: skip


def test_merged_cells_are_filled_down() -> None:
    """The second product of a service and its subtotal are of the service above them."""
    rows = {row.row: row for row in published.check(_table("ningde_form")).rows}
    subtotal, total = rows[4].sum, rows[9].sum
    assert subtotal
    assert total

    assert rows[3].service == "物质供给"
    assert (subtotal.of_rows, subtotal.within_half_units) == ((2, 3), True)
    assert (total.recomputed, total.within_half_units) == ("715.37", True)


@pytest.mark.parametrize(
    ("name", "sums"),
    [
        ("baiyangdian", {4: (2, 3), 7: (2, 3, 5, 6)}),
        ("two_years", {4: (2, 3), 7: (5, 6)}),
        ("totals_first", {2: (4, 5, 7), 3: (4, 5), 6: (7,)}),
        ("classes", {7: (2, 5)}),
        ("english_paper", {7: (2, 3, 4, 5, 6)}),
    ],
)
def test_a_total_is_of_the_rows_it_adds_up(name: str, sums: dict[int, tuple[int, ...]]) -> None:
    """Above it or below, by service or by year, of rows or of the first rows of their classes."""
    found = {row.row: row.sum for row in published.check(_table(name)).rows if row.sum}

    assert {row: each.of_rows for row, each in found.items()} == sums
    assert all(each.within_half_units for each in found.values())


def test_a_short_table_in_gbk_is_not_taken_for_another_script(tmp_path: Path) -> None:
    """元 in GBK is one letter of another script in UTF-8."""
    path = tmp_path / "table.csv"
    header = "service,quantity,unit,unit_price,price_unit,value,value_unit"
    path.write_bytes(f"{header}\na,1,t,2,元/t,2,元\n".encode("gb18030"))

    assert [row.status for row in published.check(path).rows] == ["reproduced"]


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    """65 MB of anything are refused before they are read: exit 2, one finding."""
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    told = CliRunner().invoke(app, ["check", str(path), "--json"])

    assert told.exit_code == 2
    assert [each["code"] for each in json.loads(told.output)["findings"]] == ["sheet.too-large"]


def _table(name: str) -> Path:
    return next(path for path in TABLES if path.stem == name)
