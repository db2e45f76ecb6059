"""Carbon dioxide fixed, by rates of the ecosystem types."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Hectares
from accounting.constants import CO2_PER_C
from accounting.method import Array, Example, Method, Source


def carbon_rate(
    *,
    carbon_rate: Annotated[Array, "t.C/(hm2.a)", NOT_NEGATIVE],
    soil_carbon_ratio: Annotated[Array, "1", NOT_NEGATIVE],
    area: Hectares,
) -> Annotated[Array, "t.CO2"]:
    """Q = 44/12 · F · (1 + β) · A.

    F rate at which the vegetation of a type fixes carbon in t of C per hm2 and year, β what the
    soil adds to it, A area in hm2, Q in t of CO2.
    """
    return CO2_PER_C * carbon_rate * (1 + soil_carbon_ratio) * area


METHOD = Method(
    code="carbon/rate",
    scope="cell",
    formula=carbon_rate,
    laws=(
        ("linear", "carbon_rate"),
        ("linear", "area"),
        ("increasing", "soil_carbon_ratio"),
        ("affine", "soil_carbon_ratio"),
    ),
    source=Source("GB/T 46869-2025", clause="A.7", title="固碳速率法", tag="K"),
    gives="carbon_fixed_co2",
    example=Example(
        given={
            "carbon_rate": (1, "t.C/(hm2.a)"),
            "soil_carbon_ratio": (0.5, "1"),
            "area": (2, "hm2"),
        },
        gives=(11, "t.CO2"),
        working="3 t of C are 11 t of CO2",
    ),
)
