"""The cells of an XLSX file as they stand in it, whatever the file turns out to be."""

import io
import warnings
import zipfile
import zlib
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter

from accounting import sheet
from ledger.core.errors import Finding, InputRefused

NO_WORKBOOK = (
    ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, SyntaxError, TypeError,
    ValueError, sheet.TooManyCells, zipfile.BadZipFile, zlib.error,
)  # fmt: skip

COLUMNS_MAX = 1_024

Place = tuple[str, int, int]


def cells(path: Path) -> dict[Place, object]:
    """Return what is not empty by sheet, row and column, from 1; refuse what is no workbook."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = io.BytesIO(path.read_bytes())
            book = openpyxl.load_workbook(content, read_only=True, data_only=True)
            return {
                (each.title, row, column): cell.value
                for each in book.worksheets
                for row, cells in enumerate(sheet.within(each, COLUMNS_MAX), 1)
                for column, cell in enumerate(cells, 1)
                if cell.value is not None
            }
    except NO_WORKBOOK as error:
        title = "Not a file of a dossier that can be read"
        facts = {"why": str(error)}
        finding = Finding("dossier.unreadable", title, path.name, facts=facts)
        raise InputRefused((finding,)) from None


def letter(column: int) -> str:
    """Return the letters that a spreadsheet shows for a column, from 1."""
    return get_column_letter(column)
