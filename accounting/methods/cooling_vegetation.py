"""Cooling by transpiration, as the electricity that air conditioners would need."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE
from accounting.constants import KJ_PER_KWH
from accounting.method import Array, Example, Method, Range, Source


def cooling_vegetation(
    *,
    transpiration_heat: Annotated[Array, "kJ/(m2.d)", NOT_NEGATIVE],
    vegetation_area: Annotated[Array, "m2", NOT_NEGATIVE],
    cooling_days: Annotated[Array, "d", Range(0, 366)],
    device_efficiency: Annotated[Array, "1"],
) -> Annotated[Array, "kWh"]:
    """E = G · S · d / (3600 · R).

    G heat used by transpiration in kJ per m2 and day, S area in m2, d days on which air is
    cooled, R efficiency of an air conditioner (3.0), E in kWh.
    """
    heat = transpiration_heat * vegetation_area * cooling_days
    return heat / (KJ_PER_KWH * device_efficiency)


METHOD = Method(
    code="climate-regulation/vegetation",
    scope="cell",
    formula=cooling_vegetation,
    laws=(
        ("linear", "transpiration_heat"),
        ("linear", "vegetation_area"),
        ("linear", "cooling_days"),
        ("inverse", "device_efficiency"),
    ),
    source=Source(
        "生态系统生产总值核算技术指南 (CAS 2020)",
        title="read in a source that our notes do not name; GB/T 46869-2025 A.11 has it too",
        tag="K",
    ),
    gives="vegetation_cooling_energy",
    example=Example(
        given={
            "transpiration_heat": (54, "kJ/(m2.d)"),
            "vegetation_area": (1, "hm2"),
            "cooling_days": (100, "d"),
            "device_efficiency": (3, "1"),
        },
        gives=(5000, "kWh"),
        working="54 · 10,000 · 100 / 10,800",
    ),
)
