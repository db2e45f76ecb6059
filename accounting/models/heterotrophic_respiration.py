"""What decay gives back, from the respiration of the soil."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Share
from accounting.method import Array, Example, Method, Source


def heterotrophic_respiration(
    *, soil_respiration: Annotated[Array, "t.C/hm2", NOT_NEGATIVE], heterotrophic_share: Share
) -> Annotated[Array, "t.C/hm2"]:
    """Rh = Rs · h.

    Rs respiration of the soil with its roots in t of C per hm2, h the share that is decay.
    """
    return soil_respiration * heterotrophic_share


METHOD = Method(
    code="heterotrophic-respiration/share",
    scope="cell",
    formula=heterotrophic_respiration,
    laws=(("linear", "soil_respiration"), ("linear", "heterotrophic_share")),
    source=Source(
        "Bond-Lamberty et al. 2004",
        title="the share is a parameter with a source of its own",
        tag="K",
    ),
    gives="heterotrophic_respiration",
    example=Example(
        given={"soil_respiration": (8, "t.C/hm2"), "heterotrophic_share": (0.5, "1")},
        gives=(4, "t.C/hm2"),
        working="half of 8",
    ),
)
