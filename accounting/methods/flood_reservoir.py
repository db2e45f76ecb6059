"""Flood water that a reservoir can hold."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Share
from accounting.method import Array, Example, Method, Source


def flood_reservoir(
    *, reservoir_capacity: Annotated[Array, "m3", NOT_NEGATIVE], flood_share: Share
) -> Annotated[Array, "m3"]:
    """C = 0.35 · V, the share a parameter.

    V total capacity in m3, of which 0.35 is kept for floods, C in m3.
    """
    return reservoir_capacity * flood_share


METHOD = Method(
    code="flood-mitigation/reservoir",
    scope="object",
    formula=flood_reservoir,
    laws=(("linear", "reservoir_capacity"), ("linear", "flood_share")),
    source=Source("doi:10.5846/stxb201607011362", tag="R"),
    gives="reservoir_flood_storage",
    example=Example(
        given={"reservoir_capacity": (300, "万m3"), "flood_share": (0.35, "1")},
        gives=(105, "万m3"),
        working="35 % of 300",
    ),
)
