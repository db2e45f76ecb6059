"""Oxygen released, from carbon dioxide fixed."""

from typing import Annotated

from accounting.constants import O2_PER_CO2
from accounting.method import Array, Example, Method, Source


def oxygen_from_co2(*, carbon_fixed_co2: Annotated[Array, "t.CO2"]) -> Annotated[Array, "t.O2"]:
    """Q = 32/44 · Q(CO2).

    Both in t of their own substance: on one basis their ratio is always 0.727.
    """
    return O2_PER_CO2 * carbon_fixed_co2


METHOD = Method(
    code="oxygen/from-co2",
    scope="cell",
    formula=oxygen_from_co2,
    laws=(("linear", "carbon_fixed_co2"),),
    source=Source("生态系统生产总值核算技术指南 (CAS 2020)", tag="K"),
    gives="oxygen_released",
    example=Example(
        given={"carbon_fixed_co2": (44, "t.CO2")}, gives=(32, "t.O2"), working="32/44 of 44"
    ),
)
