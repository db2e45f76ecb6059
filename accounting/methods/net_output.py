"""What products are worth less what was bought to make them."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Cny
from accounting.method import Array, Example, Method, Source


def net_output(
    *,
    gross_output: Annotated[Array, "CNY", NOT_NEGATIVE],
    intermediate_consumption: Annotated[Array, "CNY", NOT_NEGATIVE],
) -> Cny:
    """V = E − M, the net output 净产值.

    E output at its price, M goods and services used up in making it, both in CNY.
    """
    return gross_output - intermediate_consumption


METHOD = Method(
    code="material-supply/net-output",
    scope="cell",
    formula=net_output,
    laws=(("increasing", "gross_output"), ("decreasing", "intermediate_consumption")),
    source=Source(
        "SNA 2008", clause="value added", title="used by doi:10.5846/stxb201607011362", tag="K"
    ),
    negative="keep",
    example=Example(
        given={"gross_output": (100, "万元"), "intermediate_consumption": (40, "万元")},
        gives=(60, "万元"),
        working="100 − 40 = 60",
    ),
)
