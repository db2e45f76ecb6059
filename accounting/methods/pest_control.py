"""Land that natural vegetation keeps free of pests."""

from typing import Annotated

from accounting.argument import Hectares, Share
from accounting.method import Array, Example, Method, Source


def pest_control(
    *, natural_area: Hectares, planted_incidence: Share, natural_incidence: Share
) -> Annotated[Array, "hm2"]:
    """A = N · (p − n).

    N area of natural forest or grassland in hm2, p the share that pests befall where it was
    planted, n where it is natural, A in hm2.
    """
    return natural_area * (planted_incidence - natural_incidence)


METHOD = Method(
    code="pest-control/incidence",
    scope="cell",
    formula=pest_control,
    laws=(
        ("linear", "natural_area"),
        ("increasing", "planted_incidence"),
        ("decreasing", "natural_incidence"),
        ("affine", "planted_incidence"),
        ("affine", "natural_incidence"),
    ),
    source=Source("生态系统生产总值核算技术指南 (CAS 2020)", tag="K"),
    gives="pest_control_area",
    negative="keep",
    example=Example(
        given={
            "natural_area": (1000, "hm2"),
            "planted_incidence": (12, "%"),
            "natural_incidence": (2, "%"),
        },
        gives=(100, "hm2"),
        working="10 % of 1000",
    ),
)
