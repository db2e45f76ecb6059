"""Recreation as what visitors give for it, money and time."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Cny, Share
from accounting.method import Array, Example, Method, Source


def travel_cost(
    *,
    visits: Annotated[Array, "visit", NOT_NEGATIVE],
    ecosystem_share: Share,
    expenditure: Annotated[Array, "CNY/visit", NOT_NEGATIVE],
    travel_time: Annotated[Array, "h/visit", NOT_NEGATIVE],
    wage: Annotated[Array, "CNY/h", NOT_NEGATIVE],
    time_share: Share,
) -> Cny:
    """V = N · a · (e + t · w · k), the individual travel cost.

    N visits, a the share that is due to the ecosystem, e what a visitor spends in CNY, t hours on
    the way and there, w wage in CNY/h, k the part of it that an hour is worth (0.3). Surplus is
    apart.
    """
    return visits * ecosystem_share * (expenditure + travel_time * wage * time_share)


METHOD = Method(
    code="recreation/travel-cost-individual",
    scope="cell",
    formula=travel_cost,
    laws=(
        ("linear", "visits"),
        ("linear", "ecosystem_share"),
        ("increasing", "expenditure"),
        ("increasing", "travel_time"),
        ("increasing", "wage"),
        ("increasing", "time_share"),
    ),
    source=Source("Baiyangdian study", title="52.47 + 343.33 + 578.03 = 973.83 CNY", tag="R"),
    example=Example(
        given={
            "visits": (10, "visit"),
            "ecosystem_share": (1, "1"),
            "expenditure": (100, "CNY/visit"),
            "travel_time": (10, "h/visit"),
            "wage": (50, "CNY/h"),
            "time_share": (0.3, "1"),
        },
        gives=(2500, "CNY"),
        working="10 · (100 + 150)",
    ),
)
