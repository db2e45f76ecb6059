"""Phosphorus kept out of rivers and lakes with the soil that holds it."""

from typing import Annotated

from accounting.argument import Share
from accounting.method import Array, Example, Method, Source


def soil_phosphorus(
    *, soil_retained: Annotated[Array, "t.soil"], soil_phosphorus: Share
) -> Annotated[Array, "t.P"]:
    """QP = Q · C.

    Q soil retained in t, C its content of phosphorus by mass, QP in t of P.
    """
    return soil_retained * soil_phosphorus


METHOD = Method(
    code="soil-retention/phosphorus",
    scope="cell",
    formula=soil_phosphorus,
    laws=(("linear", "soil_retained"), ("linear", "soil_phosphorus")),
    source=Source("doi:10.5846/stxb201607011362", tag="R"),
    gives="phosphorus_pollution_avoided",
    example=Example(
        given={"soil_retained": (1000, "t.soil"), "soil_phosphorus": (0.108, "%")},
        gives=(1.08, "t.P"),
        working="0.108 % of 1000 t",
    ),
)
