"""Ecosystem condition: variables against their reference levels, as indicators and as indices."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from accounting.method import Array
from ledger.statements.statement import Label

GROUPS: Mapping[str, Label] = {
    "A": Label("非生物特征", "Abiotic"),
    "B": Label("生物特征", "Biotic"),
    "C": Label("景观/海景特征", "Landscape and seascape"),
}
CLASSES: Mapping[str, Label] = {
    "A1": Label("物理状态", "Physical state"),
    "A2": Label("化学状态", "Chemical state"),
    "B1": Label("组成状态", "Compositional state"),
    "B2": Label("结构状态", "Structural state"),
    "B3": Label("功能状态", "Functional state"),
    "C1": Label("景观/海景", "Landscape and seascape"),
}


@dataclass(frozen=True, slots=True)
class Variable:
    """What is measured of the condition of a type, in its own unit, and its class."""

    ecosystem_type: str
    class_: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """N variables with opening and closing values (2, N), reference levels (N,), weights (N,).

    ``lower`` is the level at which the indicator is 0, ``upper`` the one at which it is 1, also
    where the first is the larger number: nitrogen in a lake from 2 to 0 mg/l.
    """

    variables: tuple[Variable, ...]
    values: Array
    lower: Array
    upper: Array
    weights: Array

    @property
    def indicators(self) -> Array:
        """The values between their reference levels, opening and closing (2, N), in 0 to 1."""
        return indicators(values=self.values, lower=self.lower, upper=self.upper)

    @property
    def indices(self) -> Array:
        """The weighted indicators, opening and closing (2, N)."""
        return self.indicators * self.weights

    def index(self, ecosystem_type: str, group: str = "") -> Array:
        """Return the opening and closing index (2,) of a type, or of one group of its classes."""
        index: Array = self.indices[:, self._of(ecosystem_type, group)].sum(axis=1)
        return index

    def weight(self, ecosystem_type: str, group: str = "") -> float:
        """Return the weight of a type's variables, or of one group of them."""
        return float(self.weights[self._of(ecosystem_type, group)].sum())

    def change(self, types: tuple[str, ...]) -> Array:
        """Return closing less opening index of each type (T,)."""
        return np.array([np.diff(self.index(each))[0] for each in types])

    def _of(self, ecosystem_type: str, group: str) -> list[int]:
        return [
            at
            for at, each in enumerate(self.variables)
            if each.ecosystem_type == ecosystem_type and each.class_.startswith(group)
        ]


def indicators(*, values: Array, lower: Array, upper: Array) -> Array:
    """(v - l) / (u - l), kept in 0 to 1: 0 from the lower level outwards, 1 from the upper."""
    return np.clip((values - lower) / (upper - lower), 0.0, 1.0)
