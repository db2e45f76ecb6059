"""How sure the figures are: P5 to P95 of every service, with P50 and the estimate."""

from collections.abc import Mapping

import altair as alt

from accounting.pack import GEP_NAME
from api.charts.drawing import BAR, COLOURS, WIDTH, Specification, rows, specified
from ledger.core.label import Label
from ledger.statements.statement import Statement

FLOOR = 1e-3
TITLE = Label(
    "P5、P50至P95（亿元，对数尺度；圆点为估算值）",
    "P5, P50 to P95 (100 million CNY, logarithmic scale; the dot is the estimate)",
)


def chart(uncertainty: Statement, locale: str) -> Specification:
    """Specify a bar for each service and for GEP, of a statement of uncertainty."""
    keys = [column.key for column in uncertainty.columns]
    every = [dict(zip(keys, row, strict=True)) for row in uncertainty.rows]
    every += [dict(zip(keys, row, strict=True)) for row in uncertainty.totals if row[0] == "gep"]
    values = [
        {
            "service": GEP_NAME.in_(locale) if each["service"] == "gep" else _name(each, locale),
            **{key: float(str(each[key])) for key in ("estimate", "p5", "p50", "p95")},
        }
        for each in every
        if each["p5"] is not None and float(str(each["p5"])) >= FLOOR
    ]
    base = alt.Chart(rows(values)).encode(
        y=alt.Y("service:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
    )
    scale = alt.Scale(type="log")
    spans = base.mark_bar(size=BAR - 12, color=COLOURS["regulating"], opacity=0.45).encode(
        x=alt.X("p5:Q", title=TITLE.in_(locale), scale=scale),
        x2="p95:Q",
    )
    middles = base.mark_tick(color="#1d2a24", size=BAR - 8, thickness=2).encode(x="p50:Q")
    dots = base.mark_point(color="#8c6d1f", filled=True, size=24, opacity=1).encode(x="estimate:Q")
    return specified(spans, middles, dots, width=WIDTH, height=alt.Step(BAR))


def _name(row: Mapping[str, object], locale: str) -> str:
    return str(row["name_zh" if locale.startswith("zh") else "name_en"])
