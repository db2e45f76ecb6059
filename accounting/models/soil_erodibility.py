"""Erodibility as measured on Chinese plots, from that of EPIC."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE
from accounting.method import Array, Example, Method, Source

SLOPE, OFFSET = 0.51575, 0.01383 * 0.1317  # of the regression, in SI units


def soil_erodibility(
    *, soil_erodibility_epic: Annotated[Array, "t.hm2.h/(hm2.MJ.mm)", NOT_NEGATIVE]
) -> Annotated[Array, "t.hm2.h/(hm2.MJ.mm)"]:
    """K = 0.51575 · K' − 0.01383 · 0.1317.

    K' erodibility of EPIC and K, both in t·hm2·h/(hm2·MJ·mm); below 0.0268 · 0.1317 it is 0.
    """
    return SLOPE * soil_erodibility_epic - OFFSET


METHOD = Method(
    code="soil-erodibility/chinese-plots",
    scope="cell",
    formula=soil_erodibility,
    laws=(("increasing", "soil_erodibility_epic"),),
    source=Source("Zhang et al. 2008", title="(−0.01383 + 0.51575 K_EPIC) · 0.1317", tag="K"),
    gives="soil_erodibility",
    negative="clip-cell",
    example=Example(
        given={"soil_erodibility_epic": (0.01317, "t.hm2.h/(hm2.MJ.mm)")},
        gives=(0.0049710165, "t.hm2.h/(hm2.MJ.mm)"),
        working="K_EPIC 0.1: (0.051575 − 0.01383) · 0.1317 = 0.037745 · 0.1317",
    ),
)
