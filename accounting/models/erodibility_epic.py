"""Erodibility of a soil from its texture and organic carbon, as EPIC has it."""

from typing import Annotated

import numpy as np

from accounting.argument import Share
from accounting.constants import PERCENT
from accounting.method import Array, Example, Method, Source

SI_PER_CUSTOMARY = 0.1317


def erodibility_epic(
    *, sand_content: Share, silt_content: Share, clay_content: Share, organic_carbon: Share
) -> Annotated[Array, "t.hm2.h/(hm2.MJ.mm)"]:
    """K = 0.1317 · f(sand, silt) · (silt/(clay+silt))^0.3 · f(C) · f(1 − sand).

    Sand, silt, clay and organic carbon C as shares of mass, K in t·hm2·h/(hm2·MJ·mm); 0.1317
    brings the American customary unit to SI. Without silt and clay there is no estimate.
    """
    carbon, rest = organic_carbon * PERCENT, 1 - sand_content
    with np.errstate(invalid="ignore"):
        fine = (silt_content / (clay_content + silt_content)) ** 0.3
    coarse = 0.2 + 0.3 * np.exp(-0.0256 * sand_content * PERCENT * (1 - silt_content))
    organic = 1 - 0.25 * carbon / (carbon + np.exp(3.72 - 2.95 * carbon))
    sandy = 1 - 0.7 * rest / (rest + np.exp(-5.51 + 22.9 * rest))
    return SI_PER_CUSTOMARY * coarse * fine * organic * sandy


METHOD = Method(
    code="soil-erodibility/epic",
    scope="cell",
    formula=erodibility_epic,
    laws=(("decreasing", "organic_carbon"), ("decreasing", "clay_content")),
    source=Source("Williams 1990 (EPIC)", tag="K"),
    gives="soil_erodibility_epic",
    example=Example(
        given={
            "sand_content": (40, "%"),
            "silt_content": (40, "%"),
            "clay_content": (20, "%"),
            "organic_carbon": (1, "%"),
        },
        gives=(0.03890172, "t.hm2.h/(hm2.MJ.mm)"),
        working="0.1317 · 0.3623 · 0.8855 · 0.9209 · 0.9999",
    ),
    more_examples=(
        Example(
            given={
                "sand_content": (20, "%"),
                "silt_content": (50, "%"),
                "clay_content": (30, "%"),
                "organic_carbon": (2, "%"),
            },
            gives=(0.0377410683, "t.hm2.h/(hm2.MJ.mm)"),
            working="0.1317 · 0.4322 · 0.8685 · 0.7634 · 1.0000",
        ),
    ),
)
