"""The monetary ecosystem asset account: from opening to closing value, entry by entry."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from accounting.method import Array
from accounting.seea.decomposition import Effects
from ledger.statements.statement import Label

ENTRIES: Mapping[str, Label] = {
    "enhancement": Label("生态系统提升", "Ecosystem enhancement"),
    "degradation": Label("生态系统退化", "Ecosystem degradation"),
    "additions": Label("生态系统转换：增加", "Ecosystem conversions: additions"),
    "reductions": Label("生态系统转换：减少", "Ecosystem conversions: reductions"),
    "catastrophic_losses": Label("灾害损失", "Catastrophic losses"),
    "upward_reappraisals": Label("向上重估（物量）", "Upward reappraisals"),
    "downward_reappraisals": Label("向下重估（物量）", "Downward reappraisals"),
    "revaluations": Label("重新估价（价格）", "Revaluations"),
}


@dataclass(frozen=True, slots=True, eq=False)
class AssetAccount:
    """Values of T types in money; ``entries`` by name, each (T,), lead from opening to closing."""

    types: tuple[str, ...]
    opening: Array
    closing: Array
    entries: Mapping[str, Array]

    @property
    def net_change(self) -> Array:
        """What the entries add up to, by type (T,)."""
        change: Array = np.sum([*self.entries.values()], axis=0)
        return change


def entries(*, effects: Effects, condition_change: Array, losses: Array) -> dict[str, Array]:
    """Name what the effects (S, T) of a period are: conversions, degradation, reappraisals.

    Effects are added up by type first. A change of volume is enhancement or degradation only where
    the condition of the type (T,) moved the same way, else a reappraisal; catastrophic losses (T,),
    in money and not above zero, are a part of the volume effect and are named before.
    """
    area, volume, price = (
        each.sum(axis=0) for each in (effects.area, effects.volume, effects.price)
    )
    rest = volume - losses
    gain, loss = np.maximum(rest, 0.0), np.minimum(rest, 0.0)
    better, worse = condition_change > 0, condition_change < 0
    named = {
        "enhancement": np.where(better, gain, 0.0),
        "degradation": np.where(worse, loss, 0.0),
        "additions": np.maximum(area, 0.0),
        "reductions": np.minimum(area, 0.0),
        "catastrophic_losses": losses,
        "upward_reappraisals": np.where(better, 0.0, gain),
        "downward_reappraisals": np.where(worse, 0.0, loss),
        "revaluations": price,
    }
    return {name: named[name] for name in ENTRIES}
