"""A value taken as its source states it, where no quantity and price were published."""

from typing import Annotated

from accounting.method import Array, Example, Method, Source


def stated_value(*, value: Annotated[Array, "CNY"]) -> Annotated[Array, "CNY"]:
    """V = V, as stated: a net output, a recreation value."""
    return value


METHOD = Method(
    code="stated-value",
    scope="cell",
    formula=stated_value,
    laws=(("linear", "value"),),
    source=Source("doi:10.5846/stxb201607011362", clause="Table 3", tag="R"),
    example=Example(
        given={"value": (12.2875, "亿元")},
        gives=(1_228_750_000, "CNY"),
        working="12.2875 亿元 of net output is 1,228,750,000 CNY",
    ),
)
