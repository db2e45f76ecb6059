"""Files of transactions as people keep them, read row by row: JSON lines, CSV, XLSX."""

import codecs
import csv
import datetime as dt
import io
import re
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import groupby, islice
from typing import IO, Any, BinaryIO, NamedTuple
from uuid import UUID

import msgspec
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from api.wire import read_object
from ledger.core.errors import Finding as Fault
from ledger.core.errors import InputRefused
from ledger.core.fields import POSTINGS_MAX
from ledger.core.refusals import Malformed

LINE_MAX = 4 << 20
COLUMNS = (
    "id", "effective_on", "kind", "narrative", "reference", "account", "commodity", "amount",
    "side", "chain",
)  # fmt: skip
NEEDED = ("id", "account", "commodity", "amount")
OF_A_LINE = ("account", "commodity", "amount", "side")
ENCODINGS = ("utf-8-sig", "gb18030")
CHUNK = 1 << 20
SPACE = b" \t\r\n"
LEADING_ID = re.compile(rb'[ \t\r\n]*\{\s*(?:"book"\s*:\s*"[^"\\]*"\s*,\s*)?"id"\s*:\s*"([^"\\]*)"')
FILLED = msgspec.json.Encoder()


class Sent(NamedTuple):
    """A transaction as it stands in a file, and the row where it begins; or why it is none.

    A line of JSON is kept as it stands: most of them are read once, by the fast reader.
    """

    row: int
    said: bytes | Mapping[str, Any] | Malformed
    id: str = ""

    def body(self) -> Mapping[str, Any]:
        """Read it strictly, or refuse it."""
        if isinstance(self.said, Malformed):
            raise self.said
        return read_object(self.said, LINE_MAX) if isinstance(self.said, bytes) else self.said


def leading_id(line: bytes) -> str | None:
    """Return the id of a line of JSON that begins with it, or with the book and then with it."""
    found = LEADING_ID.match(line)
    try:
        return found[1].decode() if found else None
    except UnicodeDecodeError:
        return None


def filled_line(line: bytes, book: str, id: UUID) -> bytes:
    """Put the derived id, and a book where none is named, into a line that begins with its id."""
    found = LEADING_ID.match(line)
    assert found is not None
    begin, end = found.span(1)
    named = b"{" if b'"book"' in line else b'{"book":' + FILLED.encode(book) + b","
    before = line[:begin].lstrip(SPACE).removeprefix(b"{")
    return b"".join((named, before, str(id).encode(), line[end:]))


def filled_body(body: Mapping[str, Any], book: str, id: UUID) -> bytes:
    """Write a body as JSON with the derived id, and the book where none is named."""
    try:
        return FILLED.encode({"book": book, **body, "id": id})
    except (ValueError, OverflowError, TypeError, RecursionError):
        return b""


def read(file: BinaryIO, suffix: str) -> Iterator[Sent]:
    """Yield the transactions of a file by its suffix; refuse a file of another form."""
    if suffix not in READERS:
        raise InputRefused((Fault("post.unknown-format", f"No such format: {suffix!r}"),))
    yield from READERS[suffix](file)


def read_jsonl(file: BinaryIO) -> Iterator[Sent]:
    """Yield one line of JSON after the other; blank lines are passed over."""
    for row, line in enumerate(_lines(file), start=1):
        if line.strip() or len(line) > LINE_MAX:
            yield Sent(row, line)


def read_csv(file: BinaryIO) -> Iterator[Sent]:
    """Read rows with the contract's heading; consecutive rows with one id are one transaction."""
    with tempfile.TemporaryFile() as kept:
        if file.seekable():
            there: IO[bytes] = file
        else:
            shutil.copyfileobj(file, kept)
            there = kept
        text = io.TextIOWrapper(there, _encoding(there), newline="")
        try:
            yield from _gathered(enumerate(csv.reader(_short(text), strict=True), start=1))
        except csv.Error as error:
            raise InputRefused((Fault("post.broken-csv", str(error)),)) from error
        finally:
            text.detach()


def read_xlsx(file: BinaryIO) -> Iterator[Sent]:
    """Read the first sheet as ``read_csv`` reads rows; formulas are refused."""
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InputRefused((Fault("post.broken-xlsx", "This is no workbook"),)) from error
    sheet = book.worksheets[0]
    rows = ([_cell(each.value) for each in row] for row in sheet.iter_rows())
    yield from _gathered(enumerate(rows, start=1))
    book.close()


