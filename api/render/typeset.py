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

STANDARDS: tuple[typst.PDFStandard, ...] = ("a-2a", "ua-1")


def pdf(template: Path, said: Mapping[str, Any]) -> bytes:
    """Typeset a template; tagged and archivable (PDF/A-2a, PDF/UA-1 as the typesetter checks)."""
    return typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=[str(font_file().parent)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"said": json.dumps(said, ensure_ascii=False), "family": FAMILY},
        pdf_standards=[*STANDARDS],
        timestamp=MADE,
    )
