"""Long tables as people keep them: CSV in any usual encoding or XLSX, with the line of each row."""

import csv
import hashlib
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.utils.exceptions import InvalidFileException

from accounting.headings import Headings, tidy
from ledger.core.errors import Finding, InputRefused

ENCODINGS = ("utf-8-sig", "gb18030")
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
ZERO_WIDTH = re.compile("[\u200b-\u200d\u2060\ufeff]")
HAN = re.compile("[\u4e00-\u9fff]")
OTHER_SCRIPT = re.compile("[\u0250-\u02ff\u0400-\u07ff]")  # what a little GBK looks like in UTF-8
DELIMITERS = (",", "\t", ";", "|", "，")
HEADER_WITHIN = 12  # rows: titles and notes may stand above the header
LARGEST = 64 * 1024 * 1024  # bytes
DIGITS_OF_A_SPREADSHEET = 15
COLUMNS_MAX, CELLS_MAX = 64, 4_000_000  # of a worksheet; what lies further right is not read
WORKBOOK = ".xlsx"
ASIDE = frozenset({"填表说明", "参数", "代码"})  # worksheets to be read by people
BROKEN = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError,
    TypeError, AttributeError, EOFError, OSError,
)  # fmt: skip


class TooManyCells(Exception):
    """A worksheet has more cells than are read."""


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
    units: Mapping[str, str] | None = None,
) -> Sheet:
    """Read a table; a file that is no such table at all is refused, lesser faults are findings.

    Columns are known whatever their case; ``headings`` gives other names for them, ``units`` the
    unit column of each number whose unit may stand in its heading.
    """
    content = _content(path)
    text = _text(path, content)
    known = _headings((*required, *optional), headings, units)
    heads = {each: _rows(text, each, HEADER_WITHIN) for each in DELIMITERS}
    best = max(DELIMITERS, key=lambda each: _header(heads[each], known)[1])
    rows = _rows(text, best)
    return _sheet(path.name, rows, known, required, hashlib.sha256(content).hexdigest())


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
    known = _headings((*required, *optional), headings)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        sheets = {
            each.title: within(each, COLUMNS_MAX)
            for each in book.worksheets
            if each.title not in ASIDE
        }
    except TooManyCells:
        raise _refused(
            path, "sheet.too-large", "The worksheet has more cells than are read"
        ) from None
    except BROKEN as error:
        raise _refused(path, "sheet.no-workbook", "No workbook", why=type(error).__name__) from None
    tables = [
        _worksheet(f"{path.name}:{title}", cells, known, required, digest)
        for title, cells in sheets.items()
        if any(each.value is not None for row in cells for each in row)
    ]
    if not tables:
        raise _refused(path, "sheet.no-header", "No worksheet of this workbook is a table")
    return tuple(tables)


def within(worksheet: Any, columns: int) -> list[Sequence[Any]]:
    """Return the rows of a read-only worksheet up to so many columns, each to its last cell.

    A few bytes of a file can name a cell millions of rows and columns away, and what a file says
    of its own size need not be so: cells are counted as they are read, rows without any too.
    """
    worksheet.reset_dimensions()
    rows: list[Sequence[Any]] = []
    left = CELLS_MAX
    for row in worksheet.iter_rows(max_col=columns):
        used = next((at for at in range(len(row), 0, -1) if row[at - 1] is not EMPTY_CELL), 0)
        rows.append(row[:used])
        left -= used + 1
        if left < 0:
            raise TooManyCells
    return rows


def _headings(
    columns: Sequence[str],
    others: Mapping[str, str] | None,
    units: Mapping[str, str] | None = None,
) -> Headings:
    names = {tidy(name): name for name in columns} | dict(others or {})
    return Headings(names, units or {})


def _worksheet(
    file: str,
    cells: Sequence[Sequence[Any]],
    known: Headings,
    required: Sequence[str],
    digest: str,
) -> Sheet:
    rows = [(number, [_typed(each.value) for each in row]) for number, row in enumerate(cells, 1)]
    try:
        table = _sheet(file, rows, known, required, digest)
    except InputRefused as refused:
        return Sheet(file, (), (), refused.findings, digest)
    return replace(table, findings=(*table.findings, *_formulas(file, table.columns, cells)))


def _sheet(
    file: str,
    rows: Sequence[tuple[int, list[str]]],
    known: Headings,
    required: Sequence[str],
    digest: str,
) -> Sheet:
    """Take the rows under the header; a header repeated between them is no row."""
    first, familiar = _header(rows, known)
    if not familiar:
        title = "No column of this table is known"
        raise InputRefused((Finding("sheet.no-header", title, file, 1),))
    line, headings = rows[first]
    header, said = known.columns(headings)
    said = known.of_title([cell for _, cells in rows[:first] for cell in cells], header) | said
    columns = (*header, *(each for each in said if each not in header))
    findings = tuple(_header_findings(file, line, columns, required))
    records = []
    for row, cells in rows[first + 1 :]:
        if any(cell.strip() for cell in cells) and known.columns(cells)[0] != header:
            findings += tuple(_row_findings(file, row, header, cells))
            typed = _by_column(header, cells)
            records.append(Record(row, typed | {k: typed.get(k) or said[k] for k in said}))
    return Sheet(file, columns, tuple(records), findings, digest)


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
        if path.stat().st_size > LARGEST:
            raise _refused(path, "sheet.too-large", "The file is larger than 64 MB")
        return path.read_bytes()
    except (OSError, ValueError) as error:  # a name with a NUL in it is a value that is none
        reason = getattr(error, "strerror", None) or str(error)
        raise _refused(path, "sheet.unreadable", "The file cannot be read", why=reason) from None


def _text(path: Path, content: bytes) -> str:
    marked = BYTE_ORDER_MARKS.get(content[:2])
    for encoding in (marked,) if marked else ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != ENCODINGS[-1] and OTHER_SCRIPT.search(text) and not HAN.search(text):
            continue
        if text.strip() and "\0" not in text:
            return ZERO_WIDTH.sub("", text)
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


def _header(rows: Sequence[tuple[int, list[str]]], known: Headings) -> tuple[int, int]:
    """Return which of the first rows knows most headings, and how many."""
    familiar = [known.known(cells) for _, cells in rows[:HEADER_WITHIN]] or [0]
    return familiar.index(max(familiar)), max(familiar)


def _header_findings(
    file: str, line: int, header: Sequence[str], required: Sequence[str]
) -> Iterator[Finding]:
    for name, times in Counter(header).items():
        if name and times > 1:
            yield Finding(
                "header.duplicate", "This column appears more than once", file, line, name
            )
    for name in required:
        if name not in header:
            yield Finding("header.missing", "This column is missing", file, line, name)


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
