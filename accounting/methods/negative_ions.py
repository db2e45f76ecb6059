"""Negative ions that forests give to the air."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Hectares
from accounting.method import Array, Example, Method, Source

IONS = 525_600 * 1e10  # min in a year, times cm3 in 1 hm2 · 1 m


def negative_ions(
    *,
    ion_concentration: Annotated[Array, "piece/cm3", NOT_NEGATIVE],
    area: Hectares,
    stand_height: Annotated[Array, "m", NOT_NEGATIVE],
    ion_lifetime: Annotated[Array, "min"],
) -> Annotated[Array, "piece"]:
    """N = 5.256·10^15 · Q · A · H / L.

    Q ions in a cm3 of air, A area in hm2, H height of the stand in m, L lifetime of an ion in min
    (10); 5.256·10^15 = 525,600 min in a year · 10^10 cm3 in 1 hm2 · 1 m.
    """
    return IONS * ion_concentration * area * stand_height / ion_lifetime


METHOD = Method(
    code="negative-ions/count",
    scope="cell",
    formula=negative_ions,
    laws=(
        ("linear", "ion_concentration"),
        ("linear", "area"),
        ("linear", "stand_height"),
        ("inverse", "ion_lifetime"),
    ),
    source=Source("GB/T 38582-2020", title="also LY/T 1721-2008", tag="K"),
    gives="negative_ions",
    example=Example(
        given={
            "ion_concentration": (1000, "piece/cm3"),
            "area": (1, "hm2"),
            "stand_height": (10, "m"),
            "ion_lifetime": (10, "min"),
        },
        gives=(5.256e18, "piece"),
        working="5.256·10^15 · 1000 · 10 / 10",
    ),
)
