"""Sand kept in place, priced as the area it would have buried to a given depth."""

from typing import Annotated

from accounting.method import Array, Example, Method, Source


def priced_area(
    *,
    quantity: Annotated[Array, "t"],
    bulk_density: Annotated[Array, "t/m3"],
    layer: Annotated[Array, "m"],
    price: Annotated[Array, "CNY/m2"],
) -> Annotated[Array, "CNY"]:
    """V = Q / (ρ h) × c, Q sand in t, ρ its bulk density, h the layer, c the price of the area."""
    return quantity / (bulk_density * layer) * price


METHOD = Method(
    code="priced-area",
    scope="cell",
    formula=priced_area,
    laws=(("linear", "quantity"), ("linear", "price"), ("inverse", "bulk_density"),
          ("inverse", "layer")),
    source=Source("doi:10.5846/stxb201607011362", clause="Table 3", tag="R"),
    example=Example(
        given={
            "quantity": (1.28, "t"),
            "bulk_density": (1.28, "t/m3"),
            "layer": (0.1, "m"),
            "price": (3.75, "CNY/m2"),
        },
        gives=(37.5, "CNY"),
        working="1.28 t at 1.28 t/m3 is 1 m3, 10 cm deep on 10 m2, at 3.75 CNY/m2",
    ),
)  # fmt: skip
