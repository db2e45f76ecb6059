"""GEP by ecosystem type: what each type supplies, stacked by group of services."""

from decimal import Decimal

import altair as alt

from accounting import tables
from accounting.account import Account
from api.charts.drawing import BAR, VALUE, WIDTH, Specification, rows, specified
from ledger.core.label import Label

GROUP = Label("科目", "Group")


def chart(account: Account, locale: str) -> Specification:
    """Specify a stacked bar for each type, in 亿元: as published, or else as computed."""
    statement = tables.by_type(account)
    keys = [column.key for column in statement.columns]
    values = [
        {
            "type": name.in_(locale),
            "group": account.pack.groups[str(row[0])].in_(locale),
            "value": float(cell),
        }
        for row in statement.rows
        for code, name in account.types.items()
        if code in keys and isinstance(cell := row[keys.index(code)], Decimal) and cell
    ]
    legend = alt.Legend(orient="bottom", columns=4, title=None, labelLimit=160)
    bars = (
        alt.Chart(rows(values))
        .mark_bar(size=BAR)
        .encode(
            y=alt.Y("type:N", sort="-x", title=None, axis=alt.Axis(labelLimit=200)),
            x=alt.X("sum(value):Q", title=VALUE.in_(locale)),
            color=alt.Color(
                "group:N", sort=None, legend=legend, scale=alt.Scale(scheme="tableau20")
            ),
        )
    )
    return specified(bars, width=WIDTH, height=alt.Step(BAR + 12))
