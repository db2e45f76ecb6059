"""Flood water that a marsh can hold."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE
from accounting.method import Array, Example, Method, Source


def flood_marsh(
    *,
    marsh_area: Annotated[Array, "m2", NOT_NEGATIVE],
    marsh_depth: Annotated[Array, "m", NOT_NEGATIVE],
) -> Annotated[Array, "m3"]:
    """C = S · h.

    S area of marsh in m2, h the depth it can take up (0.3 m), C in m3. The source prints 0.3 · S
    · 10^6 with S in km2 as 万m3: it is m3.
    """
    return marsh_area * marsh_depth


METHOD = Method(
    code="flood-mitigation/marsh",
    scope="cell",
    formula=flood_marsh,
    laws=(("linear", "marsh_area"), ("linear", "marsh_depth")),
    source=Source("doi:10.5846/stxb201607011362", tag="R"),
    gives="marsh_flood_storage",
    example=Example(
        given={"marsh_area": (1, "km2"), "marsh_depth": (0.3, "m")},
        gives=(30, "万m3"),
        working="1,000,000 m2 · 0.3 m",
    ),
)
