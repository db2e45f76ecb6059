"""What part of the wind's force dry ground leaves to it."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, POSITIVE, Millimetres
from accounting.method import Array, Example, Method, Source


def soil_wetness_factor(
    *,
    potential_evapotranspiration: Annotated[Array, "mm", POSITIVE],
    rain_and_irrigation: Millimetres,
    rain_days: Annotated[Array, "d", NOT_NEGATIVE],
    period_days: Annotated[Array, "d", POSITIVE],
) -> Annotated[Array, "1"]:
    """SW = (ETp − (R + I) · Rd/Nd) / ETp, at least 0.

    ETp potential evapotranspiration and R + I rain and irrigation in mm, Rd days with rain or
    irrigation of Nd days.
    """
    wet = rain_and_irrigation * rain_days / period_days
    return (potential_evapotranspiration - wet) / potential_evapotranspiration


METHOD = Method(
    code="soil-wetness/rweq",
    scope="cell",
    formula=soil_wetness_factor,
    laws=(
        ("decreasing", "rain_and_irrigation"),
        ("decreasing", "rain_days"),
        ("increasing", "potential_evapotranspiration"),
        ("increasing", "period_days"),
    ),
    source=Source("Fryrear et al. 1998 (RWEQ)", title="pyrweq codes it otherwise", tag="K"),
    gives="soil_wetness_factor",
    negative="clip-cell",
    example=Example(
        given={
            "potential_evapotranspiration": (100, "mm"),
            "rain_and_irrigation": (80, "mm"),
            "rain_days": (5, "d"),
            "period_days": (10, "d"),
        },
        gives=(0.6, "1"),
        working="(100 − 80/2) / 100",
    ),
)
