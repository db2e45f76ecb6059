"""Whatever is changed in a dossier is named, and nothing crashes.

Each change is made twice where that matters: as a hand would make it, and again with every digest
of the manifest adapted, so that only the recomputation can find it.
"""

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from accounting import verification
from tests.accounting.dossiers.forger import FILES, GARZE, TABLES, adapt, codes, edit, found


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("adapted", [False, True], ids=["by hand", "digests adapted"])
def test_a_changed_figure_of_a_table_is_named(folder: Path, name: str, adapted: bool) -> None:
    """The last digit of the last number of the first row: file, row, column, both figures."""
    path = folder / name
    rows = list(csv.reader(path.read_text("utf-8").splitlines()))
    at = max(n for n, cell in enumerate(rows[1]) if cell and cell[-1].isdigit())
    cell = rows[1][at]
    rows[1][at] = cell[:-1] + str((int(cell[-1]) + 1) % 10)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    path.write_text(out.getvalue(), "utf-8")
    if adapted:
        adapt(folder)

    findings = found(folder)
    figure = next(each for each in findings if each.code == "dossier.figure-differs")

    assert (figure.file, figure.row, figure.field) == (name, 2, rows[0][at])
    assert figure.facts == {"recorded": rows[1][at], "recomputed": cell}
    assert ("dossier.file-differs" in codes(findings)) is not adapted


@pytest.mark.parametrize(
    ("place", "digest_too"),
    [("value_cny", True), ("quantity", True), ("gep_cny", False), ("population", False)],
)
def test_a_changed_figure_of_the_account_is_named(
    folder: Path, place: str, digest_too: bool
) -> None:
    """A millionth more: the figure by its place and service."""

    def change(said: dict[str, Any]) -> None:
        part = said if place in said else next(x for x in said["lines"] if x[place])
        part[place] *= 1.000001

    edit(folder, "account.json", change)
    adapt(folder)
    figures = [each for each in found(folder) if each.code == "dossier.figure-differs"]

    assert [each.file for each in figures] == ["account.json"]
    assert str(figures[0].field).endswith(place)
    assert str(figures[0].field).startswith("lines[513300/all/") is digest_too


def test_a_change_too_small_for_the_figures_is_found_by_their_digest(folder: Path) -> None:
    """2e-10 relative could be another machine's arithmetic; the digest of the strings tells."""

    def change(said: dict[str, Any]) -> None:
        line = next(each for each in said["lines"] if each["value_cny"])
        line["value_cny"] *= 1 + 2e-10

    edit(folder, "account.json", change)
    adapt(folder)

    digests = [each for each in found(folder) if each.code == "dossier.digest-differs"]
    assert [(each.file, each.field) for each in digests] == [("account.json", "digest")]


@pytest.mark.parametrize("adapted", [False, True], ids=["by hand", "digests adapted"])
def test_a_changed_cell_of_the_workbook_is_named(folder: Path, adapted: bool) -> None:
    """The first value of the sheet 价值量, by sheet and cell."""
    path = folder / "account.xlsx"
    book = openpyxl.load_workbook(path)
    cell = next(
        each for row in book["价值量"].iter_rows(min_row=4) for each in row
        if isinstance(each.value, float)
    )  # fmt: skip
    cell.value = 1
    book.save(path)
    if adapted:
        adapt(folder)

    figures = [each for each in found(folder) if each.code == "dossier.figure-differs"]
    assert [(each.file, each.field) for each in figures] == [
        ("account.xlsx", f"价值量!{cell.coordinate}")
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "named"),
    [
        ("case.toml", "Gross ecosystem product of", "The GEP of", "title.en"),
        ("published.csv", "42.3436", "42.3437", "totals[1].gep_exact"),
        ("published_by_type.csv", ",22.07,", ",22.08,", "inputs.published_by_type.csv"),
    ],
)
def test_a_change_in_any_other_input_is_named(
    folder: Path, name: str, old: str, new: str, named: str
) -> None:
    """What follows from it differs, and so does the digest of the input, adapted or not."""
    path = folder / "inputs" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    adapt(folder)
    fields = {str(each.field) for each in found(folder) if each.file == "account.json"}

    assert {named, f"inputs.{name}"} <= fields


@pytest.mark.parametrize("adapted", [False, True], ids=["by hand", "digests adapted"])
def test_a_changed_input_is_named_by_what_follows_from_it(folder: Path, adapted: bool) -> None:
    """12.2875 亿元 of crops become 12.2876: the line, and the digest of the input."""
    path = folder / "inputs" / "readings.csv"
    path.write_text(path.read_text("utf-8").replace("12.2875", "12.2876"), "utf-8")
    if adapted:
        adapt(folder)
    findings = found(folder)
    fields = {str(each.field) for each in findings if each.file == "account.json"}

    assert {"lines[513300/all/crops].value_cny", "inputs.readings.csv", "gep_cny"} <= fields
    assert any(each.file == "inputs/readings.csv" for each in findings) is not adapted


