"""What part of the time no snow lies on the ground."""

from typing import Annotated

from accounting.argument import Share
from accounting.method import Array, Example, Method, Source


def snow_factor(*, snow_share: Share) -> Annotated[Array, "1"]:
    """SD = 1 − P.

    P share of days with more than 25.4 mm of snow.
    """
    return 1 - snow_share


METHOD = Method(
    code="snow/rweq",
    scope="cell",
    formula=snow_factor,
    laws=(
        ("decreasing", "snow_share"),
        ("affine", "snow_share"),
    ),
    source=Source("pyrweq", tag="R"),
    gives="snow_factor",
    example=Example(given={"snow_share": (25, "%")}, gives=(0.75, "1"), working="1 − 0.25"),
)
