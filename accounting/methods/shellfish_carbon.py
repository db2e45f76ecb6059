"""Carbon dioxide taken out of the sea with the shellfish that are harvested."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Share
from accounting.constants import CO2_PER_C
from accounting.method import Array, Example, Method, Source


def shellfish_carbon(
    *,
    shellfish_harvest: Annotated[Array, "t", NOT_NEGATIVE],
    shellfish_dry_ratio: Share,
    shell_share: Share,
    shell_carbon: Share,
    tissue_share: Share,
    tissue_carbon: Share,
) -> Annotated[Array, "t.CO2"]:
    """Q = 44/12 · P · d · (s · cs + t · ct).

    P wet weight harvested in t, d dry to wet, s and t shares of shell and tissue, cs and ct their
    carbon, Q in t of CO2. What they drop to the sea floor is not in it.
    """
    carbon = shell_share * shell_carbon + tissue_share * tissue_carbon
    return CO2_PER_C * shellfish_harvest * shellfish_dry_ratio * carbon


METHOD = Method(
    code="carbon/shellfish",
    scope="cell",
    formula=shellfish_carbon,
    laws=(
        ("linear", "shellfish_harvest"),
        ("linear", "shellfish_dry_ratio"),
        ("increasing", "shell_share"),
        ("increasing", "shell_carbon"),
        ("increasing", "tissue_share"),
        ("increasing", "tissue_carbon"),
    ),
    source=Source("HY/T 0305-2021", title="its terms were read, the formula is recalled", tag="K"),
    gives="carbon_fixed_co2",
    example=Example(
        given={
            "shellfish_harvest": (100, "t"),
            "shellfish_dry_ratio": (50, "%"),
            "shell_share": (90, "%"),
            "shell_carbon": (12, "%"),
            "tissue_share": (10, "%"),
            "tissue_carbon": (42, "%"),
        },
        gives=(27.5, "t.CO2"),
        working="50 t dry: 5.4 t + 2.1 t of C are 27.5 t of CO2",
    ),
)
