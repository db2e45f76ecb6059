"""Fertility kept with the soil, at the price of the fertiliser that would replace it."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Cny, Share
from accounting.method import Array, Example, Method, Range, Source


def soil_fertility(
    *,
    soil_retained: Annotated[Array, "t.soil"],
    nutrient_content: Share,
    fertiliser_content: Annotated[Array, "1", Range(0, 1, above=True)],
    fertiliser_price: Annotated[Array, "CNY/t", NOT_NEGATIVE],
) -> Cny:
    """V = Q · c / f · p, one nutrient.

    Q soil retained in t, c its content of the nutrient, f that of the fertiliser, p the price of
    the fertiliser in CNY/t. Tonnes of soil at a price per m3 need a bulk density: other method.
    """
    return soil_retained * nutrient_content / fertiliser_content * fertiliser_price


METHOD = Method(
    code="soil-retention/fertility",
    scope="cell",
    formula=soil_fertility,
    laws=(
        ("linear", "soil_retained"),
        ("linear", "nutrient_content"),
        ("linear", "fertiliser_price"),
        ("inverse", "fertiliser_content"),
    ),
    source=Source(
        "GB/T 38582-2020", title="also LY/T 1721-2008; used by Gaotianyan (read)", tag="K"
    ),
    example=Example(
        given={
            "soil_retained": (1000, "t.soil"),
            "nutrient_content": (0.28, "%"),
            "fertiliser_content": (14, "%"),
            "fertiliser_price": (3000, "CNY/t"),
        },
        gives=(60000, "CNY"),
        working="2.8 t of N are 20 t of fertiliser at 14 %, each 3000 CNY",
    ),
)
