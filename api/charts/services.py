"""GEP by service: from the largest to the smallest by three digits and more, so on a log scale."""

import math

import altair as alt

from accounting.account import Account, Line
from accounting.pack import CLASSES
from api.charts.drawing import BAR, WIDTH, Specification, by_class, figure, rows, specified, yi
from ledger.core.label import Label

FLOOR = 1e-3
TITLE = Label("价值（亿元，对数尺度）", "Value (100 million CNY, logarithmic scale)")


def chart(account: Account, locale: str) -> Specification:
    """Specify a bar for each service with a value above nothing, by class, in 亿元."""
    found: dict[str, list[Line]] = {}
    for line in account.counted:
        found.setdefault(line.service, []).append(line)
    values = [
        {
            "service": lines[0].name.in_(locale),
            "class": CLASSES[lines[0].class_].in_(locale),
            "value": value,
            "shown": figure(value),
            "floor": FLOOR,
        }
        for lines in found.values()
        if (value := yi(math.fsum(line.value_cny or 0.0 for line in lines))) >= FLOOR
    ]
    base = alt.Chart(rows(values)).encode(
        y=alt.Y("service:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
    )
    scale = alt.Scale(type="log", domainMin=FLOOR)
    bars = base.mark_bar(size=BAR - 6).encode(
        x=alt.X("value:Q", title=TITLE.in_(locale), scale=scale),
        x2=alt.X2("floor:Q"),
        color=by_class(locale),
    )
    labels = base.mark_text(align="left", dx=4).encode(x="value:Q", text="shown:N")
    return specified(bars, labels, width=WIDTH, height=alt.Step(BAR))
