"""Storm runoff as a part of precipitation."""

from typing import Annotated

from accounting.argument import Millimetres, Share
from accounting.method import Array, Example, Method, Source


def storm_runoff(
    *, precipitation: Millimetres, storm_runoff_coefficient: Share
) -> Annotated[Array, "mm"]:
    """R = P · α.

    P precipitation in mm, α the storm runoff coefficient of the ecosystem type, R in mm.
    """
    return precipitation * storm_runoff_coefficient


METHOD = Method(
    code="storm-runoff/coefficient",
    scope="cell",
    formula=storm_runoff,
    laws=(("linear", "precipitation"), ("linear", "storm_runoff_coefficient")),
    source=Source("Bo 2017", title="coefficients by type in an ArcPy script", tag="R"),
    gives="storm_runoff",
    example=Example(
        given={"precipitation": (1000, "mm"), "storm_runoff_coefficient": (2.67, "%")},
        gives=(26.7, "mm"),
        working="evergreen broadleaf forest: 2.67 % of 1000",
    ),
)
