"""A quantity at its price: what most services come to once they are measured."""

from typing import Annotated

from accounting.method import Array, Example, Method, Source


def priced(
    *, quantity: Annotated[Array, "[U]"], price: Annotated[Array, "CNY/[U]"]
) -> Annotated[Array, "CNY"]:
    """V = Q × p, Q the quantity in any unit U, p its price in CNY per U.

    So are valued: gross output of products, water used, electricity, water retained and silt not
    settled at their costs, pollutants at treatment cost, CO2, a stock of carbon at its rental
    price, consumer surplus by visit, green belts by length, habitat by area.
    """
    return quantity * price


METHOD = Method(
    code="priced",
    scope="cell",
    formula=priced,
    laws=(("linear", "quantity"), ("linear", "price")),
    source=Source("doi:10.5846/stxb201607011362", clause="Table 3", tag="R"),
    example=Example(
        given={"quantity": (1, "亿m3"), "price": (7.06, "CNY/m3")},
        gives=(7.06, "亿元"),
        working="1 亿m3 of water at 7.06 CNY/m3 is 7.06 亿元",
    ),
)
