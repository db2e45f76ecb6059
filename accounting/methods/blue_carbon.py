"""Carbon dioxide buried under mangrove, salt marsh and seagrass."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Hectares
from accounting.constants import CO2_PER_C
from accounting.method import Array, Example, Method, Source


def blue_carbon(
    *, carbon_burial_rate: Annotated[Array, "t.C/(hm2.a)", NOT_NEGATIVE], area: Hectares
) -> Annotated[Array, "t.CO2"]:
    """Q = 44/12 · b · A.

    b carbon buried in t of C per hm2 and year, A area in hm2, Q in t of CO2.
    """
    return CO2_PER_C * carbon_burial_rate * area


METHOD = Method(
    code="carbon/blue-burial",
    scope="cell",
    formula=blue_carbon,
    laws=(("linear", "carbon_burial_rate"), ("linear", "area")),
    source=Source("HY/T 0349-2022", title="海洋碳汇核算方法", tag="K"),
    gives="carbon_fixed_co2",
    example=Example(
        given={"carbon_burial_rate": (1.5, "t.C/(hm2.a)"), "area": (2, "hm2")},
        gives=(11, "t.CO2"),
        working="3 t of C are 11 t of CO2",
    ),
)
