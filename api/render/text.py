"""The terminal: a statement as a table of one language, numbers as they are read there."""

import datetime as dt
from decimal import Decimal

from babel.numbers import format_decimal
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ledger.statements.statement import Cell, Column, Row, Statement

WIDTH_OF_A_FILE = 200


def console() -> Console:
    """Return the terminal, or a page wide enough where the output is no terminal."""
    terminal = Console(emoji=False)
    return terminal if terminal.is_terminal else Console(width=WIDTH_OF_A_FILE, emoji=False)


def show(out: Console, statement: Statement, locale: str, hidden: frozenset[str]) -> None:
    """Print a statement, leaving out the columns that only a file needs."""
    kept = [(at, each) for at, each in enumerate(statement.columns) if each.key not in hidden]
    out.print(escape(statement.title.in_(locale)), style="bold", highlight=False)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for _, column in kept:
        table.add_column(_heading(column, locale), justify=column.align, overflow="fold")
    for row in statement.rows:
        table.add_row(*_cells(row, kept, locale))
    table.add_section()
    for row in statement.totals:
        table.add_row(*_cells(row, kept, locale), style="bold")
    out.print(table)
    for note in statement.notes:
        out.print(escape(note.in_(locale)), highlight=False)
    out.print()


def number(value: Decimal, locale: str) -> str:
    """Write a decimal with all its digits and the separators of a locale."""
    places = max(0, -int(value.as_tuple().exponent))
    pattern = "#,##0" + ("." + "0" * places if places else "")
    language = "zh_CN" if locale.startswith("zh") else "en"
    return str(format_decimal(value, format=pattern, locale=language))


def _cells(row: Row, kept: list[tuple[int, Column]], locale: str) -> list[str]:
    return [_text(row[at], locale) for at, _ in kept]


def _heading(column: Column, locale: str) -> str:
    unit = column.unit if column.unit and not column.unit.startswith("@") else ""
    return escape(column.label.in_(locale) + (f"\n{unit}" if unit else ""))


def _text(cell: Cell, locale: str) -> str:
    if isinstance(cell, Decimal):
        return number(cell, locale)
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return "" if cell is None else escape(str(cell))
