"""Charts of a GEP account: one specification each, drawn here as SVG with the font that ships."""

from functools import cache
from threading import Lock
from typing import Any

import altair as alt
import vl_convert

from accounting.account import Account
from api.fonts import FAMILY, register_font

YI = 1e8
WIDTH, BAR = 620, 20
CLASS_NAMES = {
    "material": ("物质产品", "Material"),
    "regulating": ("调节服务", "Regulating"),
    "cultural": ("文化服务", "Cultural"),
}
COLOURS = ("#8c6d1f", "#2f6f4f", "#3b6ea5")
SMALLEST_ON_A_LOG = 1e-3
_drawing = Lock()


def by_service(account: Account, locale: str) -> str:
    """Draw the value of every service, by class, on a logarithmic scale, as SVG."""
    zh = locale.startswith("zh")
    rows = [
        {
            "service": line.name.in_(locale),
            "class": CLASS_NAMES[line.class_][0 if zh else 1],
            "value": line.value_cny / YI,
            "shown": f"{line.value_cny / YI:,.4f}" if line.value_cny < YI else
                     f"{line.value_cny / YI:,.2f}",
            "floor": SMALLEST_ON_A_LOG,
        }
        for line in account.counted
        if line.value_cny
    ]  # fmt: skip
    title = "价值（亿元，对数尺度）" if zh else "Value (100 million CNY, logarithmic scale)"
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("service:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
    )
    bars = base.mark_bar(size=BAR - 6).encode(
        x=alt.X("value:Q", title=title, scale=alt.Scale(type="log", domainMin=SMALLEST_ON_A_LOG)),
        x2=alt.X2("floor:Q"),
        color=_colour(zh),
    )
    labels = base.mark_text(align="left", dx=4).encode(x="value:Q", text="shown:N")
    return _svg((bars + labels).properties(width=WIDTH, height=alt.Step(BAR)))


def by_class(account: Account, locale: str) -> str:
    """Draw what each class adds to GEP, as SVG."""
    zh = locale.startswith("zh")
    total = account.gep_cny
    rows = [
        {
            "class": CLASS_NAMES[name][0 if zh else 1],
            "value": value / YI,
            "shown": f"{value / YI:,.2f}  ({value / total:.1%})",
        }
        for name, value in account.class_sums().items()
    ]
    title = "价值（亿元）" if zh else "Value (100 million CNY)"
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("class:N", sort=None, title=None),
        x=alt.X("value:Q", title=title, scale=alt.Scale(domainMax=total / YI * 1.15)),
    )
    bars = base.mark_bar(size=24).encode(color=_colour(zh))
    labels = base.mark_text(align="left", dx=4).encode(text="shown:N")
    return _svg((bars + labels).properties(width=WIDTH, height=alt.Step(36)))


def _colour(zh: bool) -> alt.Color:
    names = [each[0 if zh else 1] for each in CLASS_NAMES.values()]
    scale = alt.Scale(domain=names, range=list(COLOURS))
    return alt.Color("class:N", scale=scale, title=None, legend=alt.Legend(orient="top"))


def _svg(chart: alt.LayerChart) -> str:
    """Draw one chart at a time: the renderer keeps one engine."""
    specification: dict[str, Any] = chart.configure(
        font=FAMILY, view=alt.ViewConfig(stroke=None), background="transparent"
    ).to_dict()
    with _drawing:
        _register()
        drawn: str = vl_convert.vegalite_to_svg(specification)
    return drawn


@cache
def _register() -> None:
    register_font()
