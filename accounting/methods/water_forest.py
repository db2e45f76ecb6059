"""Water retention of a forest stand, as the forest standards have it."""

from typing import Annotated

from accounting.argument import Hectares, Millimetres
from accounting.constants import M3_PER_MM_HM2
from accounting.method import Array, Example, Method, Source


def water_forest(
    *,
    precipitation: Millimetres,
    evapotranspiration: Millimetres,
    quick_runoff: Millimetres,
    area: Hectares,
) -> Annotated[Array, "m3"]:
    """G = 10 · A · (P − E − C).

    P precipitation, E evapotranspiration of the stand, C quick surface runoff in mm, A area in
    hm2, G in m3.
    """
    return M3_PER_MM_HM2 * area * (precipitation - evapotranspiration - quick_runoff)


METHOD = Method(
    code="water-retention/forest",
    scope="cell",
    formula=water_forest,
    laws=(
        ("linear", "area"),
        ("increasing", "precipitation"),
        ("decreasing", "evapotranspiration"),
        ("decreasing", "quick_runoff"),
        ("affine", "precipitation"),
        ("affine", "evapotranspiration"),
        ("affine", "quick_runoff"),
    ),
    source=Source(
        "GB/T 38582-2020", title="森林生态系统服务功能评估规范; also LY/T 1721-2008", tag="K"
    ),
    gives="water_retained",
    negative="keep",
    example=Example(
        given={
            "precipitation": (250, "mm"),
            "evapotranspiration": (150, "mm"),
            "quick_runoff": (3, "mm"),
            "area": (2, "hm2"),
        },
        gives=(1940, "m3"),
        working="97 mm on 2 hm2",
    ),
)
