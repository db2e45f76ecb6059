"""A figure that somebody printed, worked out again from what he printed beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from accounting import figures, units
from accounting.method import Measured
from accounting.methods import METHODS
from accounting.published import Status

BY_CODE = {method.code: method for method in METHODS}
NOISE = 1e-12  # relative: what float64 may cost where a product of decimals is exact
Given = Mapping[str, tuple[str, str]]
Formula = Callable[[Mapping[str, float]], float]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What was printed, and how it follows, or does not.

    ``readings`` are as sure as their last digit, ``parameters`` are exact; both are (figure as
    typed, unit). ``how`` is the code of a method, or a formula in words with its ``formula`` over
    the figures as typed. A figure that deviates has a ``reason``.
    """

    case: str
    what: str
    printed: str
    unit: str
    how: str
    readings: Given = field(default_factory=dict)
    parameters: Given = field(default_factory=dict)
    formula: Formula | None = None
    verdict: Status = "reproduced"
    reason: str = ""

    def recomputed(self) -> float:
        """Return what the figures come to, in the unit as printed."""
        return self._of(
            {name: float(figures.read(typed).value) for name, (typed, _) in self._all.items()}
        )

    def status(self) -> Status:
        """Return the verdict by the rule of published tables, over every corner of half-units."""
        printed, middle = figures.read(self.printed), self.recomputed()
        value, half = float(printed.value), float(printed.half)
        slack = NOISE * abs(value)
        if abs(middle - value) <= half + slack:
            return "reproduced"
        corners = [self._of(corner) for corner in self._corners()]
        held = min(corners) - half - slack <= value <= max(corners) + half + slack
        return "rounding" if held else "deviates"

    @property
    def _all(self) -> Given:
        return {**self.readings, **self.parameters}

    def _corners(self) -> list[dict[str, float]]:
        read = {name: figures.read(typed) for name, (typed, _) in self._all.items()}
        sides = [(-1, 1) if name in self.readings else (0,) for name in read]
        return [
            {
                name: float(each.value + at * each.half)
                for (name, each), at in zip(read.items(), corner, strict=True)
            }
            for corner in product(*sides)
        ]

    def _of(self, numbers: Mapping[str, float]) -> float:
        if self.formula:
            return self.formula(numbers)
        given = {
            name: Measured(np.array([number]), self._all[name][1])
            for name, number in numbers.items()
        }
        result = BY_CODE[self.how].compute(**given)
        change = units.conversion(units.parse(result.unit), units.parse(self.unit))
        return float(result.values[0]) * float(change.factor)
