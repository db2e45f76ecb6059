"""GEP over the years: one stacked bar a year, by class, at the prices of its pack."""

from collections.abc import Sequence

import altair as alt

from accounting.account import Account
from accounting.pack import CLASSES
from api.charts.drawing import VALUE, WIDTH, Specification, by_class, figure, rows, specified, yi

HEIGHT = 240


def chart(accounts: Sequence[Account], locale: str) -> Specification:
    """Specify the years in their order, in 亿元, with GEP above each bar."""
    values = [
        {"year": str(each.year), "class": CLASSES[name].in_(locale), "value": yi(value)}
        for each in accounts
        for name, value in each.class_sums().items()
    ]
    sums = [
        {"year": str(each.year), "value": yi(each.gep_cny), "shown": figure(yi(each.gep_cny))}
        for each in accounts
    ]
    year = alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0))
    bars = (
        alt.Chart(rows(values))
        .mark_bar(size=36)
        .encode(x=year, y=alt.Y("value:Q", title=VALUE.in_(locale)), color=by_class(locale))
    )
    labels = alt.Chart(rows(sums)).mark_text(dy=-7).encode(x=year, y="value:Q", text="shown:N")
    return specified(bars, labels, width=WIDTH, height=HEIGHT)
