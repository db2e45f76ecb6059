"""What a view adds to homes and hotels, as a rent of the year."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Cny, Share
from accounting.method import Array, Example, Method, Source


def landscape_premium(
    *,
    housing_area: Annotated[Array, "m2", NOT_NEGATIVE],
    housing_price: Annotated[Array, "CNY/m2", NOT_NEGATIVE],
    premium_share: Share,
    rent_rate: Share,
) -> Cny:
    """V = A · p · s · r.

    A floor area that profits in m2, p its price in CNY/m2, s the part of the price that is the
    view, r what a year's rent is of the price: a price is a stock, a service is a flow.
    """
    return housing_area * housing_price * premium_share * rent_rate


METHOD = Method(
    code="landscape-premium/hedonic",
    scope="cell",
    formula=landscape_premium,
    laws=(
        ("linear", "housing_area"),
        ("linear", "housing_price"),
        ("linear", "premium_share"),
        ("linear", "rent_rate"),
    ),
    source=Source("发改基础〔2022〕481号", title="景观价值", tag="K"),
    example=Example(
        given={
            "housing_area": (1000, "m2"),
            "housing_price": (20000, "CNY/m2"),
            "premium_share": (5, "%"),
            "rent_rate": (2, "%"),
        },
        gives=(20000, "CNY"),
        working="1,000,000 CNY of premium, 2 % a year",
    ),
)
