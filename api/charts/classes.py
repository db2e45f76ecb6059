"""GEP by class: what material, regulating and cultural services add to it."""

import altair as alt

from accounting.account import Account
from accounting.pack import CLASSES
from api.charts.drawing import VALUE, WIDTH, Specification, by_class, figure, rows, specified, yi

ROOM = 1.25  # beyond the longest bar, for its label


def chart(account: Account, locale: str) -> Specification:
    """Specify a bar for each class, with its value in 亿元 and its share of GEP."""
    sums, whole = account.class_sums(), account.gep_cny
    values = [
        {
            "class": CLASSES[name].in_(locale),
            "value": yi(value),
            "shown": figure(yi(value)) + (f"  ({value / whole:.1%})" if whole else ""),
        }
        for name, value in sums.items()
    ]
    least, most = min(0.0, *map(yi, sums.values())), max(map(yi, sums.values()))
    scale = alt.Scale(domain=[least * ROOM, most * ROOM or 1])
    base = alt.Chart(rows(values)).encode(
        y=alt.Y("class:N", sort=None, title=None),
        x=alt.X("value:Q", title=VALUE.in_(locale), scale=scale),
    )
    bars = base.mark_bar(size=24).encode(color=by_class(locale).legend(None))
    labels = base.mark_text(align="left", dx=4).encode(text="shown:N")
    return specified(bars, labels, width=WIDTH, height=alt.Step(36))
