"""Cooling and humidifying by water surfaces, as Garzê has it: heat is not divided."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE
from accounting.constants import KJ_PER_KWH
from accounting.method import Array, Example, Method, Source


def cooling_water(
    *,
    water_evaporated: Annotated[Array, "m3", NOT_NEGATIVE],
    latent_heat: Annotated[Array, "kJ/kg", NOT_NEGATIVE],
    water_density: Annotated[Array, "kg/m3", NOT_NEGATIVE],
    humidifier_energy: Annotated[Array, "kWh/m3", NOT_NEGATIVE],
) -> Annotated[Array, "kWh"]:
    """E = V · (ρ · q / 3600 + γ).

    V water evaporated in m3, ρ its density (1000 kg/m3), q heat of evaporation (2450 kJ/kg), γ
    what a humidifier needs (120 kWh/m3), E in kWh. With J/g and g/m3 the same digits are Wh.
    """
    return water_evaporated * (water_density * latent_heat / KJ_PER_KWH + humidifier_energy)


METHOD = Method(
    code="climate-regulation/water-surface",
    scope="cell",
    formula=cooling_water,
    laws=(
        ("linear", "water_evaporated"),
        ("increasing", "latent_heat"),
        ("increasing", "water_density"),
        ("increasing", "humidifier_energy"),
    ),
    source=Source("doi:10.5846/stxb201607011362", tag="R"),
    gives="water_surface_cooling_energy",
    example=Example(
        given={
            "water_evaporated": (1, "m3"),
            "latent_heat": (2448, "kJ/kg"),
            "water_density": (1000, "kg/m3"),
            "humidifier_energy": (120, "kWh/m3"),
        },
        gives=(800, "kWh"),
        working="2,448,000 kJ are 680 kWh, and 120",
    ),
)
