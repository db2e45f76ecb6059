"""Three series, by hand: current, fixed and deflated prices, and what may not stand in them."""

from pathlib import Path

import pytest

from accounting import case, series, span
from accounting.series import MixedPriceYears, NoBaseYear, NoPriceYear, Series
from ledger.core.errors import InputRefused
from tests.accounting import hand
from tests.accounting.hand import COUNTY, READINGS, A

LATER = (
    f"{A},forest,2021,water_retained,1200,m3,modelled,x",
    f"{A},all,2021,net_output_agriculture,1100,元,measured,x",
    f"{A},all,2021,visits,50,人次,measured,x",
)
INDEX = (
    f"{COUNTY},all,2020,consumer_price_index,500,1,measured,x",
    f"{COUNTY},all,2021,consumer_price_index,550,1,measured,x",
)


PRICES = ("water,2020,2,CNY/m3,x", "water,2021,3,CNY/m3,x")


def of(
    folder: Path, *readings: str, base: int | None = None, pack: str = hand.PACK,
    prices: tuple[str, ...] = PRICES,
) -> Series:  # fmt: skip
    """Return the series of 2020 and 2021, from the readings of A alone."""
    own = (*(each for each in READINGS if each.startswith(A)), *LATER, *readings)
    found = case.read(hand.write(folder, own, (2020, 2021), pack, prices=prices))
    made = span.of(found, found.under(), (2020, 2021))
    return series.of(made.accounts, series.index(found), base)


def test_three_series_of_one_service(tmp_path: Path) -> None:
    """1000 m3 at 2 CNY, then 1200 at 3, while prices rise by 10 %: 3600, 2400 and 3272.73 CNY."""
    water = {kind: of(tmp_path, *INDEX).values[kind]["water"] for kind in series.KINDS}

    assert water["current"] == (2000, 3600)
    assert water["fixed"] == (2000, 2400)
    assert water["deflated"] == pytest.approx((2000, 3600 / 1.1))


def test_the_base_may_be_any_year(tmp_path: Path) -> None:
    """At prices of 2021 the 1000 m3 of 2020 are worth 3000 CNY, and deflated 2200."""
    found = of(tmp_path, *INDEX, base=2021)

    assert found.values["fixed"]["water"] == (3000, 3600)
    assert found.values["deflated"]["water"] == pytest.approx((2200, 3600))
    with pytest.raises(NoBaseYear):
        of(tmp_path, *INDEX, base=2019)


def test_a_price_of_another_year_is_carried_by_the_index_and_said_so(tmp_path: Path) -> None:
    """50 visits at the 10 CNY of 2020 are 550 CNY in 2021; at fixed prices still 500."""
    found = of(tmp_path, *INDEX)

    assert found.values["current"]["recreation/visits"] == pytest.approx((500, 550))
    assert found.values["fixed"]["recreation/visits"] == pytest.approx((500, 500))
    assert found.carried == ("recreation/visits",)


def test_a_value_without_a_price_is_at_fixed_prices_what_it_is_deflated(tmp_path: Path) -> None:
    """1100 CNY of crops are 1000 of 2020, and the statement names them."""
    found = of(tmp_path, *INDEX)

    assert found.values["fixed"]["crops"] == found.values["deflated"]["crops"]
    assert found.values["fixed"]["crops"] == pytest.approx((300, 1000))
    assert found.without_price == ("crops",)
    assert any("crops" in note.en for note in series.statement(found).notes)


def test_gep_and_its_growth_in_each_series(tmp_path: Path) -> None:
    """2800 CNY grow to 3600 + 1100 + 550; at fixed prices to 2400 + 1000 + 500."""
    found = of(tmp_path, *INDEX)

    assert found.gep("current") == pytest.approx((2800, 5250))
    assert found.growth("fixed") == pytest.approx((3900 / 2800 - 1,))
    assert [str(row[-1]) for row in series.growth_statement(found).rows if row[1] == "gep"] == [
        "87.50", "39.29", "70.45",
    ]  # fmt: skip


def test_without_an_index_what_needs_it_is_not_given(tmp_path: Path) -> None:
    """Water has its own prices; the rest, and so GEP, is unknown in 2021."""
    found = of(tmp_path)

    assert found.values["fixed"]["water"] == (2000, 2400)
    assert found.values["current"]["recreation/visits"] == (500, None)
    assert found.gep("current") == (2800, None)
    assert found.no_index == (2020, 2021)


def test_what_was_not_estimated_is_left_out_and_grows_into_nothing(tmp_path: Path) -> None:
    """Water was not estimated in 2021: no value, no growth, and the tables say so."""
    lacking = f"{A},forest,2021,water_retained,,m3,not estimated,x"
    own = (*(each for each in READINGS if each.startswith(A)), lacking, *LATER[1:], *INDEX)
    read = case.read(hand.write(tmp_path, own, (2020, 2021), prices=PRICES))
    made = span.of(read, read.under(), (2020, 2021))
    found = series.of(made.accounts, series.index(read))

    assert found.values["fixed"]["water"] == (2000, None)
    assert found.gep("current") == pytest.approx((2800, 1650))
    assert found.growth("current") == found.growth("fixed", "water") == (None,)
    assert found.growth("current", "crops") == pytest.approx((1100 / 300 - 1,))
    for name in ("series", "series_growth", "monetary", "services_by_year"):
        said = [note.en for note in span.statements(made)[name].notes]
        assert "2021: Totals leave out, not estimated: water retention." in said, name


