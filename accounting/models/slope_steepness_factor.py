"""How the steepness of a slope adds to erosion."""

from typing import Annotated

import numpy as np

from accounting.argument import Degrees
from accounting.method import Array, Example, Method, Source


def slope_steepness_factor(*, slope: Degrees) -> Annotated[Array, "1"]:
    """S = 10.8 sin θ + 0.03 below 5°, 16.8 sin θ − 0.5 below 10°, 21.91 sin θ − 0.96 from there.

    θ angle of the slope in degrees. The pieces do not meet: S drops by 0.007 at 5°.
    """
    sine = np.sin(np.radians(slope))
    steep = np.where(slope < 10, 16.8 * sine - 0.5, 21.91 * sine - 0.96)  # noqa: PLR2004
    return np.where(slope < 5, 10.8 * sine + 0.03, steep)  # noqa: PLR2004


METHOD = Method(
    code="slope-steepness/rusle",
    scope="cell",
    formula=slope_steepness_factor,
    laws=(),
    source=Source("McCool et al. 1987; Liu et al. 1994", tag="K"),
    gives="slope_steepness_factor",
    example=Example(given={"slope": (30, "deg")}, gives=(9.995, "1"), working="21.91 · 0.5 − 0.96"),
    more_examples=(
        Example(
            given={"slope": (3, "deg")},
            gives=(0.595228327, "1"),
            working="10.8 · 0.05234 + 0.03",
        ),
        Example(
            given={"slope": (5, "deg")},
            gives=(0.964216478, "1"),
            working="16.8 · 0.08716 − 0.5",
        ),
        Example(
            given={"slope": (10, "deg")},
            gives=(2.84463157, "1"),
            working="21.91 · 0.17365 − 0.96",
        ),
    ),
)
