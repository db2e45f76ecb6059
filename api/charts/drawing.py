"""How a chart is drawn: as SVG, with the font that ships, in colours that are one family.

Values go into a specification in 亿元 rounded to ``DECIMALS``, so that the last bits of a float64
move no byte of a drawing.
"""

import re
from collections.abc import Mapping
from functools import cache
from threading import Lock
from typing import Any

import altair as alt
import vl_convert

from accounting.pack import CLASSES
from api.fonts import FAMILY, register_font
from ledger.core.label import Label

YI = 1e8
DECIMALS = 6
WIDTH, BAR = 620, 20
COLOURS: Mapping[str, str] = {
    "material": "#8c6d1f", "regulating": "#2f6f4f", "cultural": "#3b6ea5",
}  # fmt: skip
RISE, FALL, WHOLE = "#2f6f4f", "#a3562b", "#5b6a62"
VALUE = Label("价值（亿元）", "Value (100 million CNY)")
LOOK: Mapping[str, Any] = {
    "font": FAMILY, "view": {"stroke": None}, "background": "transparent",
    "axis": {"gridColor": "#e6ebe8"},
}  # fmt: skip
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
REPLACEMENT = "\ufffd"
_drawing = Lock()

Specification = Mapping[str, Any]
"""A chart as Vega-Lite has it, whole: with its data, and nothing that is looked up elsewhere."""


def yi(cny: float) -> float:
    """Return CNY in 亿元, as a chart takes it."""
    return round(cny / YI, DECIMALS)


def figure(value: float) -> str:
    """Write a number of 亿元 beside a mark: two decimals, four where it is small."""
    return f"{value:,.2f}" if abs(value) >= 1 or not value else f"{value:,.4f}"


def rows(values: list[dict[str, Any]]) -> alt.InlineData:
    """Return the rows of a chart as part of its specification."""
    return alt.InlineData(values=values)


def by_class(locale: str) -> alt.Color:
    """Return the colours of the three classes, with their legend above."""
    names = [each.in_(locale) for each in CLASSES.values()]
    scale = alt.Scale(domain=names, range=list(COLOURS.values()))
    return alt.Color("class:N", scale=scale, title=None, legend=alt.Legend(orient="top"))


def specified(*layers: alt.Chart, **size: Any) -> Specification:
    """Return the specification of layers of one chart, in the font that ships."""
    specification: Specification = alt.layer(*layers).properties(**size).configure(**LOOK).to_dict()
    return specification


def is_empty(specification: Specification) -> bool:
    """Tell whether no layer of a chart has a row: there is nothing to draw."""
    return not any(specification["datasets"].values())


def svg(specification: Specification) -> str:
    """Draw a specification; one at a time, since the renderer keeps one engine."""
    with _drawing:
        _register()
        drawn: str = vl_convert.vegalite_to_svg(_in_xml(specification))
    return drawn


def _in_xml(value: Any) -> Any:
    """Replace the characters that no SVG can hold: they end the process of the renderer."""
    if isinstance(value, str):
        return NOT_IN_XML.sub(REPLACEMENT, value)
    if isinstance(value, Mapping):
        return {name: _in_xml(each) for name, each in value.items()}
    return [_in_xml(each) for each in value] if isinstance(value, list) else value


@cache
def _register() -> None:
    register_font()
