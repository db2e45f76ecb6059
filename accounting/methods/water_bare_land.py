"""Water retention against bare land, the baseline of SEEA EA."""

from typing import Annotated

from accounting.argument import Hectares, Millimetres
from accounting.constants import M3_PER_MM_HM2
from accounting.method import Array, Example, Method, Source


def water_bare_land(
    *,
    storm_runoff: Millimetres,
    evapotranspiration: Millimetres,
    bare_storm_runoff: Millimetres,
    bare_evapotranspiration: Millimetres,
    area: Hectares,
) -> Annotated[Array, "m3"]:
    """Q = [(R0 + ET0) − (R + ET)] · A · 10.

    R storm runoff and ET evapotranspiration in mm as they are, R0 and ET0 the same on bare land,
    A area in hm2, Q in m3. The precipitation falls on both and cancels.
    """
    lost, lost_bare = storm_runoff + evapotranspiration, bare_storm_runoff + bare_evapotranspiration
    return (lost_bare - lost) * area * M3_PER_MM_HM2


METHOD = Method(
    code="water-retention/bare-land",
    scope="cell",
    formula=water_bare_land,
    laws=(
        ("linear", "area"),
        ("increasing", "bare_storm_runoff"),
        ("increasing", "bare_evapotranspiration"),
        ("decreasing", "storm_runoff"),
        ("decreasing", "evapotranspiration"),
        ("affine", "storm_runoff"),
        ("affine", "evapotranspiration"),
        ("affine", "bare_storm_runoff"),
        ("affine", "bare_evapotranspiration"),
    ),
    source=Source(
        "SEEA EA", clause="table 7.7", title="the baseline was read, the formula is ours", tag="K"
    ),
    gives="water_retained",
    negative="keep",
    example=Example(
        given={
            "storm_runoff": (50, "mm"),
            "evapotranspiration": (600, "mm"),
            "bare_storm_runoff": (500, "mm"),
            "bare_evapotranspiration": (300, "mm"),
            "area": (1, "hm2"),
        },
        gives=(1500, "m3"),
        working="(500 + 300) − (50 + 600) = 150 mm on 1 hm2",
    ),
)
