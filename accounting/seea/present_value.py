"""What an expected yearly flow is worth today, by a convention that every account names."""

import math
from dataclasses import dataclass
from typing import Literal

from accounting.method import Array, Source
from ledger.core.errors import RuleBroken

Timing = Literal["period-end", "period-start"]


@dataclass(eq=False)
class NoConvention(RuleBroken):
    """A discount rate of -1 or less, or an asset life of less than a year, gives no value."""

    code = "seea.no-convention"
    title = "A discount rate is above -1 and an asset lives at least a year"
    rate: float
    life: int


@dataclass(frozen=True, slots=True)
class Discounting:
    """Rate per year (real), asset life in years, and when in each year the income arrives."""

    rate: float
    life: int
    timing: Timing
    source: Source

    def __post_init__(self) -> None:
        if not -1 < self.rate < math.inf or self.life < 1:
            raise NoConvention(self.rate, self.life)

    @property
    def annuity_factor(self) -> float:
        """The present value of 1 a year, in years.

        Σ (1 + r)^-t over t = 1 … n where income arrives at the end of each year, over
        t = 0 … n - 1 where at its start (an annuity due).
        """
        if self.rate == 0:
            return float(self.life)
        factor = -math.expm1(-self.life * math.log1p(self.rate)) / self.rate
        return factor * (1 + self.rate) if self.timing == "period-start" else factor


def net_present_value(*, flows: Array, prices: Array, discounting: Discounting) -> Array:
    """NPV = flow × price × annuity factor, of flows per year at prices per unit of flow."""
    return flows * prices * discounting.annuity_factor
