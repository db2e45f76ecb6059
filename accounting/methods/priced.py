"""A quantity at its price: what most services come to once they are measured."""

from typing import Annotated

from accounting.method import Array, Method, Source


def priced(
    *, quantity: Annotated[Array, "[U]"], price: Annotated[Array, "CNY/[U]"]
) -> Annotated[Array, "CNY"]:
    """V = Q × p, Q the quantity in any unit U, p its price in CNY per U."""
    return quantity * price


METHOD = Method(
    code="priced",
    scope="cell",
    formula=priced,
    laws=(("linear", "quantity"), ("linear", "price")),
    source=Source("doi:10.5846/stxb201607011362", clause="Table 3", tag="R"),
)
