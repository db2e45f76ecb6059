"""Chinese is drawn from the font that comes along, not from the system's."""

import vl_convert
from fontTools.ttLib import TTCollection

from api.fonts import FAMILY, font_file, register_font

WORDS = "生态产品总值"


def test_the_font_has_the_words_of_the_field() -> None:
    """Gross ecosystem product, in Chinese, under the family's name that charts use."""
    faces = {face["name"].getDebugName(1): face for face in TTCollection(font_file()).fonts}

    assert {ord(character) for character in WORDS} <= set(faces[FAMILY].getBestCmap())


def test_a_chart_drawn_here_holds_the_words() -> None:
    """Without a glyph for them the drawing of six characters and of six others would not differ."""
    register_font()

    assert _drawn(WORDS) != _drawn("水源涵养固碳")


def _drawn(words: str) -> bytes:
    return vl_convert.vegalite_to_png(
        {
            "title": {"text": words, "font": FAMILY},
            "data": {"values": [{}]},
            "mark": "point",
        }
    )
