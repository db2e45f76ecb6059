"""`gep seea`: what is printed, written and refused."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.commands.seea import app
from tests.accounting.seea.seealand import EXAMPLE

GARZE = EXAMPLE.parent / "garze-2010"
TABLES = [
    "extent", "change_matrix", "condition", "supply_physical", "use_physical", "supply_monetary",
    "use_monetary", "asset", "decomposition",
]  # fmt: skip


def gep(*arguments: str) -> tuple[int, str]:
    """Run the command and return its exit code and output."""
    result = CliRunner().invoke(app, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_run_prints_the_accounts_in_both_languages() -> None:
    """Nine tables; the convention stands under what rests on it."""
    code, english = gep("run", str(EXAMPLE))
    _, chinese = gep("run", str(EXAMPLE), "--locale", "zh-CN")

    assert code == 0
    assert "83,125.00" in english
    assert "annuity factor 43.0984" in english
    assert "intermediate ones: 83125.00 USD" in english
    assert ("Imports, final" in english, "Ecosystem degradation" in chinese) == (False, False)
    assert "生态系统退化" in chinese


def test_run_as_json_holds_every_table() -> None:
    """Cells are decimal strings by the key of their column."""
    code, output = gep("run", str(EXAMPLE), "--json")
    said = json.loads(output)["statements"]
    asset = {row["code"]: row for row in said["asset"]["rows"]}

    assert (code, list(said)) == (0, TABLES)
    assert said["supply_monetary"]["totals"][0]["total"] == "83125.00"
    assert said["use_monetary"]["totals"][0]["total"] == "83125.00"
    assert asset["net_change"]["forest"] == "-116365.55"
    assert said["condition"]["totals"][3]["index_opening"] == "0.6707"


def test_run_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    """One CSV a table, no clock and no path in it."""
    for name in ("one", "two"):
        assert gep("run", str(EXAMPLE), "--out", str(tmp_path / name))[0] == 0
    first, second = (
        {path.stem: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    )

    assert first == second
    assert sorted(first) == sorted(TABLES)


def test_bridge_prints_both_totals() -> None:
    """7,548.9501 of GEP, 5,673.6711 of SEEA EA."""
    code, output = gep("bridge", str(GARZE))
    _, said = gep("bridge", str(GARZE), "--json")

    assert code == 0
    assert "7,548.9501" in output
    assert "5,673.6711" in output
    assert list(json.loads(said)["statements"]) == ["bridge", "seea"]


@pytest.mark.parametrize("command", ["run", "bridge"])
def test_what_cannot_be_read_is_exit_2(command: str, tmp_path: Path) -> None:
    """An empty folder: findings, no traceback."""
    code, output = gep(command, str(tmp_path), "--json")

    assert (code, len(json.loads(output)["findings"])) == (2, 1)
