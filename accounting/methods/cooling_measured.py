"""Cooling as measured: air inside an ecosystem against air outside."""

from typing import Annotated

import numpy as np

from accounting.argument import NOT_NEGATIVE
from accounting.constants import KJ_PER_KWH
from accounting.method import SERIES, Array, Example, Method, Source


def cooling_measured(
    *,
    temperature_difference: Annotated[Array, "K", NOT_NEGATIVE, SERIES],
    air_heat_capacity: Annotated[Array, "kJ/(m3.K)", NOT_NEGATIVE],
    air_volume: Annotated[Array, "m3", NOT_NEGATIVE],
) -> Annotated[Array, "kWh"]:
    """E = Σ ΔT · c · V / 3600, day by day.

    ΔT how much cooler it is inside in K (shape: cells, days), 0 on days when it is not, c heat
    capacity of air in kJ/(m3·K), V volume of air in m3, E in kWh.
    """
    cooled = np.asarray(temperature_difference.sum(axis=-1))
    return cooled * air_heat_capacity * air_volume / KJ_PER_KWH


METHOD = Method(
    code="climate-regulation/temperature-difference",
    scope="cell",
    formula=cooling_measured,
    laws=(
        ("linear", "temperature_difference"),
        ("linear", "air_heat_capacity"),
        ("linear", "air_volume"),
    ),
    source=Source(
        "GB/T 46869-2025",
        clause="A.11",
        title="the variant was read of, its formula is recalled",
        tag="K",
    ),
    gives="measured_cooling_energy",
    example=Example(
        given={
            "temperature_difference": ((2, 3), "K"),
            "air_heat_capacity": (1.2, "kJ/(m3.K)"),
            "air_volume": (6000, "m3"),
        },
        gives=(10, "kWh"),
        working="5 K in two days · 1.2 · 6000 = 36,000 kJ",
    ),
)
