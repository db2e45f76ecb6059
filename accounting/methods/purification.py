"""Pollutants taken out of air or water, by the branch that the readings name."""

from typing import Annotated

import numpy as np

from accounting.argument import Hectares, YesOrNo
from accounting.method import Array, Example, Method, Source


def purification(
    *,
    emission: Annotated[Array, "[U]"],
    capacity: Annotated[Array, "[U]/hm2"],
    area: Hectares,
    meets_standard: YesOrNo,
) -> Annotated[Array, "[U]"]:
    """Q = E where the standard is met, else Q = q · A.

    E emission of the pollutant, q what an area takes up in a year, A area in hm2. Whether ambient
    quality meets its functional standard is a reading, never inferred from the smaller of the
    two.
    """
    return np.where(meets_standard == 1, emission, capacity * area)


METHOD = Method(
    code="purification/by-standard",
    scope="cell",
    formula=purification,
    laws=(("increasing", "emission"), ("increasing", "capacity"), ("increasing", "area")),
    source=Source(
        "发改基础〔2022〕481号",
        title="two branches; each alone was read: Garzê emission, Bo 2017 capacity",
        tag="K",
    ),
    example=Example(
        given={
            "emission": (100, "t.SO2"),
            "capacity": (0.15, "t.SO2/hm2"),
            "area": (200, "hm2"),
            "meets_standard": (0, "1"),
        },
        gives=(30, "t.SO2"),
        working="not met: 0.15 · 200",
    ),
    more_examples=(
        Example(
            given={
                "emission": (100, "t.SO2"),
                "capacity": (0.15, "t.SO2/hm2"),
                "area": (200, "hm2"),
                "meets_standard": (1, "1"),
            },
            gives=(100, "t.SO2"),
            working="met: the emission",
        ),
    ),
)
