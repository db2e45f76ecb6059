"""The map of an account: GEP of each region that the case has polygons for."""

from collections.abc import Iterator, Mapping
from typing import Any

import altair as alt

from accounting import rollup
from accounting.account import Account
from accounting.polygons import Polygons
from api.charts.drawing import VALUE, WIDTH, Specification, figure, rows, specified, yi

HEIGHT = 380
SHADES = ("#eef6f1", "#63a985")  # dark names can be read on both
NAMED_MAX = 30  # regions; more names than that would lie on one another


def chart(account: Account, polygons: Polygons, locale: str) -> Specification:
    """Specify a choropleth of the smallest regions drawn, in 亿元, each with its name."""
    smallest = _smallest(account, polygons)
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "geometry": {"type": "MultiPolygon", "coordinates": polygons.of[each.region]},
            "name": account.regions[each.region].in_(locale),
            "value": yi(each.gep_cny),
            "shown": figure(yi(each.gep_cny)),
        }
        for each in rollup.rolled_up(account)
        if each.region in smallest
    ]
    legend = alt.Legend(orient="bottom", gradientLength=260, titleLimit=260)
    base = alt.Chart(rows(features))
    areas = base.mark_geoshape(stroke="#fff", strokeWidth=1.2).encode(
        color=alt.Color("value:Q", title=VALUE.in_(locale), legend=legend,
                        scale=alt.Scale(range=list(SHADES), zero=True)),
    )  # fmt: skip
    named = _names(features) if len(features) <= NAMED_MAX else ()
    size = {"width": WIDTH, "height": HEIGHT}
    return specified(areas, *named, projection={"type": "mercator"}, **size)


def _names(features: list[dict[str, Any]]) -> Iterator[alt.Chart]:
    """Yield the names, and beneath them the values."""
    points = alt.Chart(rows([_label(each) for each in features])).encode(
        longitude="longitude:Q", latitude="latitude:Q"
    )
    for dy, field in ((-8, "name:N"), (8, "shown:N")):
        yield points.mark_text(dy=dy, color="#1d2a24", fontSize=12).encode(text=field)


def _smallest(account: Account, polygons: Polygons) -> frozenset[str]:
    """Return the regions with polygons that hold no other region with polygons."""
    above = {over for code in polygons.of for over in account.tree.above(code)}
    return frozenset(polygons.of) - above


def _label(feature: Mapping[str, Any]) -> dict[str, Any]:
    """Place a name in the middle of the polygon with the longest border."""
    longest = max((part[0] for part in feature["geometry"]["coordinates"]), key=len)
    x, y = ([point[at] for point in longest] for at in (0, 1))
    middle = {"longitude": (min(x) + max(x)) / 2, "latitude": (min(y) + max(y)) / 2}
    return {"name": feature["name"], "shown": feature["shown"]} | middle
