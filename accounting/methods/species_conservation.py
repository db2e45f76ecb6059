"""Habitat by its diversity, with more for endangered and endemic species and old trees."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Cny, Hectares
from accounting.method import Array, Example, Method, Source

WEIGHT = 0.1


def species_conservation(
    *,
    endangered_index: Annotated[Array, "1", NOT_NEGATIVE],
    endemic_index: Annotated[Array, "1", NOT_NEGATIVE],
    old_tree_index: Annotated[Array, "1", NOT_NEGATIVE],
    species_price: Annotated[Array, "CNY/(hm2.a)", NOT_NEGATIVE],
    area: Hectares,
) -> Cny:
    """V = (1 + 0.1·ΣE + 0.1·ΣB + 0.1·ΣO) · S · A.

    E, B and O indices of endangered species, endemic species and old trees, S value of the class
    of diversity in CNY per hm2 and year, A area in hm2. In SEEA EA it is intermediate, not in the
    sum.
    """
    more = WEIGHT * (endangered_index + endemic_index + old_tree_index)
    return (1 + more) * species_price * area


METHOD = Method(
    code="species-conservation/shannon-wiener",
    scope="cell",
    formula=species_conservation,
    laws=(
        ("linear", "species_price"),
        ("linear", "area"),
        ("increasing", "endangered_index"),
        ("increasing", "endemic_index"),
        ("increasing", "old_tree_index"),
    ),
    source=Source("GB/T 38582-2020", tag="K"),
    example=Example(
        given={
            "endangered_index": (2, "1"),
            "endemic_index": (1, "1"),
            "old_tree_index": (2, "1"),
            "species_price": (10000, "CNY/(hm2.a)"),
            "area": (3, "hm2"),
        },
        gives=(45000, "CNY"),
        working="1.5 · 10,000 · 3",
    ),
)
