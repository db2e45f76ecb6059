"""Published deals and market figures: each row's verdict, every trap told, no file a crash."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from accounting.traded import days, deals, published, shares
from accounting.traded.verdict import STATUSES, Verdict
from api.cli import app
from ledger.core.errors import InputRefused

FOLDER = Path(__file__).parent / "published"
DAILY, PERIODIC = FOLDER / "cea_national_daily.csv", FOLDER / "cea_national_periodic.csv"
DEALS = FOLDER / "rights_deals.csv"


def row(rows: Iterable[Verdict], number: int, file: Path) -> Verdict:
    """Return the verdict on one row."""
    return next(each for each in rows if (each.row, each.file) == (number, file.name))


def said(verdict: Verdict) -> dict[str, tuple[str, str]]:
    """Return what each identity of a row came to."""
    return {each.what: (each.status, each.recomputed) for each in verdict.checks}


def written(path: Path, text: str) -> Path:
    """Write a table."""
    path.write_text(text, encoding="utf-8")
    return path


def test_every_deal_is_computed_booked_inferred_or_says_what_is_missing() -> None:
    """Twenty-three deals; no row is passed over, no published figure contradicts another."""
    found = published.check([DEALS])

    assert [found.count(each) for each in STATUSES] == [6, 4, 0, 3, 10, 0]
    assert found.faults == ()
    missing = {each.row: each.missing for each in found.rows if each.status == "not bookable"}
    assert missing == {
        4: ("volume",),
        10: ("date",), 11: ("date",), 12: ("date",), 13: ("date",),
        14: ("amount_cny", "price"), 17: ("volume",), 18: ("volume", "amount_cny", "price"),
        19: ("unit",), 24: ("volume", "amount_cny", "price"),
    }  # fmt: skip


def test_auctions_add_up() -> None:
    """Jingzhou to 188,000.90, Xianning to 2,712,900; Xiangshan is 2,340.1 × 106."""
    rows = published.check([DEALS]).rows

    assert said(row(rows, 6, DEALS))["4 items add up"] == ("checked", "188000.9")
    assert said(row(rows, 10, DEALS))["4 items add up"] == ("checked", "2712900")
    assert said(row(rows, 2, DEALS))["quantity × price = amount"] == ("computed", "248050.6")
    assert said(row(rows, 23, DEALS))["note: 3 x 500,000 x 0.728 ="] == ("checked", "1092000")


def test_the_market_is_one_history_over_both_files() -> None:
    """Closes follow from listings; 2021 + 2022 and two notices of 2023 meet to the cent."""
    found = published.check([DAILY, PERIODIC])
    close = "close = listing_amt ÷ listing_vol"

    assert said(row(found.rows, 2, DAILY))[close] == ("computed", "55.9")
    assert said(row(found.rows, 5, DAILY))[close][0] == "computed"
    assert said(row(found.rows, 11, DAILY))["cum_amt − ytd_amt = cum_amt at the end of 2023"] == (
        "checked", "24919150519.28",
    )  # fmt: skip
    assert said(row(found.rows, 3, PERIODIC))["cum_amt at the end of 2022"] == (
        "inferred", "10475234717.27",
    )  # fmt: skip
    assert said(row(found.rows, 7, PERIODIC))["cum_vol − ytd_vol = cum_vol at the end of 2025"] == (
        "checked", "864866520",
    )  # fmt: skip
    assert row(found.rows, 2, PERIODIC).status == "checked"


def test_traps_are_told() -> None:
    """A first fill that does not multiply, a mean above the day's high, wastewater per day."""
    found = published.check([DAILY, PERIODIC, DEALS])
    told = {(each.code, each.file, each.row) for each in found.findings}

    assert {
        ("market.figures-differ", DAILY.name, 3),
        ("market.composite-outside", DAILY.name, 11),
        ("market.unit-no-mass", DEALS.name, 19),
    } <= told
    assert [each.row for each in found.faults] == [3]


def test_a_sunday_and_a_total_that_shrinks_are_told(tmp_path: Path) -> None:
    """The page dated 2021-10-31 bears the cumulative total of an earlier day."""
    table = written(
        tmp_path / "days.csv",
        "date,market,total_vol_t,total_amt_cny,cum_vol_t,cum_amt_cny\n"
        "2021-10-28,CEA,100,4261.00,20000000,900000000.00\n"
        "2021-10-31,CEA,200,8522.00,19000000,850000000.00\n",
    )
    found = published.check([table])

    codes = [each.code for each in found.findings if each.row == 3]
    assert codes.count("market.no-trading-day") == 1
    assert codes.count("market.figures-differ") == 2
    assert row(found.rows, 3, table).status == "deviates"


