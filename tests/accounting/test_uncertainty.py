"""Bands an auditor can check with a pencil, and what every simulation must keep."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounting import case, pack, run
from accounting.method import Array, Source
from accounting.uncertainty import band, contribution, distribution, ranges, statements, term
from accounting.uncertainty.distribution import Distribution
from accounting.uncertainty.ranges import OtherAccount
from accounting.uncertainty.simulation import (
    DRAWS_MIN,
    Input,
    Readings,
    Shared,
    Simulation,
    Term,
    TooFewDraws,
    simulate,
)
from benchmarks.gep import county_case
from benchmarks.gep.county import QUICK
from ledger.core.errors import InputRefused
from ledger.statements.statement import Label

GARZE = Path(__file__).parents[2] / "examples" / "garze-2010"
NAME = Label("名", "name")
STILL = Distribution("normal", (0.0,), Source("a certificate", tag="R"))
WIDE = Distribution("lognormal", (0.2,), why="made up")
RESERVOIR = Shared("reservoir", NAME, 7.06, WIDE)


def value(readings: Mapping[str, Array], parameters: Mapping[str, Array]) -> Array:
    """V = Q × p."""
    return readings["quantity"] * parameters["price"]


def a_term(
    quantity: list[float],
    spread: Distribution = STILL,
    price: Shared = RESERVOIR,
    service: str = "retention",
    year: int = 2020,
) -> Term:
    """One service in some cells."""
    names = tuple(f"{service}/{cell}/{year}" for cell in range(len(quantity)))
    read = Readings(service, NAME, names, np.array(quantity), (spread,) * len(quantity))
    return Term(service, year, True, value, {"quantity": read}, {"price": price})


def drawn(*terms: Term, seed: int = 1) -> Simulation:
    """Draw some terms."""
    return simulate(terms, DRAWS_MIN, seed)


def test_the_band_of_a_price_is_that_of_its_distribution() -> None:
    """100 m3 at 2 CNY, 20 % lognormal about a mean of 1: P5 = 200 exp(-1.645 s - s²/2)."""
    price = replace(RESERVOIR, centre=2.0)
    (year,) = band.of(drawn(a_term([40, 60], price=price)), "x").gep.values()
    s = np.sqrt(np.log(1.04))

    assert year.estimate == 200
    assert year.mean == pytest.approx(200, rel=0.01)
    assert year.p5 == pytest.approx(200 * np.exp(-1.6449 * s - s**2 / 2), rel=0.01)
    assert year.p95 == pytest.approx(200 * np.exp(1.6449 * s - s**2 / 2), rel=0.01)


def test_one_reservoir_price_drives_two_services_as_one() -> None:
    """Retention and flood move together: their bands add up, and the price is one input."""
    both = band.of(drawn(a_term([10]), a_term([5], service="flood")), "x")
    retention, flood = both.services["retention", 2020], both.services["flood", 2020]
    (price,) = (each for each in both.gep_from[2020] if each.shown)

    assert both.gep[2020].p95 == pytest.approx(retention.p95 + flood.p95)
    assert price.input == "parameter/reservoir"
    assert price.share == pytest.approx(1)


def test_two_prices_that_are_not_shared_do_not_add_their_bands() -> None:
    """The sum of two independent figures is narrower than the sum of their bands."""
    other = replace(RESERVOIR, name="dredging")
    both = band.of(drawn(a_term([10]), a_term([10], price=other, service="silt")), "x")
    parts = sum(each.p95 - each.p5 for each in both.services.values())

    assert both.gep[2020].p95 - both.gep[2020].p5 == pytest.approx(parts / np.sqrt(2), rel=0.03)


def test_an_unchanged_region_has_not_changed_however_unsure_its_price() -> None:
    """The same quantities in two years, priced by the same draws: the change is nought in each."""
    two = band.of(drawn(a_term([10]), a_term([10], year=2021)), "x").changes[2020, 2021]

    assert (two.p5, two.p50, two.p95, two.larger_than_noise) == (0, 0, 0, False)


def test_readings_are_redrawn_each_year() -> None:
    """10 % normal in either year: the change has sqrt 2 of its spread, 14.1 of 100."""
    spread = Distribution("normal", (0.1,), why="made up")
    price = Shared("one", NAME, 1.0, STILL)
    one, other = a_term([100], spread, price), a_term([100], spread, price, year=2021)
    found = band.of(drawn(one, other), "x")

    assert found.changes[2020, 2021].p95 == pytest.approx(1.6449 * 10 * np.sqrt(2), rel=0.04)
    shares = {each.input: each.share for each in found.changes_from[2020, 2021] if each.shown}
    assert shares == {
        "reading/retention/2020": pytest.approx(0.5, abs=0.03),
        "reading/retention/2021": pytest.approx(0.5, abs=0.03),
    }


def test_a_growth_beyond_its_noise_is_one() -> None:
    """100 to 150 with 10 % readings: 50 ± 1.64 × 18."""
    spread = Distribution("normal", (0.1,), why="made up")
    found = band.of(drawn(a_term([100], spread), a_term([150], spread, year=2021)), "x")

    assert found.changes[2020, 2021].larger_than_noise


def test_variance_is_shared_out_as_the_squares_of_the_spreads() -> None:
    """3 and 4 beside each other: 9/25 and 16/25; the second is assumed, the first certified."""
    random = np.random.default_rng(5)
    three, four = 3 * random.standard_normal(50_000), 4 * random.standard_normal(50_000)
    inputs = {
        "three": Input(NAME, frozenset({"R"}), three),
        "four": Input(NAME, frozenset({"R", "assumed"}), four),
        "idle": Input(NAME, frozenset({"assumed"}), np.ones(50_000)),
    }
    found = contribution.contributions(inputs, three + four)
    shares = {each.input: each.share for each in found}

    assert shares == {
        "four": pytest.approx(0.64, abs=0.02), "three": pytest.approx(0.36, abs=0.02), "idle": 0,
    }  # fmt: skip
    assert contribution.assumed_share(found) == shares["four"]
    assert [each.input for each in found] == ["four", "three", "idle"]


def test_the_same_seed_gives_the_same_numbers_in_any_order() -> None:
    """Terms and cells may come in any order and company; another seed gives others."""
    spread = Distribution("triangular", (0.5, 1.5), why="made up")
    one, other = a_term([1, 2, 3], spread), a_term([4], spread, service="flood")
    forth, back = drawn(one, other), drawn(other, one)
    read = one.readings["quantity"]
    cells = [
        replace(one, readings={"quantity": Readings(
            read.quantity, NAME, (read.names[at],), read.centre[[at]], (spread,))})
        for at in range(3)
    ]  # fmt: skip

    for place, values in forth.services.items():
        np.testing.assert_array_equal(values, back.services[place])
    apart = drawn(*cells).services["retention", 2020]
    np.testing.assert_allclose(apart, forth.services["retention", 2020], rtol=1e-14)
    assert (drawn(one, seed=2).totals[2020] != drawn(one, seed=1).totals[2020]).all()


def test_blocks_do_not_show() -> None:
    """Thirty cells take several blocks; each cell is drawn once and added once."""
    quantities = [float(each) for each in range(1, 31)]
    found = drawn(a_term(quantities, price=Shared("one", NAME, 1.0, STILL)))

    np.testing.assert_allclose(found.totals[2020], sum(quantities), rtol=1e-14)
    assert found.estimated_totals[2020] == sum(quantities)


def test_memo_lines_have_a_band_and_do_not_enter_gep() -> None:
    """Oxygen is drawn and shown; neither GEP nor its sources know it."""
    oxygen = replace(a_term([5], service="oxygen"), counted=False)
    found = band.of(drawn(a_term([10]), oxygen), "x")

    assert found.gep[2020].estimate == pytest.approx(70.6)
    assert found.services["oxygen", 2020].estimate == pytest.approx(35.3)
    assert {each.input for each in found.gep_from[2020]} == {
        "parameter/reservoir", "reading/retention/2020",
    }  # fmt: skip


SHAPES = [
    (Distribution("normal", (0.1,)), 1, 0.1),
    (Distribution("lognormal", (0.5,)), 1, 0.5),
    (Distribution("triangular", (0.8, 1.2)), 1, 0.4 / np.sqrt(24)),
    (Distribution("triangular", (0.7, 2.0)), 3.7 / 3, np.sqrt((1.69 - 0.3) / 18)),
    (Distribution("uniform", (0.9, 1.3)), 1.1, 0.4 / np.sqrt(12)),
]


@pytest.mark.parametrize(("shape", "mean", "deviation"), SHAPES)
def test_each_shape_has_its_mean_and_its_spread(
    shape: Distribution, mean: float, deviation: float
) -> None:
    """By the textbook: a triangle's variance is (a² + b² + c² - ab - ac - bc) / 18."""
    out = np.empty(200_000)
    shape.fill(np.random.default_rng(3), out)

    assert out.mean() == pytest.approx(mean, rel=0.01)
    assert out.std() == pytest.approx(deviation, rel=0.02)


