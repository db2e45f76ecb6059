"""CSV for spreadsheets: UTF-8 with a mark, headings in one language, no formula that runs."""

import csv
import io
from collections.abc import Iterable
from typing import BinaryIO

from ledger.statements.statement import Cell, Column, Row, Statement

RUNS_AS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
CHUNK = 1 << 18


def write(statement: Statement, out: BinaryIO, locale: str) -> None:
    """Write headings, rows and totals; text that a spreadsheet would run gets an apostrophe."""
    out.write("\ufeff".encode())
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([heading(column, locale) for column in statement.columns])
    if statement.as_csv is not None:
        out.write(buffer.getvalue().encode())
        buffer.seek(0)
        buffer.truncate()
        out.writelines(statement.as_csv())
    for row in _all(statement):
        writer.writerow([_plain(cell) for cell in row])
        if buffer.tell() > CHUNK:
            out.write(buffer.getvalue().encode())
            buffer.seek(0)
            buffer.truncate()
    out.write(buffer.getvalue().encode())


def heading(column: Column, locale: str) -> str:
    """Return a column's heading with its unit."""
    unit = column.unit if column.unit and not column.unit.startswith("@") else ""
    return column.label.in_(locale) + (f" ({unit})" if unit else "")


def _all(statement: Statement) -> Iterable[Row]:
    yield from statement.rows if statement.as_csv is None else ()
    yield from statement.totals


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(RUNS_AS_A_FORMULA) else cell
    return f"{cell:f}" if hasattr(cell, "as_tuple") else str(cell)
