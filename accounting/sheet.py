"""Long tables as people keep them: CSV in any usual encoding or XLSX, with the line of each row."""

import csv
import hashlib
import io
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from ledger.core.errors import Finding, InputRefused

ENCODINGS = ("utf-8-sig", "gb18030")
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
DELIMITERS = (",", "\t", ";", "|")
DIGITS_OF_A_SPREADSHEET = 15
WORKBOOK = ".xlsx"
ASIDE = frozenset({"填表说明", "参数", "代码"})  # worksheets to be read by people
BROKEN = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError,
    TypeError, AttributeError, EOFError, OSError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """One row: the line it starts at in the file (header = 1) and its cells by column."""

    row: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as read: its columns, its rows, what is wrong with its form, its digest."""

    file: str
    columns: tuple[str, ...]
    records: tuple[Record, ...]
    findings: tuple[Finding, ...]
    digest: str


def read(
    path: Path,
    required: Sequence[str],
    optional: Sequence[str] = (),
    headings: Mapping[str, str] | None = None,
) -> Sheet:
    """Read a table; a file that is no such table at all is refused, lesser faults are findings.

    Columns are known whatever their case; ``headings`` gives other names for them.
    """
    content = _content(path)
    text = _text(path, content)
    names = {_tidy(name): name for name in (*required, *optional)} | dict(headings or {})
    delimiter = max(DELIMITERS, key=lambda each: _known(_rows(text, each, 1), names))
    rows = _rows(text, delimiter)
    return _sheet(path.name, rows, names, required, hashlib.sha256(content).hexdigest())


def read_workbook(
    path: Path,
    required: Sequence[str],
    optional: Sequence[str] = (),
    headings: Mapping[str, str] | None = None,
) -> tuple[Sheet, ...]:
    """Read every worksheet of a workbook that ``ASIDE`` does not name, each as a table.

    A worksheet is named ``<file>:<worksheet>``. Formulas are no typed figures: findings.
    """
    content = _content(path)
    digest = hashlib.sha256(content).hexdigest()
    names = {_tidy(name): name for name in (*required, *optional)} | dict(headings or {})
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        sheets = {
            each.title: list(each.iter_rows())
            for each in book.worksheets
            if each.title not in ASIDE
        }
    except BROKEN as error:
        raise _refused(path, "sheet.no-workbook", "No workbook", why=type(error).__name__) from None
    tables = [
        _worksheet(f"{path.name}:{title}", cells, names, required, digest)
        for title, cells in sheets.items()
        if any(each.value is not None for row in cells for each in row)
    ]
    if not tables:
        raise _refused(path, "sheet.no-header", "No worksheet of this workbook is a table")
    return tuple(tables)


def _worksheet(
    file: str,
    cells: Sequence[Sequence[Any]],
    names: Mapping[str, str],
    required: Sequence[str],
    digest: str,
) -> Sheet:
    rows = [(number, [_typed(each.value) for each in row]) for number, row in enumerate(cells, 1)]
    try:
        table = _sheet(file, rows, names, required, digest)
    except InputRefused as refused:
        return Sheet(file, (), (), refused.findings, digest)
    return replace(table, findings=(*table.findings, *_formulas(file, table.columns, cells)))


def _sheet(
    file: str,
    rows: Sequence[tuple[int, list[str]]],
    names: Mapping[str, str],
    required: Sequence[str],
    digest: str,
) -> Sheet:
    if not _known(rows, names):
        title = "No column of this table is known"
        raise InputRefused((Finding("sheet.no-header", title, file, 1),))
    header = tuple(names.get(_tidy(cell), cell.strip()) for cell in rows[0][1])
    findings = tuple(_header_findings(file, header, required))
    records = []
    for row, cells in rows[1:]:
        if any(cell.strip() for cell in cells):
            findings += tuple(_row_findings(file, row, header, cells))
            records.append(Record(row, _by_column(header, cells)))
    return Sheet(file, header, tuple(records), findings, digest)


def _typed(value: object) -> str:
    """Write a cell as it was typed: a number to the 15 digits that a spreadsheet keeps."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.{DIGITS_OF_A_SPREADSHEET}g}"
    return str(value)


def _formulas(file: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[Finding]:
    for number, row in enumerate(rows, 1):
        for name, cell in zip(header, row, strict=False):
            if cell.data_type == "f":
                title = "A formula is no typed figure: put the value"
                facts = {"found": str(cell.value)}
                yield Finding("sheet.formula", title, file, number, name, facts)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise _refused(path, "sheet.unreadable", "The file cannot be read", why=reason) from None


def _text(path: Path, content: bytes) -> str:
    marked = BYTE_ORDER_MARKS.get(content[:2])
    for encoding in (marked,) if marked else ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.strip() and "\0" not in text:
            return text
    raise _refused(path, "sheet.not-text", "The file is empty or not a text table")


def _rows(text: str, delimiter: str, most: int | None = None) -> list[tuple[int, list[str]]]:
    """Return the rows with the line each starts at; an unreadable table has none."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            if cells or rows:
                rows.append((start, cells))
            start = reader.line_num + 1
            if len(rows) == most:
                break
    except csv.Error:
        return []
    return rows


def _known(rows: Sequence[tuple[int, list[str]]], names: Mapping[str, str]) -> int:
    return sum(_tidy(cell) in names for cell in rows[0][1]) if rows else 0


def _tidy(heading: str) -> str:
    return "_".join(unicodedata.normalize("NFKC", heading).casefold().split()).strip("_")


def _header_findings(
    file: str, header: Sequence[str], required: Sequence[str]
) -> Iterator[Finding]:
    for name, times in Counter(header).items():
        if name and times > 1:
            yield Finding("header.duplicate", "This column appears more than once", file, 1, name)
    for name in required:
        if name not in header:
            yield Finding("header.missing", "This column is missing", file, 1, name)


def _row_findings(
    file: str, row: int, header: Sequence[str], cells: Sequence[str]
) -> Iterator[Finding]:
    if any(cell.strip() for cell in cells[len(header) :]):
        title = "The row has more cells than the header (a comma inside a number?)"
        yield Finding("row.too-many-cells", title, file, row)


def _by_column(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Pair cells with columns; where a column appears twice and the cells differ, none is taken."""
    paired: dict[str, str] = {}
    for name, cell in zip(header, cells, strict=False):
        value = cell.strip()
        paired[name] = value if paired.get(name, value) == value else ""
    return paired


def _refused(
    path: Path, code: str, title: str, row: int | None = None, **facts: str
) -> InputRefused:
    return InputRefused((Finding(code, title, path.name, row, facts=facts),))
