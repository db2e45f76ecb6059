"""Carbon dioxide taken up, by the equation of photosynthesis."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Hectares
from accounting.method import Array, Example, Method, Source


def carbon_photosynthesis(
    *,
    dry_matter: Annotated[Array, "t.DM/hm2", NOT_NEGATIVE],
    co2_per_dry_matter: Annotated[Array, "t.CO2/t.DM", NOT_NEGATIVE],
    area: Hectares,
) -> Annotated[Array, "t.CO2"]:
    """Q = 1.63 · D · A, the ratio a parameter.

    D dry matter produced in t per hm2, 1.63 t of CO2 for each t of it, A area in hm2, Q in t of
    CO2. It counts production, not what is kept: larger than by NEP.
    """
    return co2_per_dry_matter * dry_matter * area


METHOD = Method(
    code="carbon/photosynthesis",
    scope="cell",
    formula=carbon_photosynthesis,
    laws=(("linear", "dry_matter"), ("linear", "co2_per_dry_matter"), ("linear", "area")),
    source=Source(
        "equation of photosynthesis", title="read in a source that our notes do not name", tag="K"
    ),
    gives="carbon_fixed_co2",
    example=Example(
        given={
            "dry_matter": (10, "t.DM/hm2"),
            "co2_per_dry_matter": (1.63, "t.CO2/t.DM"),
            "area": (1, "hm2"),
        },
        gives=(16.3, "t.CO2"),
        working="1.63 · 10",
    ),
)
