"""Negative ions beyond what is healthy anyway, at what making them costs."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Cny, Hectares
from accounting.method import Array, Example, Method, Source
from accounting.methods.negative_ions import IONS


def negative_ions_value(
    *,
    ion_concentration: Annotated[Array, "piece/cm3", NOT_NEGATIVE],
    ion_threshold: Annotated[Array, "piece/cm3", NOT_NEGATIVE],
    area: Hectares,
    stand_height: Annotated[Array, "m", NOT_NEGATIVE],
    ion_lifetime: Annotated[Array, "min"],
    ion_price: Annotated[Array, "CNY/piece", NOT_NEGATIVE],
) -> Cny:
    """V = 5.256·10^15 · A · H · K · (Q − 600) / L, the threshold a parameter.

    Q ions in a cm3 of air, A area in hm2, H height of the stand in m, L lifetime of an ion in min
    (10), K price of an ion (5.8185·10^−18 CNY). Below the threshold the value is 0.
    """
    beyond = ion_concentration - ion_threshold
    return IONS * area * stand_height * ion_price * beyond / ion_lifetime


METHOD = Method(
    code="negative-ions/value",
    scope="cell",
    formula=negative_ions_value,
    laws=(
        ("linear", "area"),
        ("linear", "stand_height"),
        ("linear", "ion_price"),
        ("inverse", "ion_lifetime"),
        ("increasing", "ion_concentration"),
        ("decreasing", "ion_threshold"),
    ),
    source=Source("GB/T 38582-2020", title="also LY/T 1721-2008", tag="K"),
    negative="clip-cell",
    example=Example(
        given={
            "ion_concentration": (1600, "piece/cm3"),
            "ion_threshold": (600, "piece/cm3"),
            "area": (1, "hm2"),
            "stand_height": (10, "m"),
            "ion_lifetime": (10, "min"),
            "ion_price": (5e-18, "CNY/piece"),
        },
        gives=(26.28, "CNY"),
        working="5.256·10^18 ions at 5·10^−18",
    ),
)
