"""Growth: a split an auditor can do by hand, and the laws every split obeys."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from accounting import growth
from accounting.growth import FACTORS, Growth, Line, NotRecomputable, Observed, YearsApart
from accounting.method import Array

FOREST = Line("513300", "forest", "water-retention")
SHAPE = (2, 2, 2)


def by_year(*years: float) -> Array:
    """Return one line whose figure depends on the year alone."""
    return np.broadcast_to(np.array(years, np.float64).reshape(2, 1, 1, 1), (*SHAPE, 1)).copy()


def observed(
    extent: Array,
    quantity: Array,
    price: Array,
    line: Line = FOREST,
    years: tuple[int, int] = (1, 2),
) -> Observed:
    """Two years of one line."""
    return Observed(years, (line,), extent, quantity, price)


def effects(split: Growth) -> list[float]:
    """Return the five effects over all lines."""
    return [round(each, 9) for each in split.total().values()]


def test_area_intensity_and_price_share_the_growth() -> None:
    """10 hm2 × 2 m3/hm2 × 1 to 20 × 3 × 2: 20 to 120.

    By hand, each effect is the change × (2 × both others ends + the mixed pairs) / 6:
    extent 10 × (2·2·1 + 2·3·2 + 2·2 + 3·1)/6 = 38.33, intensity 1 × (20 + 80 + 20 + 20)/6 = 23.33,
    price 1 × (40 + 120 + 30 + 40)/6 = 38.33.
    """
    split = growth.split(observed(by_year(10, 20), by_year(20, 60), by_year(1, 2)))

    assert effects(split) == pytest.approx([38.333333333, 23.333333333, 38.333333333, 0, 0])
    assert (split.before[0], split.after[0]) == (20, 120)


def test_a_new_method_on_the_same_readings_is_method_alone() -> None:
    """The later standard finds 30 m3 where the earlier finds 20, in both years."""
    quantity = np.array([20.0, 30.0]).reshape(1, 2, 1, 1) * np.ones((*SHAPE, 1))
    split = growth.split(observed(by_year(10, 10), quantity, by_year(2, 2)))

    assert effects(split) == [0, 0, 0, 20, 0]


def test_a_wider_boundary_on_the_same_readings_is_boundary_alone() -> None:
    """A township joins: 10 hm2 become 15 at the same yield and price."""
    extent = np.array([10.0, 15.0]).reshape(1, 1, 2, 1) * np.ones((*SHAPE, 1))
    split = growth.split(observed(extent, extent * 2, by_year(3, 3)))

    assert effects(split) == [0, 0, 0, 0, 30]


def test_a_type_that_appears_grows_by_extent() -> None:
    """A new wetland of 5 hm2: nobody saw a yield before, so nothing is said to come from it."""
    split = growth.split(observed(by_year(0, 5), by_year(0, 50), by_year(2, 2)))

    assert effects(split) == [100, 0, 0, 0, 0]


@pytest.mark.parametrize(("factor", "place"), [("method", 3), ("boundary", 4)])
def test_a_service_of_one_year_only_goes_whole_to_what_it_names(
    factor: growth.Whole, place: int
) -> None:
    """The earlier year has no such service: 40 go to one factor, and the line is named."""
    quantity = by_year(20, 20)
    quantity[0] = np.nan
    line = replace(FOREST, whole=factor)
    split = growth.split(observed(by_year(10, 10), quantity, by_year(2, 2), line))

    assert effects(split) == [0] * place + [40] + [0] * (4 - place)
    assert split.whole == (line,)
    assert (split.before[0], split.after[0]) == (0, 40)


def test_what_the_other_method_cannot_compute_goes_whole_too() -> None:
    """Both years have a figure, each under its own method only: 40 to 70 is method."""
    quantity = by_year(20, 35)
    quantity[0, 1], quantity[1, 0] = np.nan, np.nan
    line = replace(FOREST, whole="method")
    split = growth.split(observed(by_year(10, 10), quantity, by_year(2, 2), line))

    assert effects(split) == [0, 0, 0, 30, 0]


def test_a_line_that_can_be_split_is_split_whatever_it_names() -> None:
    """Naming a factor is for what has gaps only."""
    line = replace(FOREST, whole="method")
    split = growth.split(observed(by_year(10, 20), by_year(10, 20), by_year(1, 1), line))

    assert (effects(split), split.whole) == ([10, 0, 0, 0, 0], ())


def test_a_gap_that_nobody_explains_is_refused() -> None:
    """The refusal names region, type and service."""
    quantity = by_year(20, 20)
    quantity[0] = np.nan
    with pytest.raises(NotRecomputable) as refused:
        growth.split(observed(by_year(10, 10), quantity, by_year(2, 2)))

    assert refused.value.facts() == {
        "region": "513300", "ecosystem_type": "forest", "service": "water-retention",
    }  # fmt: skip


def test_several_years_are_the_sum_of_the_annual_splits() -> None:
    """Up by price and down by price again is nought; a split end to end would say the same here."""
    up = growth.split(observed(by_year(10, 10), by_year(20, 30), by_year(1, 2), years=(2020, 2021)))
    down = growth.split(
        observed(by_year(10, 10), by_year(30, 30), by_year(2, 1), years=(2021, 2022))
    )
    both = growth.chained((up, down))

    assert (both.years, both.before[0], both.after[0]) == ((2020, 2022), 20, 30)
    assert effects(both) == pytest.approx([0, 15, 25 - 30, 0, 0])
    with pytest.raises(YearsApart):
        growth.chained((down, up))


FIGURES = st.floats(min_value=0, max_value=1e12, allow_subnormal=False).map(
    lambda each: each if each > 1e-6 else 0.0
)
POSITIVE = st.floats(min_value=1e-3, max_value=1e9)


@st.composite
def observations(draw: st.DrawFn) -> Observed:
    """Any two years of up to four lines, some with gaps, each saying where it would go whole."""
    count = draw(st.integers(min_value=1, max_value=4))
    shape = (*SHAPE, count)
    extent = draw(arrays.arrays(np.float64, shape, elements=POSITIVE))
    quantity = draw(arrays.arrays(np.float64, shape, elements=FIGURES))
    price = draw(arrays.arrays(np.float64, shape, elements=FIGURES))
    gaps = draw(arrays.arrays(np.bool_, shape, elements=st.just(value=False) | st.booleans()))
    gaps &= draw(arrays.arrays(np.bool_, (count,)))
    quantity[gaps] = np.nan
    wholes: tuple[growth.Whole, ...] = ("method", "boundary")
    lines = tuple(
        Line(draw(st.sampled_from(["a", "b"])), str(n), "s", draw(st.sampled_from(wholes)))
        for n in range(count)
    )
    return Observed((2020, 2021), lines, extent, quantity, price)


@given(observations())
def test_the_effects_sum_exactly(seen: Observed) -> None:
    """Line by line and over all, to what float64 can hold of the largest corner."""
    split = growth.split(seen)
    gap = np.abs(split.effects.sum(axis=0) - (split.after - split.before))

    assert (gap <= split.slack).all()
    regions = split.by(lambda line: line.region)
    for n, factor in enumerate(FACTORS):
        added = sum(each[factor] for each in regions.values())
        assert added == pytest.approx(float(split.effects[n].sum()), abs=float(split.slack.sum()))


@given(observations())
def test_swapping_the_years_flips_the_signs(seen: Observed) -> None:
    """What grew one way shrinks the other, factor by factor."""
    there = growth.split(seen)
    swapped = replace(
        seen, years=(2021, 2020), extent=seen.extent[::-1, ::-1, ::-1],
        quantity=seen.quantity[::-1, ::-1, ::-1], price=seen.price[::-1, ::-1, ::-1],
    )  # fmt: skip
    back = growth.split(swapped)

    assert (np.abs(there.effects + back.effects) <= there.slack).all()
    assert (there.before == back.after).all()


@given(observations())
def test_what_does_not_change_has_no_effect(seen: Observed) -> None:
    """With the same price in every corner, no growth is said to come from price."""
    same = replace(seen, price=np.broadcast_to(seen.price[:1, :1, :1], seen.price.shape))

    assert (np.abs(growth.split(same).effects[FACTORS.index("price")]) <= 0).all()


@given(observations(), st.sampled_from([0.5, 2.0, 1024.0]))
def test_growth_is_linear_in_price(seen: Observed, times: float) -> None:
    """Twice the prices, twice every effect: to the last bit, for a power of two."""
    twice = growth.split(replace(seen, price=seen.price * times))

    assert (twice.effects == growth.split(seen).effects * times).all()
