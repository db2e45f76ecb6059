"""Density of air by elevation and temperature."""

from typing import Annotated

from accounting.method import Array, Example, Method, Range, Source


def air_density(
    *,
    elevation: Annotated[Array, "km", Range(-0.5, 9)],
    air_temperature: Annotated[Array, "K", Range(200, 350)],
) -> Annotated[Array, "kg/m3"]:
    """ρ = 348 · (1.013 − 0.1183·EL + 0.0048·EL²) / T.

    EL elevation in km, T absolute temperature in K (20 °C is 293.15 K, not 20), ρ in kg/m3.
    """
    return 348 * (1.013 - 0.1183 * elevation + 0.0048 * elevation**2) / air_temperature


METHOD = Method(
    code="air-density/rweq",
    scope="cell",
    formula=air_density,
    laws=(("decreasing", "elevation"), ("inverse", "air_temperature")),
    source=Source("pyrweq", tag="R"),
    gives="air_density",
    example=Example(
        given={"elevation": (0, "km"), "air_temperature": (300, "K")},
        gives=(1.17508, "kg/m3"),
        working="348 · 1.013 / 300",
    ),
    more_examples=(
        Example(
            given={"elevation": (3, "km"), "air_temperature": (280, "K")},
            gives=(0.871615714, "kg/m3"),
            working="348 · (1.013 − 0.3549 + 0.0432) / 280",
        ),
    ),
)
