"""Cooling and humidifying by water surfaces, the heat as electricity of air conditioners."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, POSITIVE
from accounting.constants import KJ_PER_KWH
from accounting.method import Array, Example, Method, Source


def cooling_water_device(
    *,
    water_evaporated: Annotated[Array, "m3", NOT_NEGATIVE],
    latent_heat: Annotated[Array, "kJ/kg", NOT_NEGATIVE],
    water_density: Annotated[Array, "kg/m3", NOT_NEGATIVE],
    device_efficiency: Annotated[Array, "1", POSITIVE],
    humidifier_energy: Annotated[Array, "kWh/m3", NOT_NEGATIVE],
) -> Annotated[Array, "kWh"]:
    """E = V · (ρ · q / (3600 · R) + γ).

    V water evaporated on hot days in m3, ρ its density (1000 kg/m3), q heat of evaporation (2450
    kJ/kg), R efficiency of an air conditioner (3.0), γ a humidifier (120 kWh/m3), E in kWh.
    """
    cooling = water_density * latent_heat / (KJ_PER_KWH * device_efficiency)
    return water_evaporated * (cooling + humidifier_energy)


METHOD = Method(
    code="climate-regulation/water-surface-by-device",
    scope="cell",
    formula=cooling_water_device,
    laws=(
        ("linear", "water_evaporated"),
        ("increasing", "latent_heat"),
        ("increasing", "water_density"),
        ("increasing", "humidifier_energy"),
        ("decreasing", "device_efficiency"),
    ),
    source=Source("生态系统生产总值核算技术指南 (CAS 2020)", tag="K"),
    gives="water_surface_cooling_energy",
    example=Example(
        given={
            "water_evaporated": (1, "m3"),
            "latent_heat": (2448, "kJ/kg"),
            "water_density": (1000, "kg/m3"),
            "device_efficiency": (3.4, "1"),
            "humidifier_energy": (120, "kWh/m3"),
        },
        gives=(320, "kWh"),
        working="680 / 3.4 = 200, and 120",
    ),
)
