"""Indicators by region, by hand, and what is said where a reading is missing."""

from pathlib import Path

import pytest

from accounting import case, indicators, run
from accounting.indicators import Indicators
from tests.accounting import hand
from tests.accounting.hand import COUNTY, A, B

CONTEXT = (
    f"{A},all,2020,population,4,人,measured,x",
    f"{B},all,2020,population,5,人,measured,x",
    f"{A},all,2020,gdp,1400,元,measured,x",
    f"{B},all,2020,gdp,3600,元,measured,x",
    f"{A},all,2020,land_area,2,km2,measured,x",
)


def of(folder: Path, *readings: str) -> dict[str, Indicators]:
    """Return the indicators of the case by hand by region."""
    found = case.read(hand.write(folder, (*hand.READINGS, *readings)))
    return {each.region: each for each in indicators.of(run.run(found, found.under()))}


def test_each_region_has_its_own_and_the_county_those_of_all(tmp_path: Path) -> None:
    """A: 2800 CNY on 2 km2, by 4 people, beside 1400 of GDP; 300 + 500 have become products."""
    found = of(tmp_path, *CONTEXT)
    a, county = found[A], found[COUNTY]

    assert (a.per_km2_cny, a.per_person_cny, a.ggi) == (1400, 700, 2)
    assert (a.conversion_cny, a.conversion_share) == pytest.approx((800, 800 / 2800))
    assert (county.per_person_cny, county.ggi) == pytest.approx((500, 0.9))
    assert county.conversion_cny == 300 + 700 + 500


def test_what_was_not_given_is_named_and_nothing_computed_from_it(tmp_path: Path) -> None:
    """Nobody read the land of B, so that the county has none either."""
    found = of(tmp_path, *CONTEXT)

    assert (found[B].per_km2_cny, found[B].not_given) == (None, ("land_area",))
    assert (found[COUNTY].per_km2_cny, found[COUNTY].not_given) == (None, ("land_area",))
    assert found[A].not_given == ()


def test_what_gep_leaves_out_is_named(tmp_path: Path) -> None:
    """The water of A was not estimated: its indicators say so, and the county's; B's do not."""
    readings = [x.replace("1000,m3,modelled", ",m3,not estimated") for x in hand.READINGS]
    account = run.run(found := case.read(hand.write(tmp_path, readings)), found.under())
    missing = {each.region: each.not_estimated for each in indicators.of(account)}

    assert missing == {A: ("water",), COUNTY: ("water",), B: ()}
    assert next(iter(indicators.statement(account).rows))[-1] == "water"


def test_a_case_without_context_has_a_gep_and_says_what_it_lacks(tmp_path: Path) -> None:
    """GEP and its conversion need nothing else."""
    a = of(tmp_path)[A]

    assert (a.gep_cny, a.conversion_cny) == (2800, 800)
    assert a.not_given == ("population", "land_area", "gdp")
    assert (a.per_person_cny, a.ggi) == (None, None)
