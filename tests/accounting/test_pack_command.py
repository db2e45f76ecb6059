"""`gep pack` and `gep case run` under several packs, as their users run them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from accounting import pack
from api.cli import app

COUNTY = Path(__file__).parent / "national_draft"
NATIONAL = "gbt46869-2025-draft"


def said(*arguments: str, code: int = 0) -> str:
    """Run `gep` and return what it prints."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == code, result.output
    return result.output


def test_the_shelf_says_what_each_edition_rests_on() -> None:
    """A study that was read is all R; a reconstruction tells how much of it is recalled."""
    rows = {row["id"]: row for row in json.loads(said("pack", "list", "--json"))["packs"]}

    assert set(rows) == set(pack.known())
    assert rows["garze-2010"]["formulas_R"] == rows["garze-2010"]["parameters_R"] == "100"
    assert 0 < int(rows[NATIONAL]["formulas_K"]) < 100
    assert rows["marine-draft"]["services"] == "13"
    for row in rows.values():
        shares = [int(row[f"formulas_{tag}"]) for tag in ("R", "R*", "K", "C")]
        assert abs(sum(shares) - 100) <= 2
        assert len(row["digest"]) == 16


@pytest.mark.parametrize(
    ("locale", "title"), [("zh-CN", "重建稿"), ("en", "reconstruction, not the standard")]
)
def test_a_reader_sees_lines_graph_and_parameters(locale: str, title: str) -> None:
    """What the lake's storage takes, where from, and the price with its source."""
    text = said("pack", "show", NATIONAL, "--locale", locale)

    assert title in text
    for each in ("flood-mitigation/lake", "lake_turnover", "coefficient", "7.06"):
        assert each in text


def test_a_program_gets_the_same() -> None:
    """Facts of the edition and three tables."""
    found = json.loads(said("pack", "show", "seea-ea", "--edition", "1", "--json"))
    graph = {(x["service"], x["quantity"]): x for x in found["graph"]}

    assert (found["id"], found["reconstruction"]) == ("seea-ea", False)
    assert found["digest"] == pack.load("seea-ea", "1").digest
    assert graph["water-retention", "water_retained"]["comes_from"] == "water-retention/bare-land"
    assert graph["air-purification/so2", "so2_emission"]["reach"] == "apportioned by area"
    assert {x["parameter"] for x in found["parameters"]} >= {"price", "layer"}


def test_packs_that_differ_are_exit_1() -> None:
    """As with compare and verify: 1 is a finding."""
    found = json.loads(said("pack", "diff", NATIONAL, "ndrc-2022-draft@1", "--json", code=1))

    assert {x["service"] for x in found["rows"]} == {
        "negative-ions",
        "species-conservation",
        "pest-control",
    }
    assert {x["kind"] for x in found["rows"]} == {"dropped"}
    assert "nothing differs" in said("pack", "diff", NATIONAL, f"{NATIONAL}@1")


@pytest.mark.parametrize(
    "arguments",
    [("show", "gdp-2008"), ("show", NATIONAL, "--edition", "0"), ("diff", NATIONAL, "x@")],
)
def test_an_unknown_pack_is_exit_2(arguments: tuple[str, ...]) -> None:
    """The refusal lists those there are."""
    found = json.loads(said("pack", *arguments, "--json", code=2))

    assert found["findings"][0]["code"] == "pack.unknown"
    assert "garze-2010 2010" in found["findings"][0]["facts"]["known"]


def test_a_case_is_run_under_several_packs() -> None:
    """GEP under both, the difference, and why; nothing but that."""
    both = ("--pack", NATIONAL, "--pack", "db33-2020-draft")
    rows = json.loads(said("case", "run", str(COUNTY), *both, "--json"))["packs"]
    text = said("case", "run", str(COUNTY), *both)

    assert rows[-1]["service"] == "gep"
    assert rows[-1]["value_1"] == "7.1236"
    assert "other method" in text
    assert "not the standard" in text
    said("case", "run", str(COUNTY), *both, "--draws", "10000", code=2)
