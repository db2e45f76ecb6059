"""The force of the wind on dry, snow-free ground."""

from typing import Annotated

import numpy as np

from accounting.argument import NOT_NEGATIVE, Share
from accounting.method import SERIES, Array, Example, Method, Range, Source

GRAVITY = 9.8  # m/s2


def weather_factor(
    *,
    wind_speed: Annotated[Array, "m/s", NOT_NEGATIVE, SERIES],
    wind_frequency: Annotated[Array, "1", Range(0, 1), SERIES],
    threshold_wind: Annotated[Array, "m/s", NOT_NEGATIVE],
    period_days: Annotated[Array, "d", NOT_NEGATIVE],
    air_density: Annotated[Array, "kg/m3", NOT_NEGATIVE],
    soil_wetness_factor: Share,
    snow_factor: Share,
) -> Annotated[Array, "kg/m"]:
    """WF = Σ f · U · (U − Ut)² · Nd · ρ/g · SW · SD, over classes of wind with U > Ut.

    U wind at 2 m and f its share of the Nd days (shape: cells, classes), Ut 5 m/s, ρ air density
    in kg/m3, SW wetness, SD snow. It comes out in kg/(m·s); the papers declare kg/m, and so do
    we.
    """
    excess = np.maximum(wind_speed - np.expand_dims(threshold_wind, -1), 0.0)
    force = np.asarray((wind_frequency * wind_speed * excess**2).sum(axis=-1))
    return force * period_days * air_density / GRAVITY * soil_wetness_factor * snow_factor


METHOD = Method(
    code="weather-factor/rweq",
    scope="cell",
    formula=weather_factor,
    laws=(
        ("linear", "period_days"),
        ("linear", "air_density"),
        ("linear", "soil_wetness_factor"),
        ("linear", "snow_factor"),
        ("linear", "wind_frequency"),
        ("increasing", "wind_speed"),
        ("decreasing", "threshold_wind"),
    ),
    source=Source(
        "ChinaXiv:201706.00467", title="the sum over U > Ut and f as a share: pyrweq", tag="R"
    ),
    gives="weather_factor",
    example=Example(
        given={
            "wind_speed": ((4, 10), "m/s"),
            "wind_frequency": ((0.5, 0.5), "1"),
            "threshold_wind": (5, "m/s"),
            "period_days": (10, "d"),
            "air_density": (0.98, "kg/m3"),
            "soil_wetness_factor": (0.8, "1"),
            "snow_factor": (1, "1"),
        },
        gives=(100, "kg/m"),
        working="0.5 · 10 · 5² = 125, in 10 days 1250, times 0.98/9.8 and 0.8",
    ),
)
