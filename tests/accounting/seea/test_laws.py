"""Laws of the accounts of SEEA EA, on made-up tables."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounting.method import Array, Source
from accounting.seea import asset, condition, decomposition, extent
from accounting.seea.asset import AssetAccount
from accounting.seea.decomposition import Factors
from accounting.seea.extent import Extent
from accounting.seea.present_value import Discounting
from accounting.seea.supply_use import EXPORTS, IMPORTS, SupplyUse

CLOSE = 1e-9
law = settings(deadline=None)  # nothing asserts on time
TYPES, SERVICES, UNITS = ("forest", "lake", "field"), ("wood", "visits"), ("firms", "homes")
SUPPLIERS, USERS = (*TYPES, *IMPORTS), (*UNITS, *TYPES, *EXPORTS)
FINAL = (*UNITS, "exports/final")
POSITIVE = st.floats(0.001, 1e6)
AMOUNTS = st.one_of(st.just(0.0), POSITIVE)


def arrays(*shape: int, of: st.SearchStrategy[float] = AMOUNTS) -> st.SearchStrategy[Array]:
    """Arrays of a shape."""
    size = math.prod(shape)
    return st.lists(of, min_size=size, max_size=size).map(lambda v: np.array(v).reshape(shape))


MAPS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60)


@law
@given(cells=MAPS, cell_area=POSITIVE)
def test_rows_and_columns_of_a_change_matrix_are_opening_and_closing(
    cells: list[tuple[int, int]], cell_area: float
) -> None:
    """Σ of a row is what the opening map holds of a type, Σ of a column the closing map."""
    opening, closing = np.array(cells).T
    matrix = extent.change_matrix(opening=opening, closing=closing, types=3, cell_area=cell_area)

    assert np.allclose(matrix.sum(axis=1), np.bincount(opening, minlength=3) * cell_area)
    assert np.allclose(matrix.sum(axis=0), np.bincount(closing, minlength=3) * cell_area)


@law
@given(unchanged=arrays(3), managed=arrays(3, 3), unmanaged=arrays(3, 3))
def test_opening_plus_expansion_less_reduction_is_closing(
    unchanged: Array, managed: Array, unmanaged: Array
) -> None:
    """By type; over all types nothing is won or lost."""
    for each in (managed, unmanaged):
        np.fill_diagonal(each, 0.0)
    areas = Extent(TYPES, unchanged, managed, unmanaged)
    expansion = managed.sum(axis=0) + unmanaged.sum(axis=0)
    reduction = managed.sum(axis=1) + unmanaged.sum(axis=1)
    scale = CLOSE * (1 + areas.opening.sum())

    assert np.allclose(areas.opening + expansion - reduction, areas.closing, rtol=0, atol=scale)
    assert abs(areas.net_change.sum()) <= scale


@st.composite
def tables(draw: st.DrawFn) -> tuple[SupplyUse, Array]:
    """A table made of flows, each from one supplier to one user, and the prices of supply.

    What is imported as final is used by economic units or exported as final, and so on.
    """
    supply, use = np.zeros((2, 5)), np.zeros((2, 7))
    for _ in range(draw(st.integers(1, 12))):
        supplier = draw(st.sampled_from(SUPPLIERS))
        possible = {
            "imports/final": FINAL,
            "imports/intermediate": (*TYPES, "exports/intermediate"),
        }
        user = draw(st.sampled_from(possible.get(supplier, USERS)))
        service, quantity = draw(st.integers(0, 1)), draw(AMOUNTS)
        supply[service, SUPPLIERS.index(supplier)] += quantity
        use[service, USERS.index(user)] += quantity
    return SupplyUse(SERVICES, TYPES, UNITS, supply, use), draw(arrays(2, 5))


@law
@given(made=tables())
def test_supply_is_use_in_quantities_and_in_money(made: tuple[SupplyUse, Array]) -> None:
    """Service by service, whatever the prices of the suppliers are."""
    physical, prices = made
    monetary = physical.valued(prices)
    for table in (physical, monetary):
        assert np.all(np.abs(table.imbalance) <= CLOSE * table.supply.sum(axis=1))


@law
@given(made=tables())
def test_gross_ecosystem_product_is_final_use_and_net_exports(
    made: tuple[SupplyUse, Array],
) -> None:
    """Used here as final, and exported, less imported: what the balance makes of it."""
    monetary = made[0].valued(made[1])
    from_use = (
        monetary.used(*FINAL) + monetary.used("exports/intermediate") - monetary.supplied(*IMPORTS)
    ).sum()

    scale = CLOSE * (1 + monetary.supply.sum())
    assert abs(monetary.gross_ecosystem_product() - from_use) <= scale


FACTORS = st.tuples(arrays(2, 3), arrays(2, 2, 3), arrays(2, 2, 3, of=POSITIVE))


def factors(made: tuple[Array, Array, Array]) -> Factors:
    """Area, quantity where there is area, and price."""
    area, quantity, price = made
    return decomposition.factors(
        area=area, quantity=np.where(area[:, None, :] > 0, quantity, 0.0), price=price
    )


def swapped(of: Factors) -> Factors:
    """Opening and closing exchanged."""
    return Factors(of.area[::-1], of.volume[::-1], of.price[::-1])


@law
@given(made=FACTORS)
def test_the_effects_add_up_to_the_change(made: tuple[Array, Array, Array]) -> None:
    """Area, volume and price together are closing less opening value: nothing is left over."""
    of = factors(made)
    effects = decomposition.decomposition(of)
    change = of.value[1] - of.value[0]
    scale = np.abs(of.area).max(axis=0) * of.volume.max(axis=0) * of.price.max(axis=0)

    assert np.all(np.abs(effects.total - change) <= CLOSE * scale)


@law
@given(made=FACTORS)
def test_swapping_the_years_flips_every_sign(made: tuple[Array, Array, Array]) -> None:
    """Exactly, to the last bit."""
    there = decomposition.decomposition(factors(made))
    back = decomposition.decomposition(swapped(factors(made)))

    for name in ("area", "volume", "price"):
        assert np.array_equal(getattr(back, name), -getattr(there, name))


@law
@given(made=FACTORS, name=st.sampled_from(["area", "volume", "price"]))
def test_a_factor_that_stays_has_no_effect(made: tuple[Array, Array, Array], name: str) -> None:
    """Equal at both dates: zero, and the others share all of the change."""
    of = factors(made)
    same = np.stack((getattr(of, name)[0],) * 2)
    still = Factors(
        **{n: same if n == name else getattr(of, n) for n in ("area", "volume", "price")}
    )

    assert not getattr(decomposition.decomposition(still), name).any()


@law
@given(made=FACTORS)
def test_a_type_that_appears_or_disappears_has_no_volume_effect(
    made: tuple[Array, Array, Array],
) -> None:
    """Where there is no area at one date, the volume per area is that of the other."""
    area, quantity, price = made
    area[0, 0], area[1, 1] = 0.0, 0.0
    effects = decomposition.decomposition(factors((area, quantity, price)))

    assert not effects.volume[:, :2].any()


@law
@given(made=FACTORS, condition_change=arrays(3, of=st.floats(-1, 1)), losses=arrays(3))
def test_entries_lead_from_opening_to_closing_and_mirror_when_swapped(
    made: tuple[Array, Array, Array], condition_change: Array, losses: Array
) -> None:
    """Opening + entries = closing; backwards an enhancement is a degradation, and so on."""
    of = factors(made)
    effects, back = (decomposition.decomposition(each) for each in (of, swapped(of)))
    opening, closing = of.value.sum(axis=1)
    entries = asset.entries(effects=effects, condition_change=condition_change, losses=-losses)
    account = AssetAccount(TYPES, opening, closing, entries)
    whole = np.abs(of.area).max(axis=0) * of.volume.max(axis=0) * of.price.max(axis=0)
    scale = CLOSE * (whole.sum(axis=0) + losses)
    mirror = asset.entries(effects=back, condition_change=-condition_change, losses=np.zeros(3))
    there = asset.entries(effects=effects, condition_change=condition_change, losses=np.zeros(3))

    assert np.all(np.abs(opening + account.net_change - closing) <= scale)
    for gain, loss in (
        ("enhancement", "degradation"),
        ("additions", "reductions"),
        ("upward_reappraisals", "downward_reappraisals"),
        ("revaluations", "revaluations"),
    ):
        assert np.array_equal(mirror[gain], -there[loss])
        assert np.array_equal(mirror[loss], -there[gain])


RATES = st.floats(-0.5, 0.5).filter(lambda rate: rate == 0 or abs(rate) > 1e-12)


@law
@given(rate=RATES, life=st.integers(1, 150))
def test_an_annuity_is_the_sum_of_its_years(rate: float, life: int) -> None:
    """At the end of each year Σ (1 + r)^-t for t = 1 … n, at its start one (1 + r) more."""
    end, start = (
        Discounting(rate, life, timing, Source("made up")).annuity_factor
        for timing in ("period-end", "period-start")
    )

    assert math.isclose(end, math.fsum((1 + rate) ** -t for t in range(1, life + 1)), rel_tol=CLOSE)
    assert math.isclose(start, math.fsum((1 + rate) ** -t for t in range(life)), rel_tol=CLOSE)


@law
@given(
    values=arrays(2, 4, of=st.floats(-1e3, 1e3)),
    lower=arrays(4, of=st.floats(-1e3, -1)),
    upper=arrays(4, of=st.floats(1, 1e3)),
    factor=st.floats(0.01, 100),
    shift=st.floats(-100, 100),
)
def test_an_indicator_is_in_0_to_1_and_knows_no_unit(
    values: Array, lower: Array, upper: Array, factor: float, shift: float
) -> None:
    """The same in °F as in °C; levels exchanged, it is what is left to 1."""
    found = condition.indicators(values=values, lower=lower, upper=upper)
    other = condition.indicators(
        values=values * factor + shift, lower=lower * factor + shift, upper=upper * factor + shift
    )
    exchanged = condition.indicators(values=values, lower=upper, upper=lower)

    assert np.all((found >= 0) & (found <= 1))
    assert np.allclose(found, other, atol=1e-6)
    assert np.allclose(found + exchanged, 1)


def test_a_flow_without_extent_is_refused() -> None:
    """Wood from a forest that is not there."""
    with pytest.raises(decomposition.FlowWithoutExtent):
        decomposition.factors(
            area=np.zeros((2, 1)), quantity=np.ones((2, 1, 1)), price=np.ones((2, 1, 1))
        )
