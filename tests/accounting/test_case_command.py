"""`gep case`: exit codes, JSON, and what is written."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.commands.case import app

GARZE = Path(__file__).parents[2] / "examples" / "garze-2010"
HEADER = "service,indicator,year,quantity,unit,unit_price,price_unit,value,value_unit\n"


def gep(*arguments: str) -> tuple[int, str]:
    """Run the command and return its exit code and output."""
    result = CliRunner().invoke(app, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_check_of_the_shipped_case_and_of_its_table_find_no_fault() -> None:
    """Exit 0, and 23 of 23 hold; what is doubtful is told beside."""
    for path in (GARZE, GARZE / "case.toml", GARZE / "published.csv"):
        code, output = gep("check", str(path))

        assert (code, "23 of 23 hold" in output) == (0, True)


def test_check_prints_rows_and_findings_as_json() -> None:
    """Row 6 of the file: recomputed in 亿元 as a string, the published digits as typed."""
    code, output = gep("check", str(GARZE / "published.csv"), "--json")
    said = json.loads(output)
    row = next(each for each in said["rows"] if each["row"] == 6)

    assert code == 0
    assert (row["status"], row["recomputed"], row["published"]) == ("rounding", "3.536", "3.5400")
    assert said["counts"]["reproduced"] == 9
    assert all(each["doubt"] for each in said["findings"])


def test_a_row_that_deviates_is_exit_1(tmp_path: Path) -> None:
    """2 t at 3 元/t is 6 元, not 7."""
    path = tmp_path / "table.csv"
    path.write_text(HEADER + "s,i,2020,2,t,3,元/t,77,元\n", "utf-8")
    code, output = gep("check", str(path), "--json")
    said = json.loads(output)

    assert code == 1
    assert said["rows"][0]["status"] == "deviates"
    assert (said["findings"][0]["row"], said["findings"][0]["code"]) == (2, "published.deviates")


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("path", ["nowhere", "nowhere.csv", str(GARZE.parent)])
def test_what_cannot_be_read_is_exit_2(command: str, path: str) -> None:
    """No such file, no case in the folder: findings, no traceback."""
    code, output = gep(command, path, "--json")

    assert code == 2
    assert json.loads(output)["findings"]


def test_run_prints_the_three_totals_in_both_languages() -> None:
    """7548.95, 7545.60 and 7545.59, and where they part."""
    for locale, word in (("en", "oxygen release +2.852"), ("zh-CN", "释氧+2.852")):
        code, output = gep("run", str(GARZE), "--locale", locale)

        assert code == 0
        assert all(each in output for each in ("7,548.95", "7,545.60", "7,545.59", word))


def test_run_writes_its_dossier(tmp_path: Path) -> None:
    """Tables and account.json, with the pack's digest and those of the inputs."""
    code, _ = gep("run", str(GARZE), "--out", str(tmp_path / "dossier"), "--json")
    account = json.loads((tmp_path / "dossier" / "account.json").read_text("utf-8"))
    totals = (tmp_path / "dossier" / "totals.csv").read_text("utf-8")

    assert code == 0
    assert (account["pack"]["id"], account["pack"]["edition"]) == ("garze-2010", "2010")
    assert len(account["pack"]["digest"]) == 64
    assert sorted(account["inputs"]) == [
        "case.toml", "published.csv", "published_by_type.csv", "readings.csv",
    ]  # fmt: skip
    assert "7545.60,7545.5980" in totals


def test_run_refuses_an_unknown_pack_and_an_unwritable_folder(tmp_path: Path) -> None:
    """Exit 2 with the code of the refusal."""
    (tmp_path / "a file").write_text("")
    code, output = gep("run", str(GARZE), "--pack", "nope", "--json")
    assert (code, json.loads(output)["findings"][0]["code"]) == (2, "pack.unknown")

    code, output = gep("run", str(GARZE), "--out", str(tmp_path / "a file" / "x"), "--json")
    assert (code, json.loads(output)["findings"][0]["code"]) == (2, "file.unusable")


def test_run_says_how_sure_it_is(tmp_path: Path) -> None:
    """Bands around 7,548.95, the reservoir price first among what they come from; twice alike."""
    told = ("run", str(GARZE), "--draws", "10000", "--seed", "3", "--json")
    (code, output), (_, again) = gep(*told, "--out", str(tmp_path)), gep(*told)
    said, repeated = json.loads(output), json.loads(again)
    total = said["uncertainty"][-1]

    assert code == 0
    assert (total["service"], total["estimate"]) == ("gep", "7548.9501")
    assert float(total["p5"]) < 7548.9501 < float(total["p95"])
    assert "7.06 CNY/m3" in said["variance"][0]["name_en"]
    assert {"uncertainty.csv", "variance.csv"} <= set(said["files"])
    assert said["uncertainty"] == repeated["uncertainty"]

    code, output = gep("run", str(GARZE), "--draws", "100", "--json")
    assert (code, json.loads(output)["findings"][0]["code"]) == (2, "uncertainty.too-few-draws")
