"""How the length of a slope adds to erosion."""

from typing import Annotated

import numpy as np

from accounting.argument import NOT_NEGATIVE, Degrees
from accounting.method import Array, Example, Method, Source

PLOT_LENGTH = 22.13  # m, of the unit plot of the USLE


def slope_length_factor(
    *, slope_length: Annotated[Array, "m", NOT_NEGATIVE], slope: Degrees
) -> Annotated[Array, "1"]:
    """L = (λ/22.13)^m, m = β/(1+β), β = (sin θ / 0.089) / (3 sin^0.8 θ + 0.56).

    λ length of the slope in m, θ its angle in degrees (a slope in % is another thing).
    """
    sine = np.sin(np.radians(slope))
    beta = sine / 0.089 / (3 * sine**0.8 + 0.56)
    return (slope_length / PLOT_LENGTH) ** (beta / (1 + beta))


METHOD = Method(
    code="slope-length/rusle",
    scope="cell",
    formula=slope_length_factor,
    laws=(("increasing", "slope_length"),),
    source=Source("McCool et al. 1989 (RUSLE)", tag="K"),
    gives="slope_length_factor",
    example=Example(
        given={"slope_length": (88.52, "m"), "slope": (30, "deg")},
        gives=(2.67973116, "1"),
        working="λ/22.13 = 4; β = 5.618/2.283 = 2.461; 4^0.711",
    ),
)
