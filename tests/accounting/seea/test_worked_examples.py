"""Accounts small enough for a pencil, and one published asset value."""

import math

import numpy as np
import pytest

from accounting.method import Source
from accounting.seea import asset, decomposition, extent
from accounting.seea.decomposition import Effects
from accounting.seea.present_value import Discounting, NoConvention, Timing
from accounting.seea.supply_use import SupplyUse

CHINA = Source("doi:10.5846/stxb201606161172", clause="2.2", tag="R")


def factor(timing: Timing) -> float:
    """Return the annuity factor of 100 years at 2.77 %."""
    return Discounting(0.0277, 100, timing, CHINA).annuity_factor


def test_chinas_forests_in_2010_at_the_start_of_each_year() -> None:
    """19.10 万亿元 a year × 34.6870 = 662.52, printed 662: within what 19.10 and 662 leave open."""
    value = 19.10 * factor("period-start")
    half = 0.005 * factor("period-start") + 0.5

    assert f"{factor('period-start'):.4f}" == "34.6870"
    assert f"{value:.2f}" == "662.52"
    assert abs(value - 662) <= half


def test_chinas_forests_do_not_come_to_691_nor_at_the_end_of_each_year() -> None:
    """The abstract prints 691, section 2.2 prints 662: 691 needs 19.92 a year, or other terms."""
    half = 0.005 * factor("period-start") + 0.5

    assert abs(19.10 * factor("period-start") - 691) > half
    assert f"{691 / factor('period-start'):.2f}" == "19.92"
    assert f"{19.10 * factor('period-end'):.2f}" == "644.66"


def test_without_discounting_a_flow_is_worth_its_years() -> None:
    """100 years at 0 %: 100, at the start and at the end."""
    source = Source("made up")

    assert Discounting(0.0, 100, "period-end", source).annuity_factor == 100
    assert Discounting(0.0, 100, "period-start", source).annuity_factor == 100


@pytest.mark.parametrize(("rate", "life"), [(-1.0, 10), (math.inf, 10), (math.nan, 10), (0.02, 0)])
def test_a_convention_without_value_is_refused(rate: float, life: int) -> None:
    """A rate of -100 %, no number, no year."""
    with pytest.raises(NoConvention):
        Discounting(rate, life, "period-end", Source("made up"))


def test_imports_of_intermediate_services_leave_gross_ecosystem_product() -> None:
    """10 supplied here, 2 of them to the field, into which 3 more come from elsewhere.

    Final services here are 8 and the net import of intermediate ones is 3: the product is 5.
    """
    table = SupplyUse(
        ("pollination",), ("forest", "field"), ("homes",),
        supply=np.array([[10.0, 0.0, 0.0, 3.0]]),
        use=np.array([[8.0, 0.0, 5.0, 0.0, 0.0]]),
    )  # fmt: skip

    assert table.imbalance.tolist() == [0]
    assert table.gross_ecosystem_product() == 5


def test_one_price_for_all_users_of_a_service() -> None:
    """1 t at 10 and 1 t at 20: 30 in all, so the user of one of the two tonnes uses 15."""
    table = SupplyUse(
        ("fish",), ("lake", "sea"), ("firms", "homes"),
        supply=np.array([[1.0, 1.0, 0.0, 0.0]]),
        use=np.array([[1.0, 1.0, 0.0, 0.0, 0.0, 0.0]]),
    ).valued(np.array([[10.0, 20.0, 0.0, 0.0]]))  # fmt: skip

    assert table.use[0, :2].tolist() == [15, 15]
    assert table.imbalance.tolist() == [0]


def test_three_factors_share_a_change_by_a_third_and_a_sixth() -> None:
    """1 × 1 × 1 to 2 × 2 × 2: of the 7 each factor has (1 + 4) / 3 + (2 + 2) / 6 = 7/3."""
    of = decomposition.factors(
        area=np.array([[1.0], [2.0]]),
        quantity=np.array([[[1.0]], [[4.0]]]),
        price=np.array([[[1.0]], [[2.0]]]),
    )
    effects = decomposition.decomposition(of)

    assert [each.item() for each in (effects.area, effects.volume, effects.price)] == [
        pytest.approx(7 / 3)
    ] * 3


def test_a_change_of_volume_is_named_by_condition() -> None:
    """+5 with better, same and worse condition, -5 with the same: enhancement or reappraisal."""
    zero = np.zeros((1, 6))
    effects = Effects(zero, np.array([[5.0, 5.0, 5.0, -5.0, -5.0, -5.0]]), zero)
    change = np.array([0.1, 0.0, -0.1, 0.1, 0.0, -0.1])
    entries = asset.entries(effects=effects, condition_change=change, losses=np.zeros(6))

    assert entries["enhancement"].tolist() == [5, 0, 0, 0, 0, 0]
    assert entries["upward_reappraisals"].tolist() == [0, 5, 5, 0, 0, 0]
    assert entries["downward_reappraisals"].tolist() == [0, 0, 0, -5, -5, 0]
    assert entries["degradation"].tolist() == [0, 0, 0, 0, 0, -5]


def test_a_catastrophic_loss_is_named_before_degradation() -> None:
    """-5 of volume, of which fire took 3: the rest, 2, is degradation."""
    zero = np.zeros((1, 1))
    entries = asset.entries(
        effects=Effects(zero, np.array([[-5.0]]), zero),
        condition_change=np.array([-0.1]),
        losses=np.array([-3.0]),
    )

    assert (entries["catastrophic_losses"].item(), entries["degradation"].item()) == (-3, -2)


@pytest.mark.parametrize(
    ("opening", "closing"), [([0, -1], [0, 0]), ([0, 3], [0, 0]), ([0, -2], [0, -2])]
)
def test_maps_of_different_areas_are_refused(opening: list[int], closing: list[int]) -> None:
    """A cell inside at one date only, a type that is not listed, a number that is none."""
    with pytest.raises(extent.DifferentArea):
        extent.change_matrix(
            opening=np.array(opening), closing=np.array(closing), types=3, cell_area=1.0
        )