def test_the_day_after_grows_by_exactly_what_was_traded(tmp_path: Path) -> None:
    """And its change in per cent is that of the closes: 58.00 to 57.77 is -0.40."""
    table = written(
        tmp_path / "days.csv",
        "日期,市场,收盘价,涨跌幅,总成交量,总成交额,累计成交量,累计成交额\n"
        "2022-03-14,CEA,58.00,,10,580.00,1000,50000.00\n"
        "2022-03-15,CEA,57.77,-0.40,20,1155.40,1020,51155.40\n"
        "2022-03-16,CEA,57.77,1.00,20,1155.40,1041,52310.80\n",
    )
    rows = published.check([table]).rows

    assert said(row(rows, 3, table))["cum_vol grows since 2022-03-14 by what was traded"] == (
        "checked", "20",
    )  # fmt: skip
    assert said(row(rows, 3, table))["chg_pct = close ÷ close before − 1"][0] == "checked"
    assert {status for status, _ in said(row(rows, 4, table)).values()} == {"deviates", "checked"}


def test_a_deal_that_does_not_multiply_is_a_fault_and_an_invented_one_counts_for_nothing(
    tmp_path: Path,
) -> None:
    """Exit 1, with the row; the synthetic row stands beside the counts."""
    table = written(
        tmp_path / "deals.csv",
        "right,date,volume,unit,price,price_unit,amount_cny,note\n"
        "carbon,2022-01-04,100,t,50.00,CNY/t,5100.00,\n"
        "carbon,2022-01-04,2万,t,50.00,CNY/t,100万,\n"
        "carbon,2022-01-04,100,t,50.00,CNY/t,5000.00,synthetic\n",
    )
    printed = CliRunner().invoke(app, ["market", "check", str(table), "--json"])
    found = json.loads(printed.stdout)

    assert printed.exit_code == 1
    assert found["counts"] == dict.fromkeys(STATUSES, 0) | {
        "computed": 1, "deviates": 1, "synthetic": 1,
    }  # fmt: skip
    assert [(each["code"], each["row"]) for each in found["findings"]] == [
        ("market.figures-differ", 2)
    ]


@pytest.mark.parametrize("name", ["compensation.csv", "key_zone_transfer_2020.csv"])
def test_the_other_tables_have_a_verdict_on_every_row(name: str) -> None:
    """Totals shared out are checked; examples on invented bases are synthetic."""
    found = published.check([FOLDER / name])
    lines = len(list(csv.reader(io.StringIO((FOLDER / name).read_text(encoding="utf-8")))))

    assert len(found.rows) == lines - 1
    assert found.synthetic == (9 if name.startswith("comp") else 0)
    assert found.faults == ()


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "\0\1\2", "date\n2021-01-01\n"])
def test_a_file_of_another_form_is_refused(tmp_path: Path, content: str) -> None:
    """With exit 2 and no traceback, as is one that is not there."""
    table = written(tmp_path / "x.csv", content)

    assert CliRunner().invoke(app, ["market", "check", str(table)]).exit_code == 2
    assert CliRunner().invoke(app, ["market", "check", str(tmp_path / "none.csv")]).exit_code == 2
    assert CliRunner().invoke(app, ["market", "check", str(tmp_path)]).exit_code == 2
    assert CliRunner().invoke(app, ["market", "check", *[str(DEALS)] * 2]).exit_code == 2
    with pytest.raises(InputRefused):
        published.check([table])


COLUMNS = (
    (*days.KNOWN, *days.COLUMNS), (*deals.KNOWN, *deals.COLUMNS),
    (*shares.SHARES, *shares.SHARE_COLUMNS), (*shares.EXAMPLES, *shares.EXAMPLE_COLUMNS),
)  # fmt: skip
ODD = (
    "0", "-1", "1e50", "0.00", "2.1亿", "16万t for 790万元 at 52.78", "3 x 0 = 0", "10 max; base x",
    "2021-10-31", "2021-13-45", "9999-12-31", "0001-01-01", "2021", "2021-01-01..2021-13-01",
    "year",
    "avg 5", "4 items sum to 1", "ytd 1 t / 2 yuan", "price derived", "rounded", "t/day", "合计",
    "composite", "listing", "-100", "1,234.5", "١٢",
)  # fmt: skip
cells = (
    st.sampled_from(ODD)
    | st.text(st.characters(exclude_characters="\0"), max_size=12)
    | st.decimals(allow_nan=False).map(str)
)


@given(st.sampled_from(COLUMNS).flatmap(
    lambda names: st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(names, cells)),
                           max_size=4).map(lambda rows: (names, rows))
))  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_whatever_the_cells_hold_every_row_has_a_verdict(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: tuple[tuple[str, ...], list[dict[str, str]]],
) -> None:
    """No cell, date or note makes it crash; what cannot be read books nothing."""
    names, rows = drawn
    path = tmp_path_factory.mktemp("odd") / "odd.csv"
    with path.open("w", encoding="utf-8", newline="", errors="replace") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(names)))
        writer.writeheader()
        writer.writerows(rows)
    found = published.check([path])

    assert {each.status for each in found.rows} <= set(STATUSES)
    assert all(each.missing for each in found.rows if each.status == "not bookable")
