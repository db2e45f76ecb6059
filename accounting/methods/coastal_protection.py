"""A coast sheltered by what grows before it, at the cost of the wall that would stand there."""

from typing import Annotated

from accounting.argument import NOT_NEGATIVE, Cny
from accounting.method import Array, Example, Method, Source


def coastal_protection(
    *,
    coast_length: Annotated[Array, "km", NOT_NEGATIVE],
    seawall_construction: Annotated[Array, "CNY/(km.a)", NOT_NEGATIVE],
    seawall_maintenance: Annotated[Array, "CNY/(km.a)", NOT_NEGATIVE],
) -> Cny:
    """V = L · (c + m).

    L length sheltered by mangrove, salt marsh, seagrass, coral or forest in km, c construction
    cost of a sea wall spread over its years and m its maintenance in CNY per km and year. An
    avoided damage that is published is a stated value.
    """
    return coast_length * (seawall_construction + seawall_maintenance)


METHOD = Method(
    code="coastal-protection/seawall",
    scope="object",
    formula=coastal_protection,
    laws=(
        ("linear", "coast_length"),
        ("increasing", "seawall_construction"),
        ("increasing", "seawall_maintenance"),
    ),
    source=Source("发改基础〔2022〕481号", title="海岸带防护", tag="K"),
    example=Example(
        given={
            "coast_length": (2, "km"),
            "seawall_construction": (30, "万元/(km.a)"),
            "seawall_maintenance": (5, "万元/(km.a)"),
        },
        gives=(70, "万元"),
        working="2 · 35",
    ),
)