def test_no_area_is_drawn_below_nothing() -> None:
    """A normal factor is cut off on both sides alike: none is negative, the mean stays 1."""
    out = np.empty(200_000)
    Distribution("normal", (0.9,)).fill(np.random.default_rng(3), out)

    assert out.min() > 0
    assert out.mean() == pytest.approx(1, abs=0.01)


def test_fewer_than_ten_thousand_draws_are_refused() -> None:
    """9,999 are too few."""
    with pytest.raises(TooFewDraws) as refused:
        simulate([a_term([1])], DRAWS_MIN - 1, 1)

    assert refused.value.facts() == {"draws": 9_999, "least": 10_000}


@given(
    quantity=st.lists(
        st.just(0.0) | st.floats(min_value=1e-9, max_value=1e9), min_size=1, max_size=3
    ),
    times=st.sampled_from([0.5, 2.0, 64.0]),
)
@settings(max_examples=15)
def test_draws_are_linear_in_price_and_shares_sum_to_one(
    quantity: list[float], times: float
) -> None:
    """Twice the price, twice every draw, the same shares."""
    spread = Distribution("normal", (0.1,), why="made up")
    one = drawn(a_term(quantity, spread))
    more = drawn(a_term(quantity, spread, replace(RESERVOIR, centre=7.06 * times)))
    shares = [sum(x.share for x in band.of(each, "x").gep_from[2020]) for each in (one, more)]

    np.testing.assert_allclose(more.totals[2020], one.totals[2020] * times, rtol=1e-13)
    assert shares == pytest.approx([1, 1] if any(quantity) else [0, 0])


