"""Typesetting: a template of ours and what it is to print, as PDF; the same bytes every time.

What is printed reaches the template as JSON and never becomes source; only the font that ships is
used, and no file outside the template's own folder can be read.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from accounting.dossier_workbook import MADE
from api.fonts import FAMILY, font_file

TEMPLATES = Path(__file__).parent / "templates"
SMALL = 7.5  # points, in tables


def pdf(template: str, said: Mapping[str, Any], locale: str) -> bytes:
    """Typeset a template, tagged and archivable: PDF/A-2a, PDF/UA-1, as the typesetter checks.

    A text with a character that the font has not is no archivable one: it is printed all the same.
    """
    zh = locale.startswith("zh")
    about = {"lang": "zh" if zh else "en", "region": "cn" if zh else "gb", "small": SMALL}
    whole = json.dumps({**about, **said}, ensure_ascii=False)
    try:
        return _compiled(template, whole, ["a-2a", "ua-1"])
    except typst.TypstError:
        return _compiled(template, whole, [])


def _compiled(template: str, said: str, standards: list[Any]) -> bytes:
    return typst.compile(
        str(TEMPLATES / template),
        root=str(TEMPLATES),
        font_paths=[str(font_file().parent)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"said": said, "family": FAMILY},
        pdf_standards=standards,
        timestamp=MADE,
    )
