"""What of a product is the ecosystem's own part: its residual value."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Cny
from accounting.method import Array, Example, Method, Source


def resource_rent(
    *,
    gross_output: Annotated[Array, "CNY", NOT_NEGATIVE],
    intermediate_consumption: Annotated[Array, "CNY", NOT_NEGATIVE],
    labour_cost: Annotated[Array, "CNY", NOT_NEGATIVE],
    capital_cost: Annotated[Array, "CNY", NOT_NEGATIVE],
) -> Cny:
    """V = E − M − W − K, the resource rent.

    E output, M intermediate consumption, W labour with that of the self-employed, K the user cost
    of produced capital (wear and return), all in CNY. A negative rent is kept: work at a loss.
    """
    return gross_output - intermediate_consumption - labour_cost - capital_cost


METHOD = Method(
    code="material-supply/resource-rent",
    scope="cell",
    formula=resource_rent,
    laws=(
        ("increasing", "gross_output"),
        ("decreasing", "intermediate_consumption"),
        ("decreasing", "labour_cost"),
        ("decreasing", "capital_cost"),
    ),
    source=Source(
        "发改基础〔2022〕481号",
        title="生态产品总值核算规范（试行）; SEEA EA prefers it (read)",
        tag="K",
    ),
    negative="keep",
    example=Example(
        given={
            "gross_output": (100, "万元"),
            "intermediate_consumption": (40, "万元"),
            "labour_cost": (30, "万元"),
            "capital_cost": (10, "万元"),
        },
        gives=(20, "万元"),
        working="100 − 40 − 30 − 10 = 20",
    ),
)
