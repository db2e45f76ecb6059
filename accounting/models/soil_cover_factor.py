"""What part of erosion is left under vegetation."""

from typing import Annotated

import numpy as np

from accounting.argument import Share
from accounting.constants import PERCENT
from accounting.method import Array, Example, Method, Source

LEAST, CLOSED = 0.001, 78.3  # %: below the first C is 1 anyway, from the second on it is 0


def soil_cover_factor(*, vegetation_cover: Share) -> Annotated[Array, "1"]:
    """C = 0.6508 − 0.3436 lg f, at most 1, and 0 from 78.3 % on.

    f vegetation cover; the source counts it in %.
    """
    percent = np.maximum(vegetation_cover * PERCENT, LEAST)
    left = 0.6508 - 0.3436 * np.log10(percent)
    return np.where(percent >= CLOSED, 0.0, np.clip(left, 0.0, 1.0))


METHOD = Method(
    code="soil-cover/cai",
    scope="cell",
    formula=soil_cover_factor,
    laws=(("decreasing", "vegetation_cover"),),
    source=Source("Cai et al. 2000", tag="K"),
    gives="soil_cover_factor",
    example=Example(
        given={"vegetation_cover": (10, "%")},
        gives=(0.3072, "1"),
        working="lg 10 = 1: 0.6508 − 0.3436",
    ),
    more_examples=(
        Example(
            given={"vegetation_cover": (50, "%")},
            gives=(0.0670339065, "1"),
            working="lg 50 = 1.69897",
        ),
        Example(
            given={"vegetation_cover": (78, "%")},
            gives=(0.000676294516, "1"),
            working="lg 78 = 1.892095: just above 0",
        ),
        Example(
            given={"vegetation_cover": (78.32, "%")},
            gives=(0, "1"),
            working="closed from 78.3 % on, though 0.6508 − 0.3436 lg 78.32 is 0.00007",
        ),
        Example(
            given={"vegetation_cover": (0.01, "%")},
            gives=(1, "1"),
            working="0.6508 + 0.6872, at most 1",
        ),
    ),
)
