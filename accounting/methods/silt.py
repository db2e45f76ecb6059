"""Silt that does not settle in reservoirs and rivers."""

from typing import Annotated

from accounting.argument import Share
from accounting.method import Array, Example, Method, Source


def silt(
    *,
    soil_retained: Annotated[Array, "t.soil"],
    sediment_share: Share,
    soil_bulk_density: Annotated[Array, "t/m3"],
) -> Annotated[Array, "m3"]:
    """V = λ · Q / ρ.

    Q soil retained in t, λ the share that would have settled, ρ bulk density in t/m3, V in m3.
    """
    return sediment_share * soil_retained / soil_bulk_density


METHOD = Method(
    code="soil-retention/silt",
    scope="cell",
    formula=silt,
    laws=(
        ("linear", "soil_retained"),
        ("linear", "sediment_share"),
        ("inverse", "soil_bulk_density"),
    ),
    source=Source("doi:10.5846/stxb201607011362", tag="R"),
    gives="silt_volume_avoided",
    example=Example(
        given={
            "soil_retained": (93, "t.soil"),
            "sediment_share": (24, "%"),
            "soil_bulk_density": (0.93, "t/m3"),
        },
        gives=(24, "m3"),
        working="24 % of 100 m3",
    ),
)
