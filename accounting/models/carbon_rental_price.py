"""What keeping a tonne of carbon for one year is worth, from its social cost."""

from typing import Annotated

import numpy as np

from accounting.argument import Share
from accounting.method import Array, Example, Method, Source


def carbon_rental_price(
    *, social_cost: Annotated[Array, "[U]"], discount_rate: Share
) -> Annotated[Array, "[U]"]:
    """C = P · (1 − e^−r).

    P social cost of carbon in money per t of C (185 USD/t of CO2 are 678.33 USD/t of C), r
    discount rate, C in the same unit. It prices a stock, not a flow.
    """
    return social_cost * -np.expm1(-discount_rate)


METHOD = Method(
    code="carbon-price/rental",
    scope="cell",
    formula=carbon_rental_price,
    laws=(("linear", "social_cost"), ("zero", "discount_rate"), ("increasing", "discount_rate")),
    source=Source("NatCapTEEMs/global_invest_dev", clause="terrestrial_carbon_method.qmd", tag="R"),
    example=Example(
        given={"social_cost": (100, "CNY/t.C"), "discount_rate": (2, "%")},
        gives=(1.98013267, "CNY/t.C"),
        working="1 − e^−0.02 = 0.0198013",
    ),
)
