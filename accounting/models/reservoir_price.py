"""What holding a cubic metre costs in a year, not once."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Share
from accounting.method import Array, Example, Method, Source


def reservoir_price(
    *,
    construction_cost: Annotated[Array, "CNY/m3", NOT_NEGATIVE],
    depreciation_rate: Share,
    operating_cost: Annotated[Array, "CNY/m3", NOT_NEGATIVE],
) -> Annotated[Array, "CNY/m3"]:
    """C = W · D + O.

    W construction cost per capacity in CNY/m3, D depreciation rate of a year, O operating cost of
    a year in CNY/m3, C in CNY/m3. Standards that charge W whole in each year differ by 1/D.
    """
    return construction_cost * depreciation_rate + operating_cost


METHOD = Method(
    code="reservoir-price/annualised",
    scope="cell",
    formula=reservoir_price,
    laws=(
        ("increasing", "construction_cost"),
        ("increasing", "depreciation_rate"),
        ("increasing", "operating_cost"),
        ("affine", "construction_cost"),
        ("affine", "operating_cost"),
    ),
    source=Source("DB33/T 2274-2020", tag="K"),
    gives="reservoir_price",
    example=Example(
        given={
            "construction_cost": (10, "CNY/m3"),
            "depreciation_rate": (2, "%"),
            "operating_cost": (0.05, "CNY/m3"),
        },
        gives=(0.25, "CNY/m3"),
        working="0.2 + 0.05",
    ),
)
