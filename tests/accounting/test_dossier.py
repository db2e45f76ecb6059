"""A dossier verified by a stranger: whatever is changed in it is named, and nothing crashes.

Each change is made twice where that matters: as a hand would make it, and again with every digest
of the manifest adapted, so that only the recomputation can find it.
"""

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from accounting import case, dossier, manifest, pack, run, verification
from accounting.dossier import FolderInUse
from accounting.verification import NoDossier
from api.commands.case import app
from ledger.core.errors import Finding, InputRefused
from tests.conftest import EXERCISED

ROOT = Path(__file__).parents[2]
GARZE = ROOT / "examples" / "garze-2010"
TABLES = ("by_type.csv", "monetary.csv", "physical.csv", "totals.csv", "uncertainty.csv",
          "variance.csv")  # fmt: skip
INPUTS = ("inputs/case.toml", "inputs/published.csv", "inputs/published_by_type.csv",
          "inputs/readings.csv")  # fmt: skip
FILES = (*TABLES, *INPUTS, "account.json", "account.xlsx", "dossier.json", "pack.json")
OTHER_PYTHONS = "GEP_OTHER_PYTHONS"
NEEDED = "import numpy, openpyxl, pint, rich, sqlalchemy, typer, xlsxwriter"
VERIFY = "import sys; from api.commands.case import app; app(sys.argv[1:])"


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dossier of Garzê with ten thousand draws, as the command writes it."""
    folder = tmp_path_factory.mktemp("dossier") / "garze"
    told = ("run", str(GARZE), "--draws", "10000", "--out", str(folder), "--json")
    assert CliRunner().invoke(app, told).exit_code == 0
    return folder


@pytest.fixture
def folder(untouched: Path, tmp_path: Path) -> Path:
    """A copy that may be tampered with."""
    return Path(shutil.copytree(untouched, tmp_path / "dossier"))


def found(folder: Path) -> tuple[Finding, ...]:
    """Verify with the command and without it: exit 1 when and only when there is a finding."""
    findings = verification.verify(folder).findings
    result = CliRunner().invoke(app, ["verify", str(folder), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code == (1 if findings else 0)
    assert len(json.loads(result.output)["findings"]) == len(findings)
    return findings


def adapt(folder: Path) -> None:
    """Write the digests of all files into the manifest, as a careful forger would."""
    said = manifest.read(folder)
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in said.files}
    (folder / manifest.FILE).write_text(replace(said, files=files).text(), "utf-8")


def edit(folder: Path, name: str, change: Callable[[Any], None]) -> None:
    """Change a JSON file of a dossier."""
    said = json.loads((folder / name).read_text("utf-8"))
    change(said)
    (folder / name).write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", "utf-8")


def codes(findings: tuple[Finding, ...]) -> set[str]:
    """Return what kinds of finding there are."""
    return {each.code for each in findings}


def test_an_untouched_dossier_is_verified(untouched: Path) -> None:
    """Nothing differs, every figure of every table was compared, and the digest is told."""
    result = verification.verify(untouched)

    assert found(untouched) == result.findings == ()
    assert result.digest == json.loads((untouched / "dossier.json").read_text("utf-8"))["digest"]
    assert result.figures > 2000
    assert set(FILES) == {
        each.relative_to(untouched).as_posix() for each in untouched.rglob("*") if each.is_file()
    }


def test_the_person_reads_what_it_was_made_with(untouched: Path) -> None:
    """Versions recorded and present stand side by side, then the verdict."""
    result = CliRunner().invoke(app, ["verify", str(untouched)])

    assert "made with python" in result.output
    assert "nothing differs" in result.output


def test_the_workbook_is_in_the_form_that_a_bureau_files(untouched: Path) -> None:
    """封面 with the digests, 价值量 in 亿元 with Chinese names, numbers as numbers, 小计 and 注."""
    book = openpyxl.load_workbook(untouched / "account.xlsx")
    cover = {row[0].value: row[1].value for row in book["封面"].iter_rows(min_row=4)}
    value = [[cell.value for cell in row] for row in book["价值量"].iter_rows()]
    pack_ = json.loads((untouched / "account.json").read_text("utf-8"))["pack"]

    assert book.sheetnames == [
        "封面", "合计", "价值量", "实物量", "按生态系统类型", "不确定性", "方差来源",
    ]  # fmt: skip
    assert cover["方法包摘要（SHA-256）"] == pack_["digest"]
    assert {"输入文件 readings.csv（SHA-256）", "软件版本 python"} <= cover.keys()
    assert value[0][0] == "甘孜州2010年生态系统生产总值：价值量账户"
    assert value[2][-4:] == ["价值量（亿元）", "公布值（亿元）", "差（亿元）", "核对"]
    marsh = next(row for row in value if "flood-mitigation/marshes" in row)
    assert marsh[:4] == ["甘孜藏族自治州", "全部类型", "调节服务", "洪水调蓄"]
    assert marsh[6:] == [6, "亿m3", 7.06, "元/m3", 42.36, 42.3436, 0.0164, "舍入差"]
    assert next(row for row in value if "生态系统生产总值" in row)[-4] == 7548.9501


def test_sums_of_an_account_do_not_depend_on_the_version_of_python() -> None:
    """Sums are exactly rounded: the built-in sum gives another last digit from 3.12 on."""
    account = run.run(case.read(GARZE), pack.load("garze-2010"))
    values = [Fraction(line.value_cny or 0.0) for line in account.counted]

    assert account.gep_cny == float(sum(values))


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
        assert verification.verify(folder).findings or content == b""


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


def test_no_dossier_is_exit_2(tmp_path: Path) -> None:
    """No folder, or one without dossier.json."""
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NoDossier):
            verification.verify(path)
        assert CliRunner().invoke(app, ["verify", str(path)]).exit_code == 2


def test_a_dossier_takes_the_place_of_a_dossier_and_of_nothing_else(folder: Path) -> None:
    """The tables of the draws go when a run without draws is written there; a letter stays."""
    found_ = case.read(GARZE)
    account = run.run(found_, pack.load("garze-2010"))
    dossier.write(account, folder, GARZE)

    assert not (folder / "uncertainty.csv").exists()
    assert found(folder) == ()

    (folder / "letter.txt").write_text("keep me")
    with pytest.raises(FolderInUse) as refusal:
        dossier.write(account, folder, GARZE)
    assert refusal.value.files == ("letter.txt",)
    assert (folder / "totals.csv").exists()


def test_inputs_that_changed_since_the_run_are_refused(tmp_path: Path) -> None:
    """The account would not follow from what the dossier carries."""
    copy = Path(shutil.copytree(GARZE, tmp_path / "case"))
    account = run.run(case.read(copy), pack.load("garze-2010"))
    (copy / "readings.csv").write_text("changed")

    with pytest.raises(InputRefused) as refusal:
        dossier.write(account, tmp_path / "out", copy)
    assert [each.code for each in refusal.value.findings] == ["dossier.input-changed"]
    assert not (tmp_path / "out").exists()


def test_the_range_over_packs_is_recomputed_from_the_packs_it_carries(tmp_path: Path) -> None:
    """Another pack beside, with a marsh at 8 元/m3: carried, drawn again, and named if changed."""
    found_ = case.read(GARZE)
    own = pack.load("garze-2010")
    table = json.loads(json.dumps(own.table)) | {"id": "another", "edition": "1"}
    next(x for x in table["line"] if x["service"].endswith("marshes"))["price"]["value"] = "8"
    account = run.run(found_, own)
    drawn = dossier.draw(found_, account, 10_000, 1, [pack.of_table("another", table)])
    dossier.write(account, tmp_path, GARZE, drawn)

    assert (tmp_path / "packs" / "another-1.json").exists()
    assert found(tmp_path) == ()

    def change(said: dict[str, Any]) -> None:
        next(x for x in said["line"] if x["service"].endswith("marshes"))["price"]["value"] = "9"

    edit(tmp_path, "packs/another-1.json", change)
    adapt(tmp_path)
    assert {each.file for each in found(tmp_path)} == {"range.csv", "account.xlsx"}


def test_a_dossier_is_verified_on_another_version_of_python(
    untouched: Path, request: pytest.FixtureRequest
) -> None:
    """Each other Python that has the packages recomputes it, and finds nothing."""
    exercised = []
    for python in _others():
        told = [python, "-W", "error", "-c", VERIFY, "verify", str(untouched), "--json"]
        result = subprocess.run(
            told, capture_output=True, text=True, check=False, cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        assert result.returncode == 0, result.stdout + result.stderr
        said = json.loads(result.stdout)
        assert said["verified_with"]["python"] != said["made_with"]["python"]
        exercised.append(f"Python {said['verified_with']['python']}"
                         f" with numpy {said['verified_with']['numpy']}")  # fmt: skip
    if not exercised:
        pytest.skip(f"no other Python has the packages: name some in {OTHER_PYTHONS}")
    line = f"a dossier of Python {sys.version.split()[0]} verified by {', '.join(exercised)}"
    request.config.stash[EXERCISED].append(line)


def _others() -> list[str]:
    """Return the Pythons, named or on the path, of another version and with the packages."""
    named = [each for each in os.environ.get(OTHER_PYTHONS, "").split(os.pathsep) if each]
    there = [shutil.which(f"python3.{minor}") for minor in range(11, 20)]
    fits = f"import sys; assert sys.version_info[:2] != {sys.version_info[:2]}; {NEEDED}"
    return [each for each in (*named, *there) if each and _runs(each, fits)]


def _runs(python: str, what: str) -> bool:
    return subprocess.run([python, "-c", what], capture_output=True, check=False).returncode == 0
