"""Flood water that vegetation holds back in a storm."""

from typing import Annotated

from accounting.argument import Hectares, Millimetres
from accounting.constants import M3_PER_MM_HM2
from accounting.method import Array, Example, Method, Source


def flood_vegetation(
    *, storm_precipitation: Millimetres, storm_runoff: Millimetres, area: Hectares
) -> Annotated[Array, "m3"]:
    """C = (P − R) · A · 10.

    P precipitation of storms and R their runoff in mm, A area in hm2, C in m3.
    """
    return (storm_precipitation - storm_runoff) * area * M3_PER_MM_HM2


METHOD = Method(
    code="flood-mitigation/vegetation",
    scope="cell",
    formula=flood_vegetation,
    laws=(
        ("linear", "area"),
        ("increasing", "storm_precipitation"),
        ("decreasing", "storm_runoff"),
        ("affine", "storm_precipitation"),
        ("affine", "storm_runoff"),
    ),
    source=Source("GB/T 46869-2025", clause="A.6", tag="K"),
    gives="vegetation_flood_storage",
    negative="keep",
    example=Example(
        given={"storm_precipitation": (200, "mm"), "storm_runoff": (50, "mm"), "area": (1, "hm2")},
        gives=(1500, "m3"),
        working="150 mm on 1 hm2",
    ),
)
