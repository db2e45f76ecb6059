"""Garzê 2010, the gate case: every printed figure reproduced, and the totals beside one another."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from accounting import case, dossier, figures, findings, pack, run, tables, totals
from accounting.account import Account
from accounting.plausibility import audit

GARZE = Path(__file__).parents[2] / "examples" / "garze-2010"


def yi(cny: Fraction) -> str:
    """Write CNY in 亿元 to the thousandth."""
    return str(figures.rounded(cny / totals.YI, 3))


@pytest.fixture(scope="module")
def account() -> Account:
    """The account of the shipped example."""
    return run.run(case.read(GARZE), pack.load("garze-2010"))


def test_23_of_23_printed_products_hold() -> None:
    """9 within the value's own half-unit, 14 within those of quantity and price; nothing found."""
    found = findings.of(GARZE)
    assert found.published

    assert found.published.count("reproduced") == 9
    assert found.published.count("rounding") == 14
    assert found.published.checkable == 23
    assert all(audit.is_doubt(each) for each in found.findings)


def test_each_line_is_what_its_published_row_recomputes_to(account: Account) -> None:
    """The run and the table check agree on all 23, and the five stated values are as printed."""
    compared = [line for line in account.lines if line.check]

    assert len(compared) == len(account.lines) == 28
    assert list(findings.differences(account)) == []


def test_the_three_totals_stand_side_by_side(account: Account) -> None:
    """7548.95 from quantity × price, 7545.60 from the services as printed, 7545.59 as printed."""
    rows = {str(row[0]): row for row in tables.totals(account).rows}
    keys = [column.key for column in tables.totals(account).columns]
    gep, exact, each = keys.index("gep"), keys.index("gep_exact"), keys.index("per_person")

    assert [str(rows["computed"][n]) for n in (gep, exact, each)] == [
        "7548.95",
        "7548.9501",
        "71.22",
    ]
    assert [str(rows["lines_as_printed"][n]) for n in (gep, exact)] == ["7545.60", "7545.5980"]
    assert [str(rows["printed"][n]) for n in (gep, exact, each)] == ["7545.59", "7545.59", "71.18"]


def test_the_classes_of_the_three_totals(account: Account) -> None:
    """632.6488 + 6842.2823 + 70.6669 as printed by line; 632.64 + 6842.28 + 70.67 by group."""
    rows = {str(row[0]): [str(cell) for cell in row[3:6]] for row in tables.totals(account).rows}

    assert rows["lines_as_printed"] == ["632.6488", "6842.2823", "70.6669"]
    assert rows["printed"] == ["632.64", "6842.28", "70.67"]


def test_the_reason_for_the_gap_is_computed(account: Account) -> None:
    """Oxygen +2.852 from 3 printed digits, carbon +0.445 from 2, of +3.352 in all."""
    oxygen, carbon = totals.parted_lines(account)

    assert (oxygen.name.en, yi(oxygen.difference), oxygen.printed_digits) == (
        "oxygen release", "2.852", 3,
    )  # fmt: skip
    assert (carbon.name.en, yi(carbon.difference), carbon.printed_digits) == (
        "carbon sequestration", "0.445", 2,
    )  # fmt: skip
    assert "+3.352" in tables.totals(account).notes[0].en


def test_the_hundredth_is_a_cut_subtotal(account: Account) -> None:
    """产品提供 prints 632.64 where its lines add up to 632.6488: cut, not rounded."""
    (products,) = totals.parted_groups(account)

    assert (products.name.zh, str(totals.decimal(products.printed))) == ("产品提供", "632.64")
    assert products.lines == 63_264_880_000
    assert products.cut


def test_values_by_type_are_compared_and_never_enter_the_run(account: Account) -> None:
    """Columns differ by +0.01, -0.03, 0.001, 0.002; sand adds to 2.283 for 2.28: all inside."""
    assert account.by_type
    columns = account.by_type.type_differences()
    groups = account.by_type.group_differences()

    assert {each.name: yi(each.difference) for each in columns if each.difference} == {
        "forest": "0.010", "shrub": "0.010", "grassland": "0.010", "wetland": "-0.030",
        "town": "-0.001", "glacier": "-0.002",
    }  # fmt: skip
    assert {each.name: yi(each.difference) for each in groups if each.difference} == {
        "防风固沙": "-0.003"
    }
    assert all(each.within_half_units for each in columns + groups)
    assert {line.cell.ecosystem_type for line in account.lines} == {"all"}


def test_physical_quantities_by_type_are_not_published(account: Account) -> None:
    """They are said to be so, and never prorated; net outputs have no quantity at all."""
    statement = tables.physical(account)
    rows = {row[4]: row for row in statement.rows}

    assert "not published" in statement.notes[0].en
    assert rows["crops"][7:10] == (None, "", "not published")


def test_typed_digits_are_kept(account: Account) -> None:
    """6.00 亿m3 stays 6.00, 95.30 stays 95.30, the price 7.06 stays 7.06."""
    rows = {row[4]: row for row in tables.monetary(account).rows}

    assert [str(cell) for cell in rows["flood-mitigation/marshes"][7:12]] == [
        "6.00", "亿m3", "7.06", "CNY/m3", "42.3600",
    ]  # fmt: skip
    assert str(rows["hydropower"][7]) == "95.30"


def test_no_float_reaches_a_statement(account: Account) -> None:
    """Cells are Decimal, str, int or None."""
    for statement in dossier.statements(account).values():
        for row in (*statement.rows, *statement.totals):
            assert len(row) == len(statement.columns)
            assert all(isinstance(cell, Decimal | str | int | None) for cell in row)


def test_a_published_account_names_an_edition_that_never_changes() -> None:
    """The digest of garze-2010, edition 2010, is pinned: a change is a new edition."""
    assert pack.load("garze-2010", "2010").digest == (
        "600f4d3688ed5a25e9fe249eb140803c3e091036e2b75459f0cdb594881cb89d"
    )


def test_the_dossier_is_the_same_bytes_every_time(tmp_path: Path, account: Account) -> None:
    """Two runs, two folders, the same files to the last byte, and no path of this machine."""
    again = run.run(case.read(GARZE / "case.toml"), pack.load("garze-2010", "2010"))
    one, two = tmp_path / "one", tmp_path / "two"
    first = {
        each.relative_to(one): each.read_bytes() for each in dossier.write(account, one, GARZE)
    }
    second = {each.relative_to(two): each.read_bytes() for each in dossier.write(again, two, GARZE)}

    assert first == second
    assert sorted(str(each) for each in first) == [
        "account.json", "account.xlsx", "by_type.csv", "dossier.json", "indicators.csv",
        "inputs/case.toml",
        "inputs/published.csv", "inputs/published_by_type.csv", "inputs/readings.csv",
        "monetary.csv", "pack.json", "physical.csv", "totals.csv",
    ]  # fmt: skip
    assert not any(str(tmp_path).encode() in content for content in first.values())


def test_lines_and_sums_serve_a_chart(account: Account) -> None:
    """Classes and groups both add up to GEP."""
    assert sum(account.class_sums().values()) == pytest.approx(account.gep_cny)
    assert sum(account.group_sums().values()) == pytest.approx(account.gep_cny)
    assert account.gep_cny == pytest.approx(7548.9501e8, rel=1e-8)
    assert account.population == 1_060_000
