"""How ridges and clods break the wind."""

from typing import Annotated

import numpy as np

from accounting.argument import NOT_NEGATIVE, POSITIVE
from accounting.method import Array, Example, Method, Source


def roughness_factor(
    *,
    relief: Annotated[Array, "m", NOT_NEGATIVE],
    relief_distance: Annotated[Array, "m", POSITIVE],
    random_roughness: Annotated[Array, "cm", NOT_NEGATIVE],
) -> Annotated[Array, "1"]:
    """K' = exp(1.86 Kr − 2.41 Kr^0.934 − 0.127 Crr), Kr = 0.2 ΔH²/L.

    ΔH difference in height over the distance L in m, Crr random roughness in cm. The units of Kr
    are taken as printed: to be confirmed.
    """
    ridges = 0.2 * relief**2 / relief_distance
    return np.exp(1.86 * ridges - 2.41 * ridges**0.934 - 0.127 * random_roughness)


METHOD = Method(
    code="roughness/ridges",
    scope="cell",
    formula=roughness_factor,
    laws=(("decreasing", "random_roughness"),),
    source=Source("ChinaXiv:201706.00467", title="units not printed", tag="R"),
    gives="roughness_factor",
    example=Example(
        given={"relief": (10, "m"), "relief_distance": (20, "m"), "random_roughness": (0, "cm")},
        gives=(0.57694981, "1"),
        working="Kr = 1: e^(1.86 − 2.41) = e^−0.55",
    ),
    more_examples=(
        Example(
            given={
                "relief": (10, "m"),
                "relief_distance": (10, "m"),
                "random_roughness": (2, "cm"),
            },
            gives=(0.32031072, "1"),
            working="Kr = 2: e^(3.72 − 2.41 · 1.9106 − 0.254)",
        ),
    ),
)
