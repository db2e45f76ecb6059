"""Net primary production from the light that plants take up."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Share
from accounting.method import Array, Example, Method, Source

T_HM2_PER_G_M2 = 0.01


def net_primary_production(
    *,
    solar_radiation: Annotated[Array, "MJ/m2", NOT_NEGATIVE],
    par_share: Share,
    absorbed_share: Share,
    light_use_efficiency: Annotated[Array, "g.C/MJ", NOT_NEGATIVE],
) -> Annotated[Array, "t.C/hm2"]:
    """NPP = S · p · f · ε · 0.01.

    S solar radiation of the year in MJ/m2, p its photosynthetic part (0.5), f the part absorbed,
    ε light use efficiency in g of C per MJ; 1 g/m2 is 0.01 t/hm2.
    """
    absorbed = solar_radiation * par_share * absorbed_share
    return absorbed * light_use_efficiency * T_HM2_PER_G_M2


METHOD = Method(
    code="net-primary-production/casa",
    scope="cell",
    formula=net_primary_production,
    laws=(
        ("linear", "solar_radiation"),
        ("linear", "par_share"),
        ("linear", "absorbed_share"),
        ("linear", "light_use_efficiency"),
    ),
    source=Source("Potter et al. 1993 (CASA)", tag="K"),
    gives="net_primary_production",
    example=Example(
        given={
            "solar_radiation": (5000, "MJ/m2"),
            "par_share": (0.5, "1"),
            "absorbed_share": (0.4, "1"),
            "light_use_efficiency": (0.389, "g.C/MJ"),
        },
        gives=(3.89, "t.C/hm2"),
        working="1000 MJ/m2 absorbed, 389 g/m2",
    ),
)
