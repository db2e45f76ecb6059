"""Soil kept in place by vegetation and works together, where a standard says so."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Hectares, Share
from accounting.method import Array, Example, Method, Source


def soil_retention_with_works(
    *,
    rainfall_erosivity: Annotated[Array, "MJ.mm/(hm2.h.a)", NOT_NEGATIVE],
    soil_erodibility: Annotated[Array, "t.hm2.h/(hm2.MJ.mm)", NOT_NEGATIVE],
    slope_length_factor: Annotated[Array, "1", NOT_NEGATIVE],
    slope_steepness_factor: Annotated[Array, "1", NOT_NEGATIVE],
    soil_cover_factor: Share,
    practice_factor: Share,
    area: Hectares,
) -> Annotated[Array, "t.soil"]:
    """Q = R · K · L · S · (1 − C · P) · A, potential less actual loss.

    R erosivity in MJ·mm/(hm2·h·a), K erodibility in t·hm2·h/(hm2·MJ·mm), L and S slope, C cover,
    P works, A area in hm2, Q in t.
    """
    potential = rainfall_erosivity * soil_erodibility * slope_length_factor * slope_steepness_factor
    return potential * (1 - soil_cover_factor * practice_factor) * area


METHOD = Method(
    code="soil-retention/with-works",
    scope="cell",
    formula=soil_retention_with_works,
    laws=(
        ("linear", "rainfall_erosivity"),
        ("linear", "soil_erodibility"),
        ("linear", "slope_length_factor"),
        ("linear", "slope_steepness_factor"),
        ("linear", "area"),
        ("decreasing", "soil_cover_factor"),
        ("decreasing", "practice_factor"),
    ),
    source=Source(
        "ChinaXiv:201706.00467",
        title="retention = potential − actual, actual = R·K·LS·C·P",
        tag="R",
    ),
    gives="soil_retained",
    example=Example(
        given={
            "rainfall_erosivity": (1000, "MJ.mm/(hm2.h.a)"),
            "soil_erodibility": (0.04, "t.hm2.h/(hm2.MJ.mm)"),
            "slope_length_factor": (2, "1"),
            "slope_steepness_factor": (5, "1"),
            "soil_cover_factor": (0.1, "1"),
            "practice_factor": (0.5, "1"),
            "area": (1, "hm2"),
        },
        gives=(380, "t.soil"),
        working="400 t less 0.05 of it",
    ),
)
