"""What of a product is rent, by a published share of the land."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Cny, Share
from accounting.method import Array, Example, Method, Source


def rental_share(
    *, gross_output: Annotated[Array, "CNY", NOT_NEGATIVE], rental_share: Share
) -> Cny:
    """V = E · λ.

    E gross production value in CNY, λ the rental share of land (by country and decade).
    """
    return gross_output * rental_share


METHOD = Method(
    code="material-supply/rental-share",
    scope="cell",
    formula=rental_share,
    laws=(("linear", "gross_output"), ("linear", "rental_share")),
    source=Source("NatCapTEEMs/global_invest_dev", clause="crop_provision_methods.qmd", tag="R"),
    example=Example(
        given={"gross_output": (100, "万元"), "rental_share": (30, "%")},
        gives=(30, "万元"),
        working="30 % of 100",
    ),
)
