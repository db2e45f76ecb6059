"""What visitors would have given beyond what they spent: welfare, not for core accounts."""

from typing import Annotated

import numpy as np

from accounting.argument import NOT_NEGATIVE, Cny
from accounting.method import SERIES, Array, Example, Method, Source


def travel_cost_surplus(
    *,
    zone_population: Annotated[Array, "person", NOT_NEGATIVE, SERIES],
    visit_rate: Annotated[Array, "visit/person", NOT_NEGATIVE, SERIES],
    travel_cost: Annotated[Array, "CNY/visit", NOT_NEGATIVE, SERIES],
) -> Cny:
    """V = Σ P · ∫ r(c) dc, from the cost of each zone to that of the farthest.

    P people, r visits of each and c cost of a visit in CNY (shape: regions, zones); r(c) runs
    straight from zone to zone. The farthest zone should be one that nobody comes from.
    """
    order = np.argsort(travel_cost, axis=-1)
    people, rate, cost = (
        np.take_along_axis(np.broadcast_to(each, order.shape), order, axis=-1)
        for each in (zone_population, visit_rate, travel_cost)
    )
    steps = np.diff(cost, axis=-1) * (rate[..., 1:] + rate[..., :-1]) / 2
    beyond = np.flip(np.cumsum(np.flip(steps, axis=-1), axis=-1), axis=-1)
    return np.asarray((people[..., :-1] * beyond).sum(axis=-1))


METHOD = Method(
    code="recreation/consumer-surplus-zonal",
    scope="region",
    formula=travel_cost_surplus,
    laws=(("linear", "zone_population"), ("linear", "visit_rate"), ("linear", "travel_cost")),
    source=Source("UNSD/NCAVES-MAIA 2022", clause="Box 4, table 2", tag="R"),
    example=Example(
        given={
            "zone_population": ((100, 100), "person"),
            "visit_rate": ((0.5, 0.0), "visit/person"),
            "travel_cost": ((10, 30), "CNY/visit"),
        },
        gives=(500, "CNY"),
        working="100 people, a triangle of 20 CNY and half a visit: 100 · 5",
    ),
)
