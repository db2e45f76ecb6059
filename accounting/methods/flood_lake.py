"""Flood water that a lake can hold, by its area and region."""

from typing import Annotated

import numpy as np

from accounting.argument import NOT_NEGATIVE
from accounting.method import Array, Example, Method, Source

M3_PER_WAN_M3 = 10_000.0


def flood_lake(
    *,
    lake_area: Annotated[Array, "km2", NOT_NEGATIVE],
    lake_intercept: Annotated[Array, "1"],
    lake_exponent: Annotated[Array, "1", NOT_NEGATIVE],
    lake_turnover: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "m3"]:
    """C = e^a · A^b · T · 10^4, lake by lake.

    A area of one lake in km2, a and b of its region (Qinghai-Tibet 6.636 and 0.678, T 1;
    elsewhere recalled), T times the water is renewed; the source counts 万m3, C is in m3.
    """
    return np.exp(lake_intercept) * lake_area**lake_exponent * lake_turnover * M3_PER_WAN_M3


METHOD = Method(
    code="flood-mitigation/lake",
    scope="object",
    formula=flood_lake,
    laws=(
        ("linear", "lake_turnover"),
        ("zero", "lake_area"),
        ("increasing", "lake_area"),
        ("increasing", "lake_intercept"),
    ),
    source=Source(
        "doi:10.5846/stxb201607011362",
        title="Qinghai-Tibet; other regions: Rao 2014, recalled",
        tag="R",
    ),
    gives="lake_flood_storage",
    example=Example(
        given={
            "lake_area": (1, "km2"),
            "lake_intercept": (6.636, "1"),
            "lake_exponent": (0.678, "1"),
            "lake_turnover": (1, "1"),
        },
        gives=(762.040726, "万m3"),
        working="1 km2: e^6.636 万m3",
    ),
    more_examples=(
        Example(
            given={
                "lake_area": (165, "km2"),
                "lake_intercept": (6.636, "1"),
                "lake_exponent": (0.678, "1"),
                "lake_turnover": (2, "1"),
            },
            gives=(48580.5348, "万m3"),
            working="762.0407 · 165^0.678 = 762.0407 · 31.87529, renewed twice",
        ),
    ),
)
