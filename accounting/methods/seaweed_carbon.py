"""Carbon dioxide taken out of the sea with the seaweed that is harvested."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Share
from accounting.constants import CO2_PER_C
from accounting.method import Array, Example, Method, Source


def seaweed_carbon(
    *,
    seaweed_harvest: Annotated[Array, "t", NOT_NEGATIVE],
    seaweed_dry_ratio: Share,
    seaweed_carbon: Share,
) -> Annotated[Array, "t.CO2"]:
    """Q = 44/12 · P · d · c.

    P wet weight harvested in t, d dry to wet, c carbon in dry matter, Q in t of CO2.
    """
    return CO2_PER_C * seaweed_harvest * seaweed_dry_ratio * seaweed_carbon


METHOD = Method(
    code="carbon/seaweed",
    scope="cell",
    formula=seaweed_carbon,
    laws=(
        ("linear", "seaweed_harvest"),
        ("linear", "seaweed_dry_ratio"),
        ("linear", "seaweed_carbon"),
    ),
    source=Source("HY/T 0305-2021", title="its terms were read, the formula is recalled", tag="K"),
    gives="carbon_fixed_co2",
    example=Example(
        given={
            "seaweed_harvest": (100, "t"),
            "seaweed_dry_ratio": (20, "%"),
            "seaweed_carbon": (30, "%"),
        },
        gives=(22, "t.CO2"),
        working="6 t of C are 22 t of CO2",
    ),
)