def test_the_shipped_case_is_drawn_as_it_is_run() -> None:
    """Garzê: the estimate of every service is the run's, and the reservoir price is one input."""
    found, whole = case.read(GARZE), pack.load("garze-2010")
    account = run.run(found, whole)
    shapes = distribution.load()
    unsure = band.of(simulate(term.terms(found, whole, shapes, [2010]), DRAWS_MIN, 7), shapes.id)
    reservoir = [each for each in unsure.gep_from[2010] if "7.06 CNY/m3" in each.label.en]

    assert {(x.service, 2010): x.value_cny for x in account.lines} == pytest.approx(
        {place: each.estimate for place, each in unsure.services.items()}
    )
    assert unsure.gep[2010].estimate == pytest.approx(account.gep_cny)
    assert len(reservoir) == 1
    assert reservoir[0].share > 0.1
    assert contribution.assumed_share(unsure.gep_from[2010]) == pytest.approx(1)
    assert "100.0 %" in statements.sources(account, unsure).notes[0].en
    shown = statements.bands(account, unsure)
    assert [len(row) for row in (*shown.rows, *shown.totals)] == [len(shown.columns)] * 29


def test_models_and_the_prices_of_each_year_are_drawn_as_they_are_run(tmp_path: Path) -> None:
    """Water rests on four readings in a model, and has a price of its own in either year."""
    found = case.read(county_case.write(tmp_path, QUICK))
    under = found.under()
    drawn = simulate(term.terms(found, under, distribution.load(), found.years), 10_000, 3)

    for year in found.years:
        account = run.run(found, under, year)
        assert drawn.estimated_totals[year] == pytest.approx(account.gep_cny)
        assert drawn.totals[year].mean() == pytest.approx(account.gep_cny, rel=0.05)


def test_what_is_not_estimated_is_not_drawn() -> None:
    """Without its lakes, the line is nought, as the account's total leaves it out."""
    found, whole = case.read(GARZE), pack.load("garze-2010")
    lakes = {
        place: replace(each, status="not estimated", figure=None)
        if place[0] == "lake_flood_storage" else each
        for place, each in found.readings.items()
    }  # fmt: skip
    without = replace(found, readings=lakes)
    simulation = simulate(term.terms(without, whole, distribution.load(), [2010]), DRAWS_MIN, 7)

    assert not simulation.services["flood-mitigation/lakes", 2010].any()
    assert simulation.estimated_totals[2010] == pytest.approx(run.run(without, whole).gep_cny)
    with pytest.raises(InputRefused):
        list(term.terms(replace(found, readings={}), whole, distribution.load(), [2010]))


