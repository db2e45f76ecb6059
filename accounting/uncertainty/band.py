"""Bands: the estimate of a figure, the mean of its draws and their P5, P50 and P95."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from accounting.method import Array
from accounting.uncertainty.contribution import Contribution, contributions
from accounting.uncertainty.simulation import Simulation

QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Band:
    """A figure in CNY as estimated, and where nine in ten of its draws lie."""

    estimate: float
    mean: float
    p5: float
    p50: float
    p95: float

    @property
    def larger_than_noise(self) -> bool:
        """Whether a change is one: nine draws in ten on the same side of nought."""
        return self.p5 > 0 or self.p95 < 0


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """The bands of an account's years and of the changes between them, and what they come from."""

    draws: int
    seed: int
    distributions: str
    services: Mapping[tuple[str, int], Band]
    gep: Mapping[int, Band]
    gep_from: Mapping[int, tuple[Contribution, ...]]
    changes: Mapping[tuple[int, int], Band]
    changes_from: Mapping[tuple[int, int], tuple[Contribution, ...]]


def of(simulation: Simulation, distributions: str) -> Uncertainty:
    """Sum up a simulation; a change is between draws that share all but their readings."""
    totals, estimates = simulation.totals, simulation.estimated_totals
    years = sorted(estimates)  # of a year without any estimate there is nothing to say
    steps = list(pairwise(years))
    changed = {(a, b): totals[b] - totals[a] for a, b in steps}
    inputs = simulation.inputs
    return Uncertainty(
        simulation.draws, simulation.seed, distributions,
        {place: band(e, simulation.services[place]) for place, e in simulation.estimates.items()},
        {year: band(estimates[year], totals[year]) for year in years},
        {year: contributions(inputs[year], totals[year]) for year in years},
        {(a, b): band(estimates[b] - estimates[a], changed[a, b]) for a, b in steps},
        {(a, b): contributions({**inputs[a], **inputs[b]}, changed[a, b]) for a, b in steps},
    )  # fmt: skip


def band(estimate: float, drawn: Array) -> Band:
    """Return the band of an estimate from its draws, shape (draws,)."""
    low, middle, high = (float(each) for each in np.quantile(drawn, QUANTILES))
    return Band(estimate, float(drawn.mean()), low, middle, high)
