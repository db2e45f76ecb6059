"""Draws where a formula gives nothing, and of what nobody estimated (decision 0064)."""

from pathlib import Path

import numpy as np
import pytest

from accounting import case, run
from accounting.uncertainty import distribution, statements, term
from accounting.uncertainty.simulation import DRAWS_MIN, simulate
from tests.accounting import hand

SAND = """
[[line]]
service = "sand"
name = { zh = "防风固沙", en = "sand" }
group = "水"
class = "regulating"
counts_in = "gep"
seea = "2.6"
method = "priced"
quantity = "sand_fixed"
bind.sand_fixed = "sand-fixation/rweq"
bind.weather_factor = "given"
bind.area = "given"
erodible_fraction = { value = "0.5", unit = "1" }
crust_factor = { value = "0.6", unit = "1" }
roughness_factor = { value = "0.4", unit = "1" }
wind_cover_factor = { value = "0.4", unit = "1" }
downwind_distance = { value = "50", unit = "m" }
price = { value = "2", unit = "CNY/t", price_year = 2020 }
"""


def test_a_draw_beyond_the_peak_of_wind_erosion_stays_at_the_estimate(tmp_path: Path) -> None:
    """A stands below the peak, and half of its draws beyond; B stands beyond, and is not drawn."""
    wind = [
        f"{region},forest,2020,{name},{value_},{unit},measured,x"
        for region, factor in ((hand.A, "500"), (hand.B, "525"))
        for name, value_, unit in (("weather_factor", factor, "kg/m"), ("area", "2", "hm2"))
    ]
    folder = hand.write(tmp_path, (*hand.READINGS, *wind), pack=hand.PACK + SAND)
    found = case.read(folder)
    account = run.run(found, found.under())
    said = statements.statements_of(found, account, DRAWS_MIN, 7)["uncertainty"]
    bands_ = {row[0]: row[3:] for row in (*said.rows, *said.totals)}
    simulated = simulate(
        term.terms(found, found.under(), distribution.load(), [2020]), DRAWS_MIN, 7
    )

    assert account.by_service[hand.A, "sand"].value_cny == pytest.approx(2 * 450.358527)
    assert account.by_service[hand.B, "sand"].value_cny is None
    assert simulated.estimates["sand", 2020] == pytest.approx(2 * 450.358527)
    assert np.isfinite(simulated.totals[2020]).all()
    assert (simulated.services["sand", 2020] > 0).all()
    assert all(each is not None for each in bands_["sand"])
    assert said.notes[-1].en == "2020: Totals leave out, not estimated: sand."


def test_a_service_without_any_estimate_has_no_band(tmp_path: Path) -> None:
    """Its row is empty, not nought, and a note names it."""
    readings = [x for x in hand.READINGS if "water" not in x]
    unknown = [f"{x},forest,2020,water_retained,,m3,not estimated,x" for x in (hand.A, hand.B)]
    found = case.read(hand.write(tmp_path, (*readings, *unknown)))
    account = run.run(found, found.under())
    said = statements.statements_of(found, account, DRAWS_MIN, 7)["uncertainty"]

    assert next(row[3:] for row in said.rows if row[0] == "water") == (None,) * 5
    assert said.notes[-1].zh == "2020年：合计不含未核算项：水源涵养。"
