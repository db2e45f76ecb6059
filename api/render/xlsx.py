"""XLSX: headings, numbers as numbers where a spreadsheet can hold them, else as text."""

import datetime as dt
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter

from api.render.csv import heading
from ledger.statements.statement import Cell, Statement

DIGITS_OF_A_SPREADSHEET = 15
ROWS_OF_A_SHEET = 1_048_576
WIDTH = 18


def write(statement: Statement, out: BinaryIO, locale: str) -> None:
    """Write the statement into sheets, as many as its rows need."""
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet, line = _sheet(book, statement, locale, bold), 1
    for row in _rows(statement):
        if line == ROWS_OF_A_SHEET:
            sheet, line = _sheet(book, statement, locale, bold), 1
        for place, cell in enumerate(row):
            _write_cell(sheet, line, place, cell, day)
        line += 1
    book.close()


def _rows(statement: Statement) -> Any:
    yield from statement.rows
    yield from statement.totals


def _sheet(book: Any, statement: Statement, locale: str, bold: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(statement.columns) - 1, WIDTH)
    for place, column in enumerate(statement.columns):
        sheet.write_string(0, place, heading(column, locale), bold)
    return sheet


def _write_cell(sheet: Any, line: int, place: int, cell: Cell, day: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, dt.date):
        sheet.write_datetime(line, place, dt.datetime.combine(cell, dt.time.min), day)
    elif isinstance(cell, Decimal | int) and _fits(Decimal(cell)):
        sheet.write_number(line, place, cell)
    else:
        sheet.write_string(line, place, f"{cell:f}" if isinstance(cell, Decimal) else str(cell))


def _fits(number: Decimal) -> bool:
    return len(number.as_tuple().digits) <= DIGITS_OF_A_SPREADSHEET
