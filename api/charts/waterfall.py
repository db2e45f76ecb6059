"""The growth of GEP as a waterfall: the earlier year, the five factors, the later year."""

from typing import Any

import altair as alt

from accounting.compared import NAMES
from accounting.growth import Growth
from api.charts.drawing import (
    FALL,
    RISE,
    WHOLE,
    WIDTH,
    Specification,
    figure,
    rows,
    specified,
    yi,
)
from ledger.core.label import Label

HEIGHT = 260
BROKEN = Label(
    "价值（亿元，纵轴不自零起）", "Value (100 million CNY; the axis does not start at 0)"
)
ROOM = 0.35  # of what the factors move, beside them on the scale


def chart(growth: Growth, locale: str) -> Specification:
    """Specify a column for each end and each factor, in 亿元; it breaks off the common base."""
    values = steps(growth, locale)
    edges = [each[end] for each in values for end in ("start", "end") if not each["whole"]]
    room = (max(edges) - min(edges)) * ROOM or abs(max(edges)) * ROOM or 1
    scale = alt.Scale(domain=[min(edges) - room, max(edges) + room], nice=False)
    base = alt.Chart(rows(values)).encode(
        x=alt.X("name:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelLimit=120)),
    )
    columns = base.mark_bar(size=44, clip=True).encode(
        y=alt.Y("start:Q", title=BROKEN.in_(locale), scale=scale),
        y2="end:Q",
        color=alt.Color("colour:N", scale=None),
    )
    labels = base.mark_text(dy=-8).encode(y=alt.Y("top:Q", scale=scale), text="shown:N")
    return specified(columns, labels, width=WIDTH, height=HEIGHT)


def steps(growth: Growth, locale: str) -> list[dict[str, Any]]:
    """Return the columns from left to right: where each starts and ends, in 亿元."""
    first, last = growth.years
    at, end = float(growth.before.sum()), float(growth.after.sum())
    found = [_step(str(first), 0.0, at, figure(yi(at)), WHOLE)]
    for factor, effect in growth.total().items():
        shown = f"{yi(effect):+,.2f}" if yi(effect) else "0"
        colour = RISE if effect >= 0 else FALL
        found.append(_step(NAMES[factor].in_(locale), at, at + effect, shown, colour))
        at += effect
    return [*found, _step(str(last), 0.0, end, figure(yi(end)), WHOLE)]


def _step(name: str, start: float, end: float, shown: str, colour: str) -> dict[str, Any]:
    return {
        "name": name, "start": yi(start), "end": yi(end), "top": yi(max(start, end)),
        "shown": shown, "colour": colour, "whole": colour == WHOLE,
    }  # fmt: skip
