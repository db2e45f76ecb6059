"""What a revision changed: each line's change by its cause, and the causes add up."""

import copy
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from accounting import case, pack, revision
from accounting.compared import Side
from accounting.pack import Pack
from accounting.revision import CAUSES, Change, Difference
from tests.accounting import hand
from tests.accounting.dossiers.forger import GARZE

Table = dict[str, Any]
DOMESTIC, INDUSTRIAL = "water-supply/domestic", "water-supply/industrial"


def garze(
    tmp_path: Path, change: Callable[[str], str] = str, edit: Callable[[Table], None] | None = None
) -> Side:
    """Return the case of Garzê with other readings, under its pack as somebody edited it."""
    folder = tmp_path / "case"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(GARZE, folder)
    readings = folder / "readings.csv"
    readings.write_text(change(readings.read_text("utf-8")), "utf-8")
    table = copy.deepcopy(dict(pack.load("garze-2010").table))
    if edit:
        edit(table)
    under: Pack = pack.of_table("pack", table)
    return Side(case.read(folder), under, 2010)


def line(table: Table, service: str) -> Table:
    """Return a line of a pack."""
    found: Table = next(each for each in table["line"] if each["service"] == service)
    return found


def corrected(text: str) -> str:
    """Correct the water that households used, 1.36 to 1.40 亿 m3."""
    return text.replace("water_use_domestic,1.36", "water_use_domestic,1.40")


def causes(of: Difference) -> Mapping[str, dict[str, float]]:
    """Return what each cause did to each service, where it did something."""
    return {
        each.place[2]: {name: float(value) for name, value in each.by.items() if value}
        for each in of.effects
    }


def test_a_corrected_reading_is_data(tmp_path: Path) -> None:
    """0.04 亿 m3 more at 2.6 CNY/m3: 10.4 million, and the reading is shown before and after."""
    found = revision.difference(garze(tmp_path), garze(tmp_path, corrected))

    assert causes(found) == {DOMESTIC: {"data": pytest.approx(10_400_000)}}
    assert found.changes == (
        Change("data", "water_use_domestic", "513300/all/2010", "1.36 亿m3 measured",
               "1.40 亿m3 measured"),
    )  # fmt: skip


def test_lakes_are_told_apart_and_so_are_flows(tmp_path: Path) -> None:
    """Two lakes of one cell are two changes; an import that moves no line is a change too."""

    def lakes(first: str, second: str, imported: str) -> Side:
        readings = [
            *(f"{x},," for x in hand.READINGS[2:]),
            f"{hand.A},forest,2020,water_retained,{first},m3,modelled,x,East,",
            f"{hand.A},forest,2020,water_retained,{second},m3,modelled,x,West,",
        ]
        flows = (f"crops,{hand.ELSEWHERE},{hand.A},2020,product,{imported},元,measured,x",)
        shutil.rmtree(tmp_path / "hand", ignore_errors=True)
        folder = hand.write(tmp_path / "hand", readings, imports=flows)
        table = folder / "readings.csv"
        table.write_text(
            table.read_text("utf-8").replace("source", "source,object,item", 1), "utf-8"
        )
        read = case.read(folder)
        return Side(read, read.under(), 2020)

    found = revision.difference(lakes("10", "20", "5"), lakes("11", "22", "6"))

    assert [(each.what, each.place, each.before, each.after) for each in found.changes] == [
        ("water_retained", f"{hand.A}/forest/2020/East", "10 m3 modelled", "11 m3 modelled"),
        ("water_retained", f"{hand.A}/forest/2020/West", "20 m3 modelled", "22 m3 modelled"),
        ("product", f"crops/{hand.ELSEWHERE}/{hand.A}", "5 元 measured", "6 元 measured"),
    ]


def test_another_price_is_a_parameter(tmp_path: Path) -> None:
    """1.36 亿 m3 at 3.0 and not 2.6 CNY/m3: 54.4 million."""

    def dearer(table: Table) -> None:
        line(table, DOMESTIC)["price"]["value"] = "3.0"

    found = revision.difference(garze(tmp_path), garze(tmp_path, edit=dearer))

    assert causes(found) == {DOMESTIC: {"parameter": pytest.approx(54_400_000)}}
    assert found.changes == (Change("parameter", "price", DOMESTIC, "2.6 CNY/m3", "3.0 CNY/m3"),)


