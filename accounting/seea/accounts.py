"""Every account of a SEEA EA case, worked out from its tables and its convention alone."""

from dataclasses import dataclass

import numpy as np

from accounting.method import Array
from accounting.seea import asset, decomposition, present_value
from accounting.seea.asset import AssetAccount
from accounting.seea.case import Case
from accounting.seea.decomposition import Effects, Factors
from accounting.seea.supply_use import SupplyUse


@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """The accounts of a case; ``present_values`` at opening and closing are (2, S, T), in money."""

    case: Case
    monetary: SupplyUse
    present_values: Array
    factors: Factors
    effects: Effects
    condition_change: Array
    asset: AssetAccount


def accounts(of: Case) -> Accounts:
    """Work out the accounts of a case.

    Volume and price of the decomposition are over the asset's life, as SEEALand has them: flow a
    year × life / area, and NPV / (flow a year × life).
    """
    discounting, expected = of.scope.discounting, of.expected
    values = present_value.net_present_value(
        flows=expected.quantity, prices=expected.price, discounting=discounting
    )
    factors = decomposition.factors(
        area=np.stack((of.extent.opening, of.extent.closing)),
        quantity=expected.quantity * discounting.life,
        price=expected.price * discounting.annuity_factor / discounting.life,
    )
    effects = decomposition.decomposition(factors)
    change = of.condition.change(of.scope.types)
    entries = asset.entries(effects=effects, condition_change=change, losses=of.losses)
    opening, closing = values.sum(axis=1)
    return Accounts(
        of, of.physical.valued(of.prices), values, factors, effects, change,
        AssetAccount(of.scope.types, opening, closing, entries),
    )  # fmt: skip