@pytest.mark.parametrize("adapted", [False, True], ids=["by hand", "digests adapted"])
def test_a_changed_pack_is_named_by_what_follows_from_it(folder: Path, adapted: bool) -> None:
    """Another price of one line: its value, and the digest of the pack."""

    def change(said: dict[str, Any]) -> None:
        line = next(x for x in said["line"] if x["service"] == "flood-mitigation/marshes")
        line["price"]["value"] = "7.07"

    edit(folder, "pack.json", change)
    if adapted:
        adapt(folder)
    findings = found(folder)
    fields = {str(each.field) for each in findings if each.file == "account.json"}

    assert {"lines[513300/all/flood-mitigation/marshes].value_cny", "pack.digest"} <= fields
    assert any(each.file == "pack.json" for each in findings) is not adapted


@pytest.mark.parametrize("what", ["versions", "seed"])
def test_a_changed_manifest_is_named(folder: Path, what: str) -> None:
    """Another version, another seed: the manifest is not what its digest was made over."""

    def change(said: dict[str, Any]) -> None:
        if what == "seed":
            said["drawn"]["seed"] += 1
        else:
            said["versions"]["numpy"] = "0.0.1"

    edit(folder, "dossier.json", change)
    findings = found(folder)

    assert ("dossier.json", "digest") in {(each.file, each.field) for each in findings}
    named = {each.file for each in findings if each.code == "dossier.figure-differs"}
    assert named == ({"account.xlsx"} if what == "versions" else {"account.xlsx", "uncertainty.csv",
                                                                  "variance.csv"})  # fmt: skip


@pytest.mark.parametrize("name", [each for each in FILES if each != "dossier.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    """Whichever it is."""
    (folder / name).unlink()

    assert ("dossier.missing-file", name) in {(each.code, each.file) for each in found(folder)}


@pytest.mark.parametrize("name", ["more.csv", "inputs/more.csv", ".hidden"])
def test_an_added_file_is_named(folder: Path, name: str) -> None:
    """A stranger would not know whether it belongs there."""
    (folder / name).write_text("1\n")

    assert [(each.code, each.file) for each in found(folder)] == [("dossier.added-file", name)]


def test_a_link_in_place_of_a_file_is_named(folder: Path, tmp_path: Path) -> None:
    """What it points to is no part of the dossier."""
    shutil.move(folder / "totals.csv", tmp_path / "elsewhere.csv")
    (folder / "totals.csv").symlink_to(tmp_path / "elsewhere.csv")

    assert ("dossier.not-a-file", "totals.csv") in {(x.code, x.file) for x in found(folder)}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "content",
    [b"", b"\0\xff\xfe", b"[]", b"{}", b'{"line": 5}', b"[" * 100_000, b'"a\n', b"PK\3\4 no zip"],
    ids=["empty", "no text", "list", "object", "odd object", "deep", "open quote", "no zip"],
)
def test_a_file_of_another_kind_is_named_and_nothing_crashes(
    folder: Path, name: str, content: bytes
) -> None:
    """No JSON, no CSV, no TOML, no XLSX in place of each file."""
    (folder / name).write_bytes(content)

    assert name in {each.file for each in verification.verify(folder).findings}
    if name != "dossier.json":
        adapt(folder)
        assert verification.verify(folder).findings


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, 1e400, -1, True], ids=repr)
def test_a_part_of_another_kind_is_a_finding_and_nothing_crashes(folder: Path, odd: object) -> None:
    """Each part of each JSON file in turn replaced by something else."""
    for name in ("account.json", "dossier.json", "pack.json"):
        whole = (folder / name).read_text("utf-8")
        for key in json.loads(whole):
            edit(folder, name, lambda said, key=key: said.update({key: odd}))  # type: ignore[misc]
            assert verification.verify(folder).findings, (name, key)
            (folder / name).write_text(whole, "utf-8")


def test_inputs_outside_the_dossier_are_not_read(folder: Path) -> None:
    """A case.toml that names a file elsewhere is refused before it is opened."""
    path = folder / "inputs" / "case.toml"
    elsewhere = (GARZE / "readings.csv").as_posix()
    path.write_text(path.read_text("utf-8").replace('"readings.csv"', f'"{elsewhere}"'), "utf-8")

    assert ("dossier.input-outside", "inputs/case.toml", "readings") in {
        (each.code, each.file, each.field) for each in found(folder)
    }