def test_a_service_that_is_never_estimated_hinders_no_growth(tmp_path: Path) -> None:
    """What both years leave out alike, their growth leaves out too."""
    never = [f"{A},forest,{year},water_retained,,m3,not estimated,x" for year in (2020, 2021)]
    own = (*(x for x in READINGS[1:] if x.startswith(A)), *LATER[1:], *never, *INDEX)
    read = case.read(hand.write(tmp_path, own, (2020, 2021), prices=PRICES))
    found = series.of(span.of(read, read.under(), (2020, 2021)).accounts, series.index(read))

    assert found.gep("current") == pytest.approx((800, 1650))
    assert found.growth("current") == pytest.approx((1650 / 800 - 1,))


def test_a_price_without_a_year_is_refused(tmp_path: Path) -> None:
    """In the list of the case by its row; in a pack, whatever the price is called."""
    with pytest.raises(InputRefused) as refused:
        of(tmp_path, prices=("water,,2,CNY/m3,x",))
    fertility = """
[[line]]
service = "soil"
name = { zh = "土壤", en = "soil" }
group = "水"
class = "regulating"
counts_in = "gep"
seea = "2.6"
method = "recreation/expenditure"
quantity = "visits"
bind.visits = "given"
expenditure = { value = "5", unit = "CNY/visit" }
ecosystem_share = { value = "1", unit = "1" }
"""
    with pytest.raises(NoPriceYear) as without:
        of(tmp_path, pack=hand.PACK + fertility)

    assert [(x.file, x.row, x.field, x.code) for x in refused.value.findings] == [
        ("prices.csv", 2, "year", "price.no-year")
    ]
    assert (without.value.service, without.value.parameter) == ("soil", "expenditure")


IONS = """
[[line]]
service = "ions"
name = { zh = "负离子", en = "ions" }
group = "水"
class = "regulating"
counts_in = "gep"
seea = "none"
method = "negative-ions/value"
bind.ion_concentration = "given"
bind.ion_threshold = "coefficient"
bind.area = "given"
bind.stand_height = "given"
bind.ion_lifetime = "coefficient"
bind.ion_price = "coefficient"
"""


def test_a_price_that_the_case_itself_reads_is_of_its_year(tmp_path: Path) -> None:
    """The shelf's price of ions is of 2008; read for 2020 and 2021 by the case, it is of these."""
    stands = tuple(
        f"{A},forest,{year},{name},{value},{unit},measured,x"
        for year in (2020, 2021)
        for name, value, unit in (("ion_concentration", "1000", "piece/cm3"),
                                  ("area", "1", "hm2"), ("stand_height", "10", "m"))
    )  # fmt: skip
    read = tuple(f"{A},forest,{year},ion_price,6e-18,CNY/piece,measured,x" for year in (2020, 2021))
    ours = of(tmp_path, *INDEX, *stands, *read, pack=hand.PACK + IONS)
    shelf = of(tmp_path, *INDEX, *stands, pack=hand.PACK + IONS)

    assert "ions" not in ours.carried
    assert ours.values["current"]["ions"][0] == pytest.approx(
        400 * 1e6 * 10**4 * 10 * 525600 / 10 * 6e-18
    )
    assert "ions" in shelf.carried
    assert shelf.values["current"]["ions"] == (None, None), "no index of 2008"


def test_a_price_in_a_unit_that_is_taken_for_granted_is_taken(tmp_path: Path) -> None:
    """20 CNY a person (人) stand in place of the pack's 10 CNY a visit; dollars are refused."""
    prices = ("recreation/visits,2020,20,元/人,x", "recreation/visits,2021,30,元/人,x")
    found = of(tmp_path, *INDEX, prices=prices)

    assert found.values["current"]["recreation/visits"] == (1000, 1500)
    assert found.values["fixed"]["recreation/visits"] == (1000, 1000)
    with pytest.raises(InputRefused):
        of(tmp_path, *INDEX, prices=("recreation/visits,2020,20,USD/visit,x",))


def test_money_of_two_years_in_one_service_is_refused(tmp_path: Path) -> None:
    """A wage of the year beside an expenditure of 2019 cannot be carried by one ratio."""
    both = """
[[line]]
service = "travel"
name = { zh = "旅行", en = "travel" }
group = "旅游"
class = "cultural"
counts_in = "gep"
seea = "3.1"
method = "recreation/travel-cost-individual"
quantity = "visits"
bind.visits = "given"
bind.wage = "given"
expenditure = { value = "5", unit = "CNY/visit", price_year = 2019 }
travel_time = { value = "1", unit = "h/visit" }
time_share = { value = "0.3", unit = "1" }
ecosystem_share = { value = "1", unit = "1" }
"""
    wages = tuple(f"{A},all,{year},wage,20,元/h,measured,x" for year in (2020, 2021))
    with pytest.raises(MixedPriceYears) as refused:
        of(tmp_path, *wages, pack=hand.PACK + both)

    assert refused.value.price_years == (2019, 2020)


BROKEN = [
    ("air,2020,2,CNY/m3,x", "service", "price.unknown-service"),
    ("crops,2020,2,CNY/m3,x", "service", "price.unknown-service"),
    ("water,2019,2,CNY/m3,x", "year", "price.unknown-year"),
    ("water,2020,two,CNY/m3,x", "price", "figure.not-a-number"),
    ("water,2020,-2,CNY/m3,x", "price", "price.negative"),
    ("water,2020,2,CNY/kWh,x", "unit", "unit.dimension"),
    ("water,2020,2,CNY/m3,", "source", "price.no-source"),
]


@pytest.mark.parametrize(("row", "field", "code"), BROKEN)
def test_a_broken_price_is_refused(tmp_path: Path, row: str, field: str, code: str) -> None:
    """With its file, row and field."""
    with pytest.raises(InputRefused) as refused:
        of(tmp_path, prices=(row,))

    found = {(each.file, each.row, each.field, each.code) for each in refused.value.findings}
    assert found == {("prices.csv", 2, field, code)}
