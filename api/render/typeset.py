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


def pdf(template: Path, said: Mapping[str, Any]) -> bytes:
    """Typeset a template, tagged and archivable: PDF/A-2a, PDF/UA-1, as the typesetter checks.

    A text with a character that the font has not is no archivable one: it is printed all the same.
    """
    try:
        return _compiled(template, said, ["a-2a", "ua-1"])
    except typst.TypstError:
        return _compiled(template, said, [])


def _compiled(template: Path, said: Mapping[str, Any], standards: list[Any]) -> bytes:
    return typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=[str(font_file().parent)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"said": json.dumps(said, ensure_ascii=False), "family": FAMILY},
        pdf_standards=standards,
        timestamp=MADE,
    )
