"""What may be asked of a route: the parameters of lists, and nothing that it does not know."""

from typing import Annotated

from fastapi import Query as Asked
from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute

from ledger.core.refusals import Malformed

PAGE_MAX = 500
SEQ_MAX = 2**63 - 1
"""The largest number of a record that a database can hold, or be asked for."""
Limit = Annotated[int, Asked(ge=1, le=PAGE_MAX)]
Seq = Annotated[int, Asked(ge=0, le=SEQ_MAX)]
Cursor = Annotated[int, Asked(ge=0, le=SEQ_MAX, description="The record after which to go on.")]


def only_known(request: Request) -> None:
    """Refuse a query parameter that the route does not take."""
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    fields = get_flat_params(route.dependant)
    taken = {each.alias for each in fields if isinstance(each.field_info, Query)}
    for name in request.query_params:
        if name not in taken:
            raise Malformed(name[:120], "is no parameter of this route")
