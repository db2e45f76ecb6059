"""Only what a route knows may be asked of it: a misspelt parameter is refused."""

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute

from ledger.core.refusals import Malformed


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