def test_the_choice_of_method_is_a_range_over_packs() -> None:
    """Two packs of one case side by side; a service that one lacks has one figure only."""
    found, whole = case.read(GARZE), pack.load("garze-2010")
    lean = replace(
        whole, id="lean",
        lines=tuple(
            replace(x, counts_in="memo") if x.service == "oxygen" else x for x in whole.lines
        ),
    )  # fmt: skip
    accounts = [run.run(found, each) for each in (whole, lean)]
    spans = {each.service: each for each in ranges.over_packs(accounts)}
    oxygen, gep = spans["oxygen"], spans["gep"]

    assert oxygen.values["lean 2010"] is None
    assert oxygen.lowest == oxygen.highest == pytest.approx(1824.77e8)
    assert gep.highest - gep.lowest == pytest.approx(1824.77e8)
    assert len(tuple(statements.ranges(tuple(spans.values())).rows)) == 29
    with pytest.raises(OtherAccount):
        ranges.over_packs([accounts[0], replace(accounts[1], year=2011)])


def test_a_range_has_every_pack_that_can_value_the_case() -> None:
    """Under a pack of one line, the case is also valued by the shipped pack, and GEP spans both."""
    found, whole = case.read(GARZE), pack.load("garze-2010")
    (water,) = (each for each in whole.lines if each.service == "water-retention")
    lean = replace(whole, id="lean", lines=(water,))
    accounts = ranges.under_packs(found, 2010, lean)
    *_, gep = ranges.over_packs(accounts)

    assert {"lean 2010", "garze-2010 2010"} <= set(gep.values)
    assert gep.values["lean 2010"] == pytest.approx(2269.7194e8)
    assert gep.values["garze-2010 2010"] == pytest.approx(run.run(found, whole).gep_cny)
    said = statements.statements_of(found, accounts[0], DRAWS_MIN, 1)
    assert "range" in said


DEFAULTS = """
id = "x"
title = { zh = "例", en = "example" }
[[distribution]]
of = "parameter"
kind = "triangular"
low = "0.8"
high = "1.2"
source = { document = "a paper", tag = "R" }
[[distribution]]
of = "reading"
kind = "normal"
cv = "0.05"
assumed = "made up"
"""
MORE = '[[distribution]]\nof = "reading"\nkind = "normal"\n'
WRONG = [
    (DEFAULTS + MORE, "distribution.no-source", "source"),
    (DEFAULTS + MORE + 'cv = "wide"\nassumed = "x"', "distribution.not-a-number", "cv"),
    (DEFAULTS + MORE + 'cv = "-1"\nassumed = "x"', "distribution.out-of-range", "cv"),
    (DEFAULTS + MORE + 'cv = "1"\nassumed = "x"\nservice = "a"', "distribution.unknown-field",
     "service"),
    (DEFAULTS + '[[distribution]]\nof = "reading"\nkind = "cauchy"', "distribution.unknown-kind",
     "kind"),
    (DEFAULTS + '[[distribution]]\nof = "weather"', "distribution.unknown-object", "of"),
    (DEFAULTS.replace('"0.8"', '"1.1"'), "distribution.out-of-range", "low"),
    (DEFAULTS.replace('tag = "R"', 'tag = "X"'), "distribution.unknown-tag", "source"),
    (DEFAULTS.replace("reading", "parameter"), "distribution.no-default", "reading"),
    ("id = 1 2", "distribution.unreadable", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "field"), WRONG)
def test_distributions_that_say_too_little_are_refused(
    tmp_path: Path, text: str, code: str, field: str | None
) -> None:
    """Neither a source nor `assumed`, no number, no such shape: each with its code and place."""
    path = tmp_path / "shapes.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputRefused) as refused:
        distribution.load(path)

    assert (code, field) in [(each.code, each.field) for each in refused.value.findings]


def test_the_last_row_that_fits_holds(tmp_path: Path) -> None:
    """A row for one status stands after the row for all readings."""
    path = tmp_path / "shapes.toml"
    path.write_text(DEFAULTS + MORE + 'status = "modelled"\ncv = "0.3"\nassumed = "x"', "utf-8")
    shapes = distribution.load(path)

    assert shapes.find("reading", quantity="q", status="measured").numbers == (0.05,)
    assert shapes.find("reading", quantity="q", status="modelled").numbers == (0.3,)
    assert shapes.find("parameter", name="price", unit="CNY").tag == "R"
    assert {row.distribution.tag for row in distribution.load().rows} == {"assumed"}
