"""Soil kept in place by vegetation: what bare ground would lose, less what is lost."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Hectares, Share
from accounting.method import Array, Example, Method, Source


def soil_retention(
    *,
    rainfall_erosivity: Annotated[Array, "MJ.mm/(hm2.h.a)", NOT_NEGATIVE],
    soil_erodibility: Annotated[Array, "t.hm2.h/(hm2.MJ.mm)", NOT_NEGATIVE],
    slope_length_factor: Annotated[Array, "1", NOT_NEGATIVE],
    slope_steepness_factor: Annotated[Array, "1", NOT_NEGATIVE],
    soil_cover_factor: Share,
    area: Hectares,
) -> Annotated[Array, "t.soil"]:
    """Q = R · K · L · S · (1 − C) · A.

    R erosivity in MJ·mm/(hm2·h·a), K erodibility in t·hm2·h/(hm2·MJ·mm), L and S slope, C cover,
    A area in hm2, Q in t. What terraces and other works keep (P) is not in it.
    """
    potential = rainfall_erosivity * soil_erodibility * slope_length_factor * slope_steepness_factor
    return potential * (1 - soil_cover_factor) * area


METHOD = Method(
    code="soil-retention/rusle",
    scope="cell",
    formula=soil_retention,
    laws=(
        ("linear", "rainfall_erosivity"),
        ("linear", "soil_erodibility"),
        ("linear", "slope_length_factor"),
        ("linear", "slope_steepness_factor"),
        ("linear", "area"),
        ("decreasing", "soil_cover_factor"),
        ("affine", "soil_cover_factor"),
    ),
    source=Source("Bo 2017", title="RUSLE without P", tag="R"),
    gives="soil_retained",
    example=Example(
        given={
            "rainfall_erosivity": (1000, "MJ.mm/(hm2.h.a)"),
            "soil_erodibility": (0.04, "t.hm2.h/(hm2.MJ.mm)"),
            "slope_length_factor": (2, "1"),
            "slope_steepness_factor": (5, "1"),
            "soil_cover_factor": (0.1, "1"),
            "area": (1, "hm2"),
        },
        gives=(360, "t.soil"),
        working="1000 · 0.04 · 2 · 5 = 400 t, nine tenths of it",
    ),
)
