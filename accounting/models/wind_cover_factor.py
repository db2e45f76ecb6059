"""What part of wind erosion is left under vegetation."""

from typing import Annotated

import numpy as np

from accounting.argument import NOT_NEGATIVE, Share
from accounting.constants import PERCENT
from accounting.method import Array, Example, Method, Source


def wind_cover_factor(
    *, vegetation_cover: Share, wind_cover_coefficient: Annotated[Array, "1", NOT_NEGATIVE]
) -> Annotated[Array, "1"]:
    """C = exp(−a · SC).

    SC vegetation cover, which the source counts in %, a 0.0438 or by type (forest 0.1535, grass
    0.1151, shrub 0.0921, bare 0.0768, sand 0.0658, crop 0.0438).
    """
    return np.exp(-wind_cover_coefficient * vegetation_cover * PERCENT)


METHOD = Method(
    code="wind-cover/rweq",
    scope="cell",
    formula=wind_cover_factor,
    laws=(("decreasing", "vegetation_cover"), ("decreasing", "wind_cover_coefficient")),
    source=Source("ChinaXiv:201706.00467", title="coefficients by type: pyrweq", tag="R"),
    gives="wind_cover_factor",
    example=Example(
        given={"vegetation_cover": (50, "%"), "wind_cover_coefficient": (0.02, "1")},
        gives=(0.36787944, "1"),
        working="e^(−0.02 · 50) = e^−1",
    ),
)