def read_table(file: BinaryIO) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a CSV under its own heading, which names no column twice."""
    text = io.TextIOWrapper(file, _encoding(file), newline="")
    try:
        rows = enumerate(csv.reader(_short(text), strict=True), start=1)
        _, names = next(rows, (1, []))
        heading = [name.strip() for name in names]
        for name in sorted({name for name in heading if heading.count(name) > 1}):
            fault = Fault("post.column-twice", "A column stands twice", row=1, field=name)
            raise InputRefused((fault,))
        for row, cells in rows:
            if len(cells) > len(heading):
                fault = Fault("post.row-too-long", "More cells than the heading", row=row)
                raise InputRefused((fault,))
            yield row, {n: cell.strip() for n, cell in zip(heading, cells, strict=False) if cell}
    except csv.Error as error:
        raise InputRefused((Fault("post.broken-csv", str(error)),)) from error
    finally:
        text.detach()


READERS: Mapping[str, Callable[[BinaryIO], Iterator[Sent]]] = {
    ".jsonl": read_jsonl,
    ".csv": read_csv,
    ".xlsx": read_xlsx,
}


def _lines(file: BinaryIO) -> Iterator[bytes]:
    first = True
    while line := file.readline(LINE_MAX + 1):
        if len(line) > LINE_MAX:
            while line and not line.endswith(b"\n"):
                line = file.readline(LINE_MAX)
            line = b" " * (LINE_MAX + 1)
        yield line.removeprefix(b"\xef\xbb\xbf") if first else line
        first = False


def _encoding(file: IO[bytes]) -> str:
    """Find out in which encoding the whole of a file can be read."""
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        file.seek(0)
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        file.seek(0)
        return encoding
    raise InputRefused((Fault("post.encoding", "The file is neither UTF-8 nor GB 18030"),))


def _short(text: io.TextIOWrapper) -> Iterator[str]:
    """Yield lines, none of which fills the memory."""
    while line := text.readline(LINE_MAX + 1):
        if len(line) > LINE_MAX:
            raise csv.Error(f"a line is longer than {LINE_MAX} characters")
        yield line


class Ids:
    """The ids that stand in a file, on disk where they are many."""

    def __init__(self) -> None:
        self.kept = sqlite3.connect("")
        self.kept.execute("PRAGMA journal_mode = OFF").close()
        self.kept.execute("CREATE TABLE ids (id TEXT PRIMARY KEY) WITHOUT ROWID").close()
        self.kept.execute("BEGIN").close()

    def add(self, id: str) -> bool:
        """Keep an id; say whether it is new."""
        return self.kept.execute("INSERT OR IGNORE INTO ids VALUES (?)", (id,)).rowcount == 1

    def close(self) -> None:
        """Forget all."""
        self.kept.close()


def _gathered(rows: Iterable[tuple[int, list[str]]]) -> Iterator[Sent]:
    """Gather rows under their heading into transactions."""
    numbered = iter(rows)
    _, names = next(numbered, (1, []))
    heading = [name.strip().lower() for name in names]
    _check_heading(heading)
    kept = (
        (row, dict(zip(heading, cells, strict=False)), len(cells) > len(heading))
        for row, cells in numbered
        if any(cell.strip() for cell in cells)
    )
    with closing(Ids()) as seen:
        for id, group in groupby(kept, key=lambda each: each[1].get("id", "").strip()):
            lines = list(islice(group, POSTINGS_MAX + 1))
            yield _transaction(id, lines, again=not seen.add(id))


def _check_heading(heading: list[str]) -> None:
    missing = [name for name in NEEDED if name not in heading]
    unknown = [name for name in heading if name not in COLUMNS]
    twice = sorted({name for name in heading if heading.count(name) > 1})
    faults = [
        *(Fault("post.missing-column", "A column is missing", row=1, field=n) for n in missing),
        *(Fault("post.unknown-column", "No such column", row=1, field=n) for n in unknown),
        *(Fault("post.column-twice", "A column stands twice", row=1, field=n) for n in twice),
    ]
    if faults:
        raise InputRefused(tuple(faults))


def _transaction(id: str, lines: list[tuple[int, dict[str, str], bool]], *, again: bool) -> Sent:
    first = lines[0][0]
    if again:
        return Sent(first, Malformed("id", f"{id!r} stands in rows that do not follow"), id)
    if any(longer for _, _, longer in lines):
        return Sent(first, Malformed("row", "has more cells than the heading"), id)
    body: dict[str, Any] = {"id": id}
    for name in COLUMNS:
        if name in OF_A_LINE or name == "id":
            continue
        said = {cells.get(name, "").strip() for _, cells, _ in lines} - {""}
        if len(said) > 1:
            return Sent(first, Malformed(name, "differs between rows of one transaction"), id)
        if said:
            body[name] = said.pop()
    body["postings"] = [
        {name: cells[name].strip() for name in OF_A_LINE if cells.get(name, "").strip()}
        for _, cells, _ in lines
    ]
    return Sent(first, body, id)


def _cell(value: object) -> str:
    """Write a cell as it was typed: numbers to 15 digits, dates as dates, formulas as they are."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)
