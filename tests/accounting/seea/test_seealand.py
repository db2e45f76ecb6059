"""SEEALand, the worked example of SEEA EA: each figure it prints reproduced, or refuted with why.

2516 figures and two maps of 250 ha: 2450 follow from extents, condition, flows, prices and the
discount convention to nine digits, 8 to the digits typed, 58 do not, for three reasons.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

from accounting.seea import accounts, asset, case, extent
from accounting.seea.accounts import Accounts
from accounting.seea.case import Case, Expected
from tests.accounting.seea.seealand import EXAMPLE, Key, map_of, published, recomputed

PRINTED = published()
DIGITS, NOTHING = 1e-9, 2e-9  # relative; and absolute, where a check of the source prints its noise

OXYGEN = ("Biological oxygen demand", "B3", "wetland")

TYPED = "the subtotal is typed as 0.33, the weights above it add up to 1/3"
LAKE = "the flow of lake recreation is 5, which is its price: 4800 and 5000 visits in tab 9"
FISH = "the opening flow of seagrass fish is 20, which is the wetland's CO2: 6 t in tab 9"
CROPS = "positive volume and positive condition is enhancement in the rule of tab 13 itself"


def reason(key: Key) -> str | None:
    """Return why a printed figure is not what follows from the inputs."""
    if (key.item, key.column) == ("total A", "weight"):
        return TYPED
    if key.table not in ("npv-decomposition", "monetary-asset-account"):
        return None
    slips = {"lake": LAKE, "cropland": CROPS, "seagrass": FISH, "total": "all three"}
    return slips.get(key.of)


def holds(key: Key, value: float) -> bool:
    """Say whether a value is what is printed under a key, to nine digits."""
    return math.isclose(value, float(PRINTED[key]), rel_tol=DIGITS, abs_tol=NOTHING)


@pytest.fixture(scope="module")
def seealand() -> Accounts:
    """The accounts of the shipped example."""
    return accounts.accounts(case.read(EXAMPLE))


@pytest.fixture(scope="module")
def figures(seealand: Accounts) -> dict[Key, float]:
    """Every figure of every table, from the accounts."""
    return recomputed(seealand)


@pytest.fixture(scope="module")
def refuted(figures: dict[Key, float]) -> list[Key]:
    """The figures that do not follow from the inputs."""
    return [key for key in PRINTED if not holds(key, figures[key])]


def test_each_figure_is_reproduced_or_has_a_reason(
    figures: dict[Key, float], refuted: list[Key]
) -> None:
    """2516 printed; none without a counterpart, none that differs without a reason."""
    assert len(PRINTED) == 2516
    assert PRINTED.keys() <= figures.keys()
    assert [key for key in refuted if reason(key) is None] == []
    typed = [key for key in refuted if reason(key) == TYPED]
    assert (len(PRINTED) - len(refuted), len(typed), len(refuted) - len(typed)) == (2450, 8, 58)


@pytest.mark.parametrize(
    ("table", "held", "printed"),
    [
        ("ecosystem-assets", 14, 14),
        ("extent-account", 28, 28),
        ("change-matrix", 20, 20),
        ("condition-stage-1", 117, 117),
        ("condition-stage-2", 273, 273),
        ("condition-stage-3", 320, 324),
        ("combined-condition-accounts", 515, 519),
        ("condition-indices", 48, 48),
        ("es-flows", 216, 216),
        ("physical-sut", 85, 85),
        ("monetary-sut", 107, 107),
        ("npv-by-et", 158, 158),
        ("npv-decomposition", 452, 500),
        ("monetary-asset-account", 97, 107),
    ],
)
def test_table_by_table(table: str, held: int, printed: int, refuted: list[Key]) -> None:
    """Ten of fourteen hold whole; two print 0.33 for 1/3; the slips of tab 13 reach tab 14."""
    cells = [key for key in PRINTED if key.table == table]
    wrong = [key for key in refuted if key.table == table]

    assert (len(cells) - len(wrong), len(cells)) == (held, printed)


def test_the_typed_subtotals_hold_to_their_own_digits(
    figures: dict[Key, float], refuted: list[Key]
) -> None:
    """0.33 is 1/3 within half a hundredth."""
    typed = [key for key in refuted if reason(key) == TYPED]

    assert {PRINTED[key] for key in typed} == {"0.33"}
    assert all(abs(figures[key] - 0.33) <= 0.005 for key in typed)


def test_with_the_three_slips_every_refuted_figure_is_what_is_printed(
    seealand: Accounts, refuted: list[Key]
) -> None:
    """The reasons are the whole reason: the same rules on the slipped inputs print the source."""
    slipped = recomputed(_slipped(seealand.case))
    wrong = [key for key in refuted if reason(key) != TYPED]

    assert [key for key in wrong if not holds(key, slipped[key])] == []


def _slipped(of: Case) -> Accounts:
    """The flows as tab 13 reads them, at the same values, and cropland in no better condition."""
    services, types = of.physical.services, of.scope.types
    value = of.expected.quantity * of.expected.price
    quantity = of.expected.quantity.copy()
    quantity[:, services.index("recreation"), types.index("lake")] = 5
    quantity[0, services.index("wild-fish"), types.index("seagrass")] = 20
    price = np.where(quantity == 0, 0, value / np.where(quantity == 0, 1, quantity))
    found = accounts.accounts(replace(of, expected=Expected(quantity, price)))
    change = found.condition_change.copy()
    change[types.index("cropland")] = 0
    entries = asset.entries(effects=found.effects, condition_change=change, losses=of.losses)
    return replace(found, asset=replace(found.asset, entries=entries))


def test_the_maps_cross_to_the_change_matrix(seealand: Accounts) -> None:
    """Two maps of 1 ha squares: 2 ha of forest became cropland, all else stayed what it was."""
    opening, closing = (
        np.array([[int(cell or 0) - 1 for cell in row] for row in map_of(date)])
        for date in ("opening", "closing")
    )
    matrix = extent.change_matrix(opening=opening, closing=closing, types=6, cell_area=1.0)

    assert matrix.tolist() == seealand.case.extent.change_matrix.tolist()


def test_supply_is_use_in_both_tables(seealand: Accounts) -> None:
    """Tabs 10 and 11, service by service."""
    for table in (seealand.case.physical, seealand.monetary):
        assert table.imbalance.tolist() == [0] * 6


def test_three_indicators_rise_with_pressure_and_change_no_name(seealand: Accounts) -> None:
    """Sealed soil, NO2 and the wetland's oxygen demand count more as better; the lake's less.

    The other way round urban area and wetland fare worse still, so every entry keeps its name.
    """
    condition = seealand.case.condition
    turned = ["Imperviousness (soil sealed per area)", "Nitrogen dioxide (NO2) concentration"]
    at = [
        each.name in turned or (each.name, each.class_, each.ecosystem_type) == OXYGEN
        for each in condition.variables
    ]
    lower = np.where(at, condition.upper, condition.lower)
    upper = np.where(at, condition.lower, condition.upper)
    change = replace(condition, lower=lower, upper=upper).change(seealand.case.scope.types)

    assert sum(at) == 3
    assert [f"{each:.4f}" for each in change[3:5]] == ["-0.0452", "-0.0500"]
    assert (np.sign(change) == np.sign(seealand.condition_change)).all()


def test_gross_ecosystem_product_is_83_125(seealand: Accounts) -> None:
    """The total of tab 11; nothing is imported, nothing intermediate."""
    assert seealand.monetary.gross_ecosystem_product() == 83125


def test_forest_lost_116_365_549_by_area_volume_and_price(seealand: Accounts) -> None:
    """-43 434.632 by area, -108 111.081 by volume, +35 180.164 by price."""
    effects = seealand.effects
    parts = [each[:, 0].sum() for each in (effects.area, effects.volume, effects.price)]

    assert [f"{each:.3f}" for each in parts] == ["-43434.632", "-108111.081", "35180.164"]
    assert f"{sum(parts):.3f}" == "-116365.549"
