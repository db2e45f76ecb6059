"""The one font with Chinese glyphs: for the page, by ``@font-face``, and for charts drawn here."""

from importlib.resources import files
from pathlib import Path

import vl_convert

FAMILY = "Noto Sans CJK SC"
"""The family's name inside the font, as chart specifications give it."""


def font_file() -> Path:
    """Return the path of the font: a collection that wants ``lang="zh-CN"`` around Chinese text."""
    return Path(str(files("noto_cjk_sans_otc"))) / "NotoSansCJK-Regular.ttc"


def register_font() -> None:
    """Let the chart renderer draw ``FAMILY``, whatever fonts the system has."""
    vl_convert.register_font_directory(str(font_file().parent))
