"""Nitrogen kept out of rivers and lakes with the soil that holds it."""

from typing import Annotated

from accounting.argument import Share
from accounting.method import Array, Example, Method, Source


def soil_nitrogen(
    *, soil_retained: Annotated[Array, "t.soil"], soil_nitrogen: Share
) -> Annotated[Array, "t.N"]:
    """QN = Q · C.

    Q soil retained in t, C its content of nitrogen by mass, QN in t of N.
    """
    return soil_retained * soil_nitrogen


METHOD = Method(
    code="soil-retention/nitrogen",
    scope="cell",
    formula=soil_nitrogen,
    laws=(("linear", "soil_retained"), ("linear", "soil_nitrogen")),
    source=Source("doi:10.5846/stxb201607011362", tag="R"),
    gives="nitrogen_pollution_avoided",
    example=Example(
        given={"soil_retained": (1000, "t.soil"), "soil_nitrogen": (0.37, "%")},
        gives=(3.7, "t.N"),
        working="0.37 % of 1000 t",
    ),
)
