"""Recreation as what visitors spend for it: the exchange value of SEEA EA."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Cny, Share
from accounting.method import Array, Example, Method, Source


def recreation_expenditure(
    *,
    visits: Annotated[Array, "visit", NOT_NEGATIVE],
    ecosystem_share: Share,
    expenditure: Annotated[Array, "CNY/visit", NOT_NEGATIVE],
) -> Cny:
    """V = N · a · e.

    N visits, a the share that is due to the ecosystem, e what a visitor spends in CNY.
    """
    return visits * ecosystem_share * expenditure


METHOD = Method(
    code="recreation/expenditure",
    scope="cell",
    formula=recreation_expenditure,
    laws=(("linear", "visits"), ("linear", "ecosystem_share"), ("linear", "expenditure")),
    source=Source("SEEA EA", title="no consumer surplus, no value of time", tag="R"),
    example=Example(
        given={
            "visits": (100, "万人次"),
            "ecosystem_share": (50, "%"),
            "expenditure": (60, "CNY/visit"),
        },
        gives=(3000, "万元"),
        working="50 万 · 60",
    ),
)
