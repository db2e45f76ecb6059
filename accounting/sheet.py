"""Long tables as people keep them: CSV in any usual encoding, with the line of every row."""

import csv
import hashlib
import io
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.core.errors import Finding, InputRefused

ENCODINGS = ("utf-8-sig", "gb18030")
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
DELIMITERS = (",", "\t", ";", "|")


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
    best = max((_rows(text, each) for each in DELIMITERS), key=lambda rows: _known(rows, names))
    if not _known(best, names):
        raise _refused(path, "sheet.no-header", "No column of this table is known", row=1)
    header = tuple(names.get(_tidy(cell), cell.strip()) for cell in best[0][1])
    findings = tuple(_header_findings(path.name, header, required))
    records = []
    for row, cells in best[1:]:
        if any(cell.strip() for cell in cells):
            findings += tuple(_row_findings(path.name, row, header, cells))
            records.append(Record(row, _by_column(header, cells)))
    digest = hashlib.sha256(content).hexdigest()
    return Sheet(path.name, header, tuple(records), findings, digest)


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


def _rows(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the rows with the line each starts at; an unreadable table has none."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            if cells or rows:
                rows.append((start, cells))
            start = reader.line_num + 1
    except csv.Error:
        return []
    return rows


def _known(rows: list[tuple[int, list[str]]], names: Mapping[str, str]) -> int:
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
