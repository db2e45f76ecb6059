"""A dossier carries what it takes to recompute it: here, and on another version of Python."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from accounting import case, dossier, pack, run, verification
from accounting.dossier import FolderInUse
from accounting.verification import NoDossier
from api.commands.case import app
from ledger.core.errors import InputRefused
from tests.accounting.dossiers.forger import FILES, GARZE, ROOT, adapt, edit, found
from tests.conftest import EXERCISED

OTHER_PYTHONS = "GEP_OTHER_PYTHONS"
NEEDED = "import numpy, openpyxl, pint, rich, sqlalchemy, typer, xlsxwriter"
VERIFY = "import sys; from api.commands.case import app; app(sys.argv[1:])"


def test_an_untouched_dossier_is_verified(untouched: Path) -> None:
    """Nothing differs, every figure of every table was compared, and the digest is told."""
    result = verification.verify(untouched)

    assert found(untouched) == result.findings == ()
    assert result.digest == json.loads((untouched / "dossier.json").read_text("utf-8"))["digest"]
    assert result.figures > 2000
    assert set(FILES) == {
        each.relative_to(untouched).as_posix() for each in untouched.rglob("*") if each.is_file()
    }


def test_what_is_no_file_name_may_look_like_one(tmp_path: Path) -> None:
    """A case that calls itself ../x names no file outside its folder."""
    folder = Path(shutil.copytree(GARZE, tmp_path / "case"))
    head = folder / "case.toml"
    text = head.read_text("utf-8").replace('id = "garze-2010"', 'id = "../x"', 1)
    head.write_text(text, "utf-8")
    named = case.read(folder)
    dossier.write(run.run(named, named.under()), tmp_path / "dossier", folder)

    assert verification.verify(tmp_path / "dossier").findings == ()


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
        "封面", "合计", "价值量", "实物量", "按生态系统类型", "指标", "不确定性", "方差来源",
    ]  # fmt: skip
    assert cover["方法包摘要（SHA-256）"] == pack_["digest"]
    assert {"输入文件 readings.csv（SHA-256）", "软件版本 python"} <= cover.keys()
    assert value[0][0] == "甘孜州2010年生态系统生产总值：价值量账户"
    assert value[2][-4:] == ["价值量（亿元）", "公布值（亿元）", "差（亿元）", "核对"]
    marsh = next(row for row in value if "flood-mitigation/marshes" in row)
    assert marsh[:4] == ["甘孜藏族自治州", "全部类型", "调节服务", "洪水调蓄"]
    assert marsh[6:] == [6, "亿m3", 7.06, "元/m3", 42.36, 42.3436, 0.0164, "舍入差"]
    assert next(row for row in value if "生态产品总值" in row)[-4] == 7548.9501


def test_sums_of_an_account_do_not_depend_on_the_version_of_python() -> None:
    """Sums are exactly rounded: the built-in sum gives another last digit from 3.12 on."""
    account = run.run(case.read(GARZE), pack.load("garze-2010"))
    values = [Fraction(line.value_cny or 0.0) for line in account.counted]

    assert account.gep_cny == float(sum(values))


@pytest.mark.parametrize(("nudge", "verified"), [(5e-10, True), (5e-9, False)])
def test_what_another_machine_computes_is_verified_within_1e_9(
    tmp_path: Path, nudge: float, verified: bool
) -> None:
    """A dossier made where every value comes out a little larger, tables and digest with it.

    A printed digit may change by it: the tables follow from the figures recorded.
    """
    account = run.run(case.read(GARZE), pack.load("garze-2010"))
    lines = tuple(replace(x, value_cny=x.value_cny and x.value_cny * (1 + nudge))
                  for x in account.lines)  # fmt: skip
    dossier.write(replace(account, lines=lines), tmp_path, GARZE)
    findings = found(tmp_path)

    assert (findings == ()) is verified
    assert {each.code for each in findings} <= {"dossier.figure-differs", "dossier.digest-differs"}


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
