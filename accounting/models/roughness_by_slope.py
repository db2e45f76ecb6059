"""How relief breaks the wind, where only the slope is known."""

from typing import Annotated

import numpy as np

from accounting.argument import Degrees
from accounting.method import Array, Example, Method, Source


def roughness_by_slope(*, slope: Degrees) -> Annotated[Array, "1"]:
    """K' = cos θ.

    θ angle of the slope in degrees.
    """
    return np.cos(np.radians(slope))


METHOD = Method(
    code="roughness/slope",
    scope="cell",
    formula=roughness_by_slope,
    laws=(("decreasing", "slope"),),
    source=Source("ChinaXiv:201706.00467", title="simplified form", tag="R"),
    gives="roughness_factor",
    example=Example(given={"slope": (60, "deg")}, gives=(0.5, "1"), working="cos 60°"),
)
