"""What part of a soil wind can carry off."""

from typing import Annotated

from accounting.argument import Share
from accounting.constants import PERCENT
from accounting.method import Array, Example, Method, Range, Source


def erodible_fraction(
    *,
    sand_content: Share,
    silt_content: Share,
    clay_content: Annotated[Array, "1", Range(0, 1, above=True)],
    organic_matter: Share,
    calcium_carbonate: Share,
) -> Annotated[Array, "1"]:
    """EF = (29.09 + 0.31 sand + 0.17 silt + 0.33 sand/clay − 2.59 OM − 0.95 CaCO3) / 100.

    Shares of mass; the source counts them in %.
    """
    mineral = (
        0.31 * sand_content + 0.17 * silt_content - 2.59 * organic_matter - 0.95 * calcium_carbonate
    )
    return (29.09 + mineral * PERCENT + 0.33 * sand_content / clay_content) / PERCENT


METHOD = Method(
    code="erodible-fraction/rweq",
    scope="cell",
    formula=erodible_fraction,
    laws=(
        ("increasing", "sand_content"),
        ("increasing", "silt_content"),
        ("decreasing", "clay_content"),
        ("decreasing", "organic_matter"),
        ("decreasing", "calcium_carbonate"),
    ),
    source=Source("ChinaXiv:201706.00467", title="also ChinaXiv:201803.01078", tag="R"),
    gives="erodible_fraction",
    negative="clip-cell",
    example=Example(
        given={
            "sand_content": (50, "%"),
            "silt_content": (30, "%"),
            "clay_content": (20, "%"),
            "organic_matter": (2, "%"),
            "calcium_carbonate": (3, "%"),
        },
        gives=(0.42485, "1"),
        working="(29.09 + 15.5 + 5.1 + 0.825 − 5.18 − 2.85) / 100",
    ),
)
