"""Growth of whole accounts: two years, a dearer pack, a region that joins, a service dropped."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from accounting import case, compared, pack, run
from accounting.case import Case
from accounting.compared import NoSpan, Side
from accounting.pack import Pack
from accounting.run import UnknownYear
from api.commands.case import app
from ledger.statements.statement import Label

HEAD = "region,ecosystem_type,year,quantity,value,unit,status,source,department\n"
CASE = """
id = "x"
pack = "garze-2010"
edition = "2010"
ecosystems = "garze-2010"
title = { zh = "例", en = "example" }
years = [2010, 2011, 2012]
readings = "readings.csv"
[[region]]
code = "1"
zh = "一"
en = "one"
"""


def water_only() -> Pack:
    """Return the shipped pack with water retention alone: 7.06 CNY/m3."""
    whole = pack.load("garze-2010")
    return replace(whole, lines=tuple(x for x in whole.lines if x.service == "water-retention"))


def priced(of: Pack, price: str) -> Pack:
    """Return the pack with another price."""
    (line,) = of.lines
    parameters = {"price": replace(line.parameters["price"], value=price)}
    return replace(of, id="dearer", lines=(replace(line, parameters=parameters),))


def forest(
    folder: Path, *years: tuple[int, float, float], regions: tuple[str, ...] = ("1",)
) -> Case:
    """Read a case with forest of so many hm2 that retains so many m3, by year."""
    rows = [
        f"{region},forest,{year},{quantity},{value},{unit},measured,a worked example,\n"
        for region in regions
        for year, hectares, cubic in years
        for quantity, value, unit in (("area", hectares, "hm2"), ("water_retained", cubic, "m3"))
    ]
    folder.mkdir(exist_ok=True)
    more = "".join(
        f'[[region]]\ncode = "{each}"\nzh = "某"\nen = "some"\n' for each in regions if each != "1"
    )
    (folder / "case.toml").write_text(CASE + more, "utf-8")
    (folder / "readings.csv").write_text(HEAD + "".join(rows), "utf-8")
    return case.read(folder)


def effects(first: Side, last: Side) -> list[float]:
    """Return the five effects."""
    return list(compared.growth_between(first, last).total().values())


def test_extent_and_yield_share_the_growth_of_one_case(tmp_path: Path) -> None:
    """10 hm2 × 2 m3 to 20 × 3 at 7.06: extent 10 × 2.5, yield 1 × 15, each × 7.06."""
    found, whole = forest(tmp_path, (2010, 10, 20), (2011, 20, 60)), water_only()
    split = effects(Side(found, whole, 2010), Side(found, whole, 2011))

    assert split == pytest.approx([25 * 7.06, 15 * 7.06, 0, 0, 0])


def test_a_dearer_pack_is_price_where_both_price_a_cubic_metre(tmp_path: Path) -> None:
    """20 m3 at 7.06, then at 8.06: 20 CNY of price, nothing of method."""
    found, whole = forest(tmp_path, (2010, 10, 20), (2011, 10, 20)), water_only()
    split = effects(Side(found, whole, 2010), Side(found, priced(whole, "8.06"), 2011))

    assert split == pytest.approx([0, 0, 20, 0, 0], abs=1e-9)


def test_a_region_that_joins_is_boundary_and_a_service_dropped_is_method(tmp_path: Path) -> None:
    """A second county brings 20 m3 × 7.06; a pack without water takes as much away."""
    one = forest(tmp_path / "one", (2010, 10, 20), (2011, 10, 20))
    two = forest(tmp_path / "two", (2010, 10, 20), (2011, 10, 20), regions=("1", "2"))
    whole = water_only()
    joined = compared.growth_between(Side(one, whole, 2010), Side(two, whole, 2011))
    without = effects(Side(one, whole, 2010), Side(one, replace(whole, lines=()), 2011))

    assert list(joined.total().values()) == pytest.approx([0, 0, 0, 0, 20 * 7.06], abs=1e-9)
    assert without == pytest.approx([0, 0, 0, -20 * 7.06, 0])


def test_the_effects_sum_to_the_growth_of_the_accounts(tmp_path: Path) -> None:
    """Everything at once, a new price among it."""
    found, whole = forest(tmp_path, (2010, 11, 23), (2011, 17, 57)), water_only()
    dear = priced(whole, "9.13")
    split = compared.growth_between(Side(found, whole, 2010), Side(found, dear, 2011))
    before, after = run.run(found, whole, 2010).gep_cny, run.run(found, dear, 2011).gep_cny

    assert sum(split.total().values()) == pytest.approx(after - before, rel=1e-12)
    assert (split.before.sum(), split.after.sum()) == pytest.approx((before, after))
    shown = compared.statement(split, {"water-retention": Label("水源涵养", "water retention")})
    assert [len(row) for row in (*shown.rows, *shown.totals)] == [len(shown.columns)] * 2


def test_the_command_splits_year_by_year(tmp_path: Path) -> None:
    """The whole pack on Garzê's readings in two years, of which the second has half the forest."""
    garze = Path(__file__).parents[2] / "examples" / "garze-2010"
    readings = (garze / "readings.csv").read_text("utf-8")
    later = "".join(
        line.replace(",2010,", ",2011,").replace("water_retained,321.49", "water_retained,300.00")
        for line in readings.splitlines(keepends=True)[1:]
    )
    table = (garze / "case.toml").read_text("utf-8").replace("[2010]", "[2010, 2011]")
    kept = [line for line in table.splitlines() if not line.startswith("published")]
    (tmp_path / "case.toml").write_text("\n".join(kept), "utf-8")
    (tmp_path / "readings.csv").write_text(readings + later, "utf-8")
    told = CliRunner().invoke(app, ["compare", str(tmp_path), "--json"])
    said = json.loads(told.output)
    total = said["growth"][-1]

    assert (told.exit_code, said["years"]) == (0, [2010, 2011])
    assert total["quantity_per_area"] == "-151.7194"  # (321.49 - 300) × 7.06
    assert (total["extent"], total["price"], said["notes"]) == ("0.0000", "0.0000", [])

    told = CliRunner().invoke(app, ["compare", str(tmp_path), "--from", "2011", "--json"])
    assert (told.exit_code, json.loads(told.output)["findings"][0]["code"]) == (2, "growth.no-span")


def test_years_that_a_case_has_not_are_refused(tmp_path: Path) -> None:
    """2013 is no year of it, and growth does not run backwards."""
    found = forest(tmp_path, (2010, 10, 20), (2011, 20, 60))
    with pytest.raises(UnknownYear):
        compared.of_cases([found], 2010, 2013)
    with pytest.raises(NoSpan):
        compared.of_cases([found], 2011, 2010)
