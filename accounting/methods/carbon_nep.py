"""Carbon dioxide fixed, as what an ecosystem keeps of its production."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Hectares
from accounting.constants import CO2_PER_C
from accounting.method import Array, Example, Method, Source


def carbon_nep(
    *,
    net_primary_production: Annotated[Array, "t.C/hm2", NOT_NEGATIVE],
    heterotrophic_respiration: Annotated[Array, "t.C/hm2", NOT_NEGATIVE],
    area: Hectares,
) -> Annotated[Array, "t.CO2"]:
    """Q = 44/12 · (NPP − Rh) · A.

    NPP net primary production and Rh heterotrophic respiration (not the whole respiration of the
    soil) in t of C per hm2, A area in hm2, Q in t of CO2. A source is kept as negative.
    """
    return CO2_PER_C * (net_primary_production - heterotrophic_respiration) * area


METHOD = Method(
    code="carbon/nep",
    scope="cell",
    formula=carbon_nep,
    laws=(
        ("linear", "area"),
        ("increasing", "net_primary_production"),
        ("decreasing", "heterotrophic_respiration"),
        ("affine", "net_primary_production"),
        ("affine", "heterotrophic_respiration"),
    ),
    source=Source(
        "Bo 2017",
        title="one of the three methods of GB/T 46869-2025 A.7 (its text not read)",
        tag="R",
    ),
    gives="carbon_fixed_co2",
    negative="keep",
    example=Example(
        given={
            "net_primary_production": (5, "t.C/hm2"),
            "heterotrophic_respiration": (3.8, "t.C/hm2"),
            "area": (10, "hm2"),
        },
        gives=(44, "t.CO2"),
        working="12 t of C are 44 t of CO2",
    ),
)
