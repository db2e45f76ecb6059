"""Erosivity of rain from daily amounts, warm and cool months apart."""

from typing import Annotated

import numpy as np

from accounting.argument import NOT_NEGATIVE
from accounting.method import APART, SERIES, Array, Example, Method, Source

EXPONENT = 1.7265  # of the half-month model, with its coefficients


def rainfall_erosivity(
    *,
    warm_rain: Annotated[Array, "mm", NOT_NEGATIVE, SERIES, APART],
    cool_rain: Annotated[Array, "mm", NOT_NEGATIVE, SERIES, APART],
    warm_coefficient: Annotated[Array, "1", NOT_NEGATIVE],
    cool_coefficient: Annotated[Array, "1", NOT_NEGATIVE],
    erosive_rain: Annotated[Array, "mm", NOT_NEGATIVE],
) -> Annotated[Array, "MJ.mm/(hm2.h.a)"]:
    """R = α · ΣP^1.7265 over the days of May to September + α' · ΣP^1.7265 over the others.

    P rain of a day in mm (shape: cells, days) where it reaches the erosive amount (12 or 10 mm),
    α 0.3937 and α' 0.3101, R in MJ·mm/(hm2·h·a). The sum over half months is the same sum.
    """

    def summed(daily: Array) -> Array:
        threshold = np.expand_dims(erosive_rain, -1)
        powers = np.where(daily < threshold, 0.0, daily**EXPONENT)
        return np.asarray(powers.sum(axis=-1))

    return warm_coefficient * summed(warm_rain) + cool_coefficient * summed(cool_rain)


METHOD = Method(
    code="rainfall-erosivity/half-month",
    scope="cell",
    formula=rainfall_erosivity,
    laws=(
        ("increasing", "warm_rain"),
        ("increasing", "cool_rain"),
        ("increasing", "warm_coefficient"),
        ("increasing", "cool_coefficient"),
        ("decreasing", "erosive_rain"),
    ),
    source=Source("Zhang, Xie, Liu 2002", title="half-month erosivity from daily rain", tag="K"),
    gives="rainfall_erosivity",
    example=Example(
        given={
            "warm_rain": ((10, 100), "mm"),
            "cool_rain": ((1, 10), "mm"),
            "warm_coefficient": (0.3937, "1"),
            "cool_coefficient": (0.3101, "1"),
            "erosive_rain": (12, "mm"),
        },
        gives=(1117.28872, "MJ.mm/(hm2.h.a)"),
        working="one erosive day: 100^1.7265 = 10^3.453 = 2837.919, times 0.3937",
    ),
    more_examples=(
        Example(
            given={
                "warm_rain": ((10, 100), "mm"),
                "cool_rain": ((1, 50), "mm"),
                "warm_coefficient": (0.3937, "1"),
                "cool_coefficient": (0.3101, "1"),
                "erosive_rain": (12, "mm"),
            },
            gives=(1383.22248, "MJ.mm/(hm2.h.a)"),
            working="1117.289 and 50^1.7265 = 857.574, times 0.3101",
        ),
    ),
)
