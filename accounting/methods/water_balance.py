"""Water retention as what precipitation leaves after storm runoff and evapotranspiration."""

from typing import Annotated

from accounting.argument import Hectares, Millimetres
from accounting.constants import M3_PER_MM_HM2
from accounting.method import Array, Example, Method, Source


def water_balance(
    *,
    precipitation: Millimetres,
    storm_runoff: Millimetres,
    evapotranspiration: Millimetres,
    area: Hectares,
) -> Annotated[Array, "m3"]:
    """Q = (P − R − ET) · A · 10.

    P precipitation, R storm runoff, ET actual evapotranspiration in mm, A area in hm2, Q in m3. A
    negative balance is kept, never its absolute value.
    """
    return (precipitation - storm_runoff - evapotranspiration) * area * M3_PER_MM_HM2


METHOD = Method(
    code="water-retention/balance",
    scope="cell",
    formula=water_balance,
    laws=(
        ("linear", "area"),
        ("increasing", "precipitation"),
        ("decreasing", "storm_runoff"),
        ("decreasing", "evapotranspiration"),
        ("affine", "precipitation"),
        ("affine", "storm_runoff"),
        ("affine", "evapotranspiration"),
    ),
    source=Source(
        "doi:10.5846/stxb201607011362", clause="water balance", title="also Bo 2017", tag="R"
    ),
    gives="water_retained",
    negative="keep",
    example=Example(
        given={
            "precipitation": (1000, "mm"),
            "storm_runoff": (100, "mm"),
            "evapotranspiration": (500, "mm"),
            "area": (1, "hm2"),
        },
        gives=(4000, "m3"),
        working="400 mm on 1 hm2, 10 m3 for each mm",
    ),
)