def test_a_price_that_the_case_gives_is_a_parameter(tmp_path: Path) -> None:
    """3.0 CNY/m3 in the case's own list of prices: 54.4 million, beside a corrected reading."""
    old, new = garze(tmp_path), garze(tmp_path, corrected)
    folder = tmp_path / "case"
    toml = folder / "case.toml"
    named = toml.read_text("utf-8").replace("years =", 'prices = "prices.csv"\nyears =')
    toml.write_text(named, "utf-8")
    (folder / "prices.csv").write_text(
        f"service,year,price,unit,source\n{DOMESTIC},2010,3.0,CNY/m3,tariff of 2010\n", "utf-8"
    )
    found = revision.difference(old, replace(new, case=case.read(folder)))

    assert causes(found) == {
        DOMESTIC: {"data": pytest.approx(10_400_000), "parameter": pytest.approx(56_000_000)}
    }
    assert [(each.cause, each.place, each.after) for each in found.changes] == [
        ("data", "513300/all/2010", "1.40 亿m3 measured"),
        ("parameter", f"{DOMESTIC}/2010", "3.0 CNY/m3"),
    ]


def test_a_service_that_is_no_longer_counted_is_method(tmp_path: Path) -> None:
    """Fishery becomes a memo, its 3.56 million leave GEP; forestry goes altogether."""

    def fewer(table: Table) -> None:
        line(table, "fishery")["counts_in"] = "memo"
        table["line"].remove(line(table, "forestry"))

    found = revision.difference(garze(tmp_path), garze(tmp_path, edit=fewer))

    assert causes(found) == {
        "fishery": {"method": pytest.approx(-3_560_000)},
        "forestry": {"method": pytest.approx(-237_770_000)},
    }
    assert {(each.cause, each.what, each.place) for each in found.changes} == {
        ("method", "counts_in", "fishery"), ("method", "service", "forestry"),
    }  # fmt: skip


def test_several_causes_in_one_line_add_up_exactly(tmp_path: Path) -> None:
    """A corrected reading and another price: data at the old price, the price on the new data."""

    def dearer(table: Table) -> None:
        line(table, DOMESTIC)["price"]["value"] = "3.0"

    found = revision.difference(garze(tmp_path), garze(tmp_path, corrected, dearer))
    (effect,) = found.effects

    assert causes(found) == {
        DOMESTIC: {"data": pytest.approx(10_400_000), "parameter": pytest.approx(56_000_000)}
    }
    assert sum(effect.by.values(), Fraction(0)) == effect.after - effect.before


def test_where_the_old_method_lacks_its_readings_the_rest_still_adds_up(tmp_path: Path) -> None:
    """The new pack drops a service, the new case its reading: the old pack cannot be run again."""

    def without(text: str) -> str:
        kept = [each for each in text.splitlines() if "net_output_fishery" not in each]
        return corrected("\n".join(kept) + "\n")

    def fewer(table: Table) -> None:
        table["line"].remove(line(table, "fishery"))

    found = revision.difference(garze(tmp_path), garze(tmp_path, without, fewer))

    assert causes(found) == {
        DOMESTIC: {"data": pytest.approx(10_400_000)},
        "fishery": {"method": pytest.approx(-3_560_000)},
    }


def test_another_region_is_boundary(tmp_path: Path) -> None:
    """The account moves to another region: every old line goes, every new one comes, whole."""
    found = revision.difference(garze(tmp_path), garze_moved(tmp_path))

    assert {name for each in found.effects for name, value in each.by.items() if value} == {
        "boundary"
    }
    assert {each.what for each in found.changes if each.cause == "boundary"} == {"region"}


def garze_moved(tmp_path: Path) -> Side:
    """Return Garzê under the code of its neighbour."""
    folder = tmp_path / "moved"
    shutil.copytree(GARZE, folder)
    for name in ("case.toml", "readings.csv"):
        text = (folder / name).read_text("utf-8")
        (folder / name).write_text(text.replace("513300", "513200"), "utf-8")
    return Side(case.read(folder), pack.load("garze-2010"), 2010)


def test_the_same_account_differs_in_nothing(tmp_path: Path) -> None:
    """And says so."""
    found = revision.difference(garze(tmp_path), garze(tmp_path))
    of = revision.statements(found)

    assert found == Difference((), ())
    assert [note.en for note in of["difference"].notes] == ["No line changed."]
    assert list(of["changes"].rows) == []


def test_the_statement_prints_every_cause(tmp_path: Path) -> None:
    """Columns before, after, change and the four causes; the total below."""
    of = revision.statements(revision.difference(garze(tmp_path), garze(tmp_path, corrected)))
    (row,) = of["difference"].rows
    (total,) = of["difference"].totals

    assert [str(cell) for cell in row[5:]] == [
        "353600000.00", "364000000.00", "10400000.00", "0.00", "10400000.00", "0.00", "0.00",
    ]  # fmt: skip
    assert total[5:] == row[5:]
    assert [each.key for each in of["difference"].columns[-4:]] == list(CAUSES)
