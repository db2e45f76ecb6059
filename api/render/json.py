"""JSON: the statement's title, columns and rows; numbers as decimal strings."""

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from ledger.statements.statement import Cell, Statement


def write(statement: Statement, out: BinaryIO, locale: str) -> None:
    """Write one object whose rows are streamed."""
    columns = [
        {"key": each.key, "label": each.label.in_(locale), "unit": each.unit}
        for each in statement.columns
    ]
    head = {"title": statement.title.in_(locale), "columns": columns}
    out.write(_text(head)[:-1].encode() + b',"rows":[')
    out.writelines(_lines(statement))
    totals = [[plain(cell) for cell in row] for row in statement.totals]
    notes = [note.in_(locale) for note in statement.notes]
    out.write(f'\n],"totals":{_text(totals)},"notes":{_text(notes)}}}\n'.encode())


def _lines(statement: Statement) -> Iterator[bytes]:
    for number, row in enumerate(statement.rows):
        yield (b",\n" if number else b"\n") + _text([plain(cell) for cell in row]).encode()


def plain(cell: Cell) -> str | int | None:
    """Write a cell as JSON: decimals and dates as strings, whole numbers as they are."""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return cell.isoformat() if isinstance(cell, dt.date) else cell


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
