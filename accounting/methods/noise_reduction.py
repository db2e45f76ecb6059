"""Noise that a green belt takes from a road."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE
from accounting.method import Array, Example, Method, Source


def noise_reduction(
    *,
    noise_drop: Annotated[Array, "dB", NOT_NEGATIVE],
    green_belt_length: Annotated[Array, "km", NOT_NEGATIVE],
) -> Annotated[Array, "dB.km"]:
    """Q = ΔN · L, road by road.

    ΔN how much quieter it is behind the belt in dB, L its length in km, Q in dB·km. Where a
    standard counts the length alone, it is priced as it stands.
    """
    return noise_drop * green_belt_length


METHOD = Method(
    code="noise-reduction/decibels",
    scope="object",
    formula=noise_reduction,
    laws=(("linear", "noise_drop"), ("linear", "green_belt_length")),
    source=Source("发改基础〔2022〕481号", title="formula not verified", tag="K"),
    gives="noise_reduced",
    example=Example(
        given={"noise_drop": (3, "dB"), "green_belt_length": (2, "km")},
        gives=(6, "dB.km"),
        working="3 · 2",
    ),
)
