"""Recreation as what visitors spend to come, zone by zone."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Cny
from accounting.method import Array, Example, Method, Source


def travel_cost_zonal(
    *,
    zone_population: Annotated[Array, "person", NOT_NEGATIVE],
    visit_rate: Annotated[Array, "visit/person", NOT_NEGATIVE],
    travel_cost: Annotated[Array, "CNY/visit", NOT_NEGATIVE],
) -> Cny:
    """V = P · r · c, one zone.

    P people who live in the zone, r visits of each, c cost of a visit in CNY; zones are added.
    """
    return zone_population * visit_rate * travel_cost


METHOD = Method(
    code="recreation/travel-cost-zonal",
    scope="object",
    formula=travel_cost_zonal,
    laws=(("linear", "zone_population"), ("linear", "visit_rate"), ("linear", "travel_cost")),
    source=Source(
        "UNSD/NCAVES-MAIA 2022",
        clause="Box 4",
        title="Monetary Valuation of Ecosystem Services and Assets",
        tag="R",
    ),
    example=Example(
        given={
            "zone_population": (25000, "person"),
            "visit_rate": (0.6, "visit/person"),
            "travel_cost": (5, "CNY/visit"),
        },
        gives=(75000, "CNY"),
        working="15,000 visits at 5",
    ),
)
