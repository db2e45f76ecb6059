"""What a tonne of a pollutant costs at the levy on pollution equivalents."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE
from accounting.method import Array, Example, Method, Source

KG_PER_T = 1000.0


def levy_price(
    *,
    levy_rate: Annotated[Array, "CNY/piece", NOT_NEGATIVE],
    equivalent_mass: Annotated[Array, "kg/piece"],
) -> Annotated[Array, "CNY/t"]:
    """P = r / e · 1000.

    r levy or tax for one pollution equivalent in CNY, e its mass in kg, P in CNY/t.
    """
    return levy_rate / equivalent_mass * KG_PER_T


METHOD = Method(
    code="treatment-price/levy",
    scope="cell",
    formula=levy_price,
    laws=(("linear", "levy_rate"), ("inverse", "equivalent_mass")),
    source=Source(
        "排污费征收标准管理办法 2003", title="reproduces 630, 150, 700, 875 and 2800 CNY/t", tag="K"
    ),
    gives="treatment_price",
    example=Example(
        given={"levy_rate": (0.7, "CNY/piece"), "equivalent_mass": (0.8, "kg/piece")},
        gives=(875, "CNY/t"),
        working="0.7 / 0.8 · 1000",
    ),
)
