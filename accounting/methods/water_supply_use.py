"""Water retention as what a basin gives off beyond what it takes in."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE
from accounting.method import Array, Example, Method, Source


def water_supply_use(
    *,
    basin_outflow: Annotated[Array, "m3", NOT_NEGATIVE],
    basin_inflow: Annotated[Array, "m3", NOT_NEGATIVE],
    basin_water_use: Annotated[Array, "m3", NOT_NEGATIVE],
) -> Annotated[Array, "m3"]:
    """Q = O − I + U.

    O outflow at the outlet of the basin, I inflow, U water used inside it, all in m3.
    """
    return basin_outflow - basin_inflow + basin_water_use


METHOD = Method(
    code="water-retention/supply-use",
    scope="region",
    formula=water_supply_use,
    laws=(
        ("increasing", "basin_outflow"),
        ("increasing", "basin_water_use"),
        ("decreasing", "basin_inflow"),
    ),
    source=Source("生态系统生产总值核算技术指南 (CAS 2020)", title="水量供给法", tag="K"),
    gives="water_retained",
    negative="keep",
    example=Example(
        given={
            "basin_outflow": (10, "亿m3"),
            "basin_inflow": (7, "亿m3"),
            "basin_water_use": (1, "亿m3"),
        },
        gives=(4, "亿m3"),
        working="10 − 7 + 1 = 4",
    ),
)
