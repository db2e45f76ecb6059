"""The change of an asset's value split over area, volume and price, with nothing left over."""

from dataclasses import dataclass

import numpy as np

from accounting.method import Array
from ledger.core.errors import RuleBroken


@dataclass(eq=False)
class FlowWithoutExtent(RuleBroken):
    """A service is expected of a type that has no area at that date."""

    code = "seea.flow-without-extent"
    title = "A flow is expected of an ecosystem type that has no area"
    cells: int


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """Value = area × volume × price, at opening and closing; each of shape (2, S, T).

    Area in hm2; volume in units of service per hm2; price in money per unit of service.
    """

    area: Array
    volume: Array
    price: Array

    @property
    def value(self) -> Array:
        """The value at opening and closing (2, S, T)."""
        return self.area * self.volume * self.price


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """What area, volume and price each did to a value; every array of shape (S, T), in money."""

    area: Array
    volume: Array
    price: Array

    @property
    def total(self) -> Array:
        """The change of the value: the three effects together."""
        return self.area + self.volume + self.price


def factors(*, area: Array, quantity: Array, price: Array) -> Factors:
    """Part quantities (2, S, T) of types with an area (2, T) into area and volume per hm2.

    Where a type has no area at one date, its volume is that of the other: a type that appears or
    disappears is an effect of area. Refuses a quantity without an area.
    """
    areas = np.broadcast_to(area[:, None, :], quantity.shape)
    without = (areas == 0) & (quantity != 0)
    if without.any():
        raise FlowWithoutExtent(int(without.sum()))
    volume = quantity / np.where(areas == 0, 1.0, areas)
    return Factors(areas, np.where(areas == 0, volume[::-1], volume), price)


def decomposition(of: Factors) -> Effects:
    """Split the change of value symmetrically: the Shapley value of each factor (SEEA annex 10.1).

    The effects add up to the change, and change signs where opening and closing are swapped.
    """
    return Effects(
        area=_effect(of.area, of.volume, of.price),
        volume=_effect(of.volume, of.area, of.price),
        price=_effect(of.price, of.area, of.volume),
    )


def _effect(factor: Array, one: Array, other: Array) -> Array:
    """The factor's change, times the others: both at one date a third each, mixed a sixth each."""
    same = one[0] * other[0] + one[1] * other[1]
    mixed = one[0] * other[1] + one[1] * other[0]
    effect: Array = (factor[1] - factor[0]) * (same / 3 + mixed / 6)
    return effect
