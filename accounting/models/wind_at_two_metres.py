"""Wind where sand moves, from wind where it is measured."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE
from accounting.method import Array, Example, Method, Source

TWO_METRES = (2 / 10) ** (1 / 7)  # of the wind at ten


def wind_at_two_metres(
    *, wind_at_ten_metres: Annotated[Array, "m/s", NOT_NEGATIVE]
) -> Annotated[Array, "m/s"]:
    """U2 = U10 · (2/10)^(1/7).

    U10 wind at 10 m in m/s, U2 at 2 m in m/s.
    """
    return wind_at_ten_metres * TWO_METRES


METHOD = Method(
    code="wind/two-metres",
    scope="cell",
    formula=wind_at_two_metres,
    laws=(("linear", "wind_at_ten_metres"),),
    source=Source("pyrweq", title="code of RWEQ in Python", tag="R"),
    gives="wind_speed",
    example=Example(
        given={"wind_at_ten_metres": (10, "m/s")},
        gives=(7.94597405, "m/s"),
        working="0.2^(1/7) = e^(−1.6094/7) = 0.7946",
    ),
)
