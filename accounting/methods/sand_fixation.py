"""Sand that vegetation keeps in place: what bare ground would lose, less what is lost."""

import math
from typing import Annotated

import numpy as np

from accounting.argument import NOT_NEGATIVE, POSITIVE, Hectares, Share
from accounting.constants import T_PER_KG_M2_HM2
from accounting.method import Array, Example, Method, Source
from accounting.models.wind_erosion import POWER, distance_squared, wind_erosion

PEAK = (1 + 2 * POWER) / (2 * POWER)  # (z/s)² where the loss is greatest: 2.347


def sand_fixation(
    *,
    weather_factor: Annotated[Array, "kg/m", NOT_NEGATIVE],
    erodible_fraction: Share,
    crust_factor: Share,
    roughness_factor: Annotated[Array, "1", NOT_NEGATIVE],
    wind_cover_factor: Share,
    downwind_distance: Annotated[Array, "m", POSITIVE],
    area: Hectares,
) -> Annotated[Array, "t"]:
    """Q = (S(C = 1) − S(C)) · A · 10, S wind erosion in kg/m2.

    WF weather in kg/m, EF erodible fraction, SCF crust, K' roughness, C cover, z the distance
    downwind in m (50 where nothing is said), A area in hm2, Q in t. Where bare ground lies beyond
    the peak of S there is no estimate, never a negative one.
    """
    factors = weather_factor * erodible_fraction * crust_factor * roughness_factor
    potential, actual = (
        wind_erosion(
            weather_factor=weather_factor,
            erodible_fraction=erodible_fraction,
            crust_factor=crust_factor,
            roughness_factor=roughness_factor,
            wind_cover_factor=cover,
            downwind_distance=downwind_distance,
        )
        for cover in (np.ones_like(wind_cover_factor), wind_cover_factor)
    )
    kept = (potential - actual) * area * T_PER_KG_M2_HM2
    return np.where(distance_squared(factors, downwind_distance) > PEAK, np.nan, kept)


METHOD = Method(
    code="sand-fixation/rweq",
    scope="cell",
    formula=sand_fixation,
    laws=(
        ("linear", "area"),
        ("zero", "weather_factor"),
        ("zero", "erodible_fraction"),
        ("zero", "crust_factor"),
        ("zero", "roughness_factor"),
        ("decreasing", "wind_cover_factor"),
    ),
    source=Source("ChinaXiv:201706.00467", title="also ChinaXiv:201803.01078", tag="R"),
    gives="sand_fixed",
    example=Example(
        given={
            "weather_factor": (1, "kg/m"),
            "erodible_fraction": (1, "1"),
            "crust_factor": (1, "1"),
            "roughness_factor": (1, "1"),
            "wind_cover_factor": (0, "1"),
            "downwind_distance": (150.71, "m"),
            "area": (1, "hm2"),
        },
        gives=(5.36038255, "t"),
        working="bare 0.5360 kg/m2, covered none, on 10,000 m2",
    ),
    more_examples=(
        Example(
            given={
                "weather_factor": (500, "kg/m"),
                "erodible_fraction": (0.5, "1"),
                "crust_factor": (0.6, "1"),
                "roughness_factor": (0.4, "1"),
                "wind_cover_factor": (0.4, "1"),
                "downwind_distance": (50, "m"),
                "area": (2, "hm2"),
            },
            gives=(450.358527, "t"),
            working="F = 60: bare 60.826155 kg/m2, covered 38.308229, on 20,000 m2",
        ),
        Example(
            given={
                "weather_factor": (525, "kg/m"),
                "erodible_fraction": (0.5, "1"),
                "crust_factor": (0.6, "1"),
                "roughness_factor": (0.4, "1"),
                "wind_cover_factor": (0.4, "1"),
                "downwind_distance": (50, "m"),
                "area": (2, "hm2"),
            },
            gives=(math.nan, "t"),
            working="F = 63: (z/s)² = 2.384 lies beyond the peak of 2.347",
        ),
    ),
)
