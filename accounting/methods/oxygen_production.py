"""Oxygen released, from dry matter produced."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Hectares
from accounting.method import Array, Example, Method, Source


def oxygen_production(
    *,
    dry_matter: Annotated[Array, "t.DM/hm2", NOT_NEGATIVE],
    oxygen_per_dry_matter: Annotated[Array, "t.O2/t.DM", NOT_NEGATIVE],
    area: Hectares,
) -> Annotated[Array, "t.O2"]:
    """Q = 1.19 · D · A, the ratio a parameter.

    D dry matter produced in t per hm2, 1.19 (or 1.2) t of O2 for each t of it, A area in hm2.
    """
    return oxygen_per_dry_matter * dry_matter * area


METHOD = Method(
    code="oxygen/production",
    scope="cell",
    formula=oxygen_production,
    laws=(("linear", "dry_matter"), ("linear", "oxygen_per_dry_matter"), ("linear", "area")),
    source=Source(
        "equation of photosynthesis", title="read in a source that our notes do not name", tag="K"
    ),
    gives="oxygen_released",
    example=Example(
        given={
            "dry_matter": (10, "t.DM/hm2"),
            "oxygen_per_dry_matter": (1.19, "t.O2/t.DM"),
            "area": (1, "hm2"),
        },
        gives=(11.9, "t.O2"),
        working="1.19 · 10",
    ),
)
