"""Soil that the wind carries off."""

from typing import Annotated

import numpy as np

from accounting.argument import NOT_NEGATIVE, POSITIVE, Share
from accounting.method import Array, Example, Method, Source

POWER = 0.3711  # 109.8 and 150.71 carry dimensions: kg/m and m for a product of factors in kg/m


def distance_squared(factors: Array, distance: Array) -> Array:
    """(z/s)² = (z · F^0.3711 / 150.71)²: distance against the length on which transport grows."""
    return (distance * factors**POWER / 150.71) ** 2


def wind_erosion(
    *,
    weather_factor: Annotated[Array, "kg/m", NOT_NEGATIVE],
    erodible_fraction: Share,
    crust_factor: Share,
    roughness_factor: Annotated[Array, "1", NOT_NEGATIVE],
    wind_cover_factor: Share,
    downwind_distance: Annotated[Array, "m", POSITIVE],
) -> Annotated[Array, "kg/m2"]:
    """S = 2z/s² · Qmax · exp(−(z/s)²), Qmax = 109.8·F, s = 150.71·F^−0.3711, F = WF·EF·SCF·K'·C.

    WF weather in kg/m, EF erodible fraction, SCF crust, K' roughness, C cover, z the distance
    downwind in m (50 where nothing is said); Qmax in kg/m, s in m, S in kg/m2 (one code reads it
    as g/m). S grows with F to its peak, where (z/s)² = 2.347, and then falls.
    """
    factors = weather_factor * erodible_fraction * crust_factor * roughness_factor
    squared = distance_squared(factors * wind_cover_factor, downwind_distance)
    transport = 109.8 * factors * wind_cover_factor
    return 2 / downwind_distance * squared * transport * np.exp(-squared)


METHOD = Method(
    code="wind-erosion/rweq",
    scope="cell",
    formula=wind_erosion,
    laws=(
        ("zero", "weather_factor"),
        ("zero", "erodible_fraction"),
        ("zero", "crust_factor"),
        ("zero", "roughness_factor"),
        ("zero", "wind_cover_factor"),
    ),
    source=Source("ChinaXiv:201706.00467", title="also ChinaXiv:201803.01078", tag="R"),
    gives="wind_erosion",
    example=Example(
        given={
            "weather_factor": (1, "kg/m"),
            "erodible_fraction": (1, "1"),
            "crust_factor": (1, "1"),
            "roughness_factor": (1, "1"),
            "wind_cover_factor": (1, "1"),
            "downwind_distance": (150.71, "m"),
        },
        gives=(0.536038255, "kg/m2"),
        working="F = 1: z/s = 1, 2/150.71 · 109.8 / e",
    ),
    more_examples=(
        Example(
            given={
                "weather_factor": (10, "kg/m"),
                "erodible_fraction": (0.5, "1"),
                "crust_factor": (0.6, "1"),
                "roughness_factor": (0.8, "1"),
                "wind_cover_factor": (0.4, "1"),
                "downwind_distance": (50, "m"),
            },
            gives=(0.404628398, "kg/m2"),
            working="F = 0.96: s = 150.71 · 0.96^−0.3711 = 153.010, Qmax = 105.408",
        ),
    ),
)
