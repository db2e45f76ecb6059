"""Actual evapotranspiration of a year from precipitation and what the air could take up."""

from typing import Annotated

import numpy as np

from accounting.argument import NOT_NEGATIVE, Millimetres
from accounting.method import Array, Example, Method, Source


def evapotranspiration(
    *,
    precipitation: Millimetres,
    potential_evapotranspiration: Millimetres,
    plant_water_coefficient: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "mm"]:
    """ET = P · (1 + ω·x) / (1 + ω·x + 1/x), x = E0/P.

    P precipitation and E0 potential evapotranspiration in mm, ω plant-available water (2.0
    forest, 0.5 grass), ET in mm. Where neither is, there is no estimate. It is no law in P: with
    ω = 2 it passes E0 where P is more than 2·E0, and then falls back to it.
    """
    above = potential_evapotranspiration * (
        precipitation + plant_water_coefficient * potential_evapotranspiration
    )
    with np.errstate(invalid="ignore"):
        return precipitation * above / (above + precipitation**2)


METHOD = Method(
    code="evapotranspiration/zhang",
    scope="cell",
    formula=evapotranspiration,
    laws=(
        ("zero", "precipitation"),
        ("zero", "potential_evapotranspiration"),
        ("increasing", "potential_evapotranspiration"),
    ),
    source=Source(
        "Zhang, Dawes, Walker 2001",
        title="Response of mean annual evapotranspiration to vegetation changes",
        tag="K",
    ),
    gives="evapotranspiration",
    example=Example(
        given={
            "precipitation": (1000, "mm"),
            "potential_evapotranspiration": (1000, "mm"),
            "plant_water_coefficient": (2, "1"),
        },
        gives=(750, "mm"),
        working="x = 1: 1000 · 3/4",
    ),
)
