"""How a crust holds soil against the wind."""

from typing import Annotated

from accounting.argument import Share
from accounting.constants import PERCENT
from accounting.method import Array, Example, Method, Source


def crust_factor(*, clay_content: Share, organic_matter: Share) -> Annotated[Array, "1"]:
    """SCF = 1 / (1 + 0.0066 clay² + 0.021 OM²).

    Shares of mass; the source counts them in % (one paper prints g/kg, which is wrong).
    """
    return 1 / (
        1 + 0.0066 * (clay_content * PERCENT) ** 2 + 0.021 * (organic_matter * PERCENT) ** 2
    )


METHOD = Method(
    code="soil-crust/rweq",
    scope="cell",
    formula=crust_factor,
    laws=(("decreasing", "clay_content"), ("decreasing", "organic_matter")),
    source=Source("ChinaXiv:201706.00467", tag="R"),
    gives="crust_factor",
    example=Example(
        given={"clay_content": (10, "%"), "organic_matter": (2, "%")},
        gives=(0.5733944954, "1"),
        working="1 / (1 + 0.66 + 0.084)",
    ),
    more_examples=(
        Example(
            given={"clay_content": (10, "%"), "organic_matter": (3, "%")},
            gives=(0.540832883, "1"),
            working="1 / (1 + 0.66 + 0.189)",
        ),
    ),
)
