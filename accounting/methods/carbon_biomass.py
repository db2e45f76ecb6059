"""Carbon dioxide fixed, from the growth of biomass between two surveys."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Hectares, Share
from accounting.constants import CO2_PER_C
from accounting.method import Array, Example, Method, Source


def carbon_biomass(
    *,
    biomass_after: Annotated[Array, "t.DM/hm2", NOT_NEGATIVE],
    biomass_before: Annotated[Array, "t.DM/hm2", NOT_NEGATIVE],
    carbon_fraction: Share,
    area: Hectares,
) -> Annotated[Array, "t.CO2"]:
    """Q = 44/12 · (B2 − B1) · c · A.

    B dry matter in t per hm2 at the end and the beginning, c its carbon fraction, A area in hm2,
    Q in t of CO2. A loss of biomass is kept as negative.
    """
    return CO2_PER_C * (biomass_after - biomass_before) * carbon_fraction * area


METHOD = Method(
    code="carbon/biomass",
    scope="cell",
    formula=carbon_biomass,
    laws=(
        ("linear", "area"),
        ("linear", "carbon_fraction"),
        ("increasing", "biomass_after"),
        ("decreasing", "biomass_before"),
        ("affine", "biomass_after"),
        ("affine", "biomass_before"),
    ),
    source=Source("GB/T 46869-2025", clause="A.7", title="生物量法", tag="K"),
    gives="carbon_fixed_co2",
    negative="keep",
    example=Example(
        given={
            "biomass_after": (106, "t.DM/hm2"),
            "biomass_before": (100, "t.DM/hm2"),
            "carbon_fraction": (0.5, "1"),
            "area": (1, "hm2"),
        },
        gives=(11, "t.CO2"),
        working="6 t of dry matter, 3 t of C, 11 t of CO2",
    ),
)
