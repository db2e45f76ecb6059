"""Files of transactions as people keep them, read row by row: JSON lines, CSV, XLSX."""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, BinaryIO, NamedTuple

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from api.wire import read_object
from ledger.core.errors import Finding as Fault
from ledger.core.errors import InputRefused
from ledger.core.refusals import Malformed

LINE_MAX = 4 << 20
COLUMNS = (
    "id", "effective_on", "kind", "narrative", "reference", "account", "commodity", "amount",
    "side", "chain",
)  # fmt: skip
NEEDED = ("id", "account", "commodity", "amount")
OF_A_LINE = ("account", "commodity", "amount", "side")
ENCODINGS = ("utf-8-sig", "gb18030")


class Sent(NamedTuple):
    """A transaction as it stands in a file, and the row where it begins; or why it is none."""

    row: int
    body: dict[str, Any]
    wrong: Malformed | None = None


def read(file: BinaryIO, suffix: str) -> Iterator[Sent]:
    """Yield the transactions of a file by its suffix; refuse a file of another form."""
    if suffix not in READERS:
        raise InputRefused((Fault("post.unknown-format", f"No such format: {suffix!r}"),))
    yield from READERS[suffix](file)


def read_jsonl(file: BinaryIO) -> Iterator[Sent]:
    """Read one JSON object a line; blank lines are passed over."""
    for row, line in enumerate(_lines(file), start=1):
        if not line.strip() and len(line) <= LINE_MAX:
            continue
        try:
            yield Sent(row, read_object(line, LINE_MAX))
        except Malformed as wrong:
            yield Sent(row, {}, wrong)


def read_csv(file: BinaryIO) -> Iterator[Sent]:
    """Read rows with the contract's heading; consecutive rows with one id are one transaction."""
    rows = csv.reader(io.StringIO(_text(file.read()), newline=""), strict=True)
    try:
        yield from _gathered(enumerate(rows, start=1))
    except csv.Error as error:
        raise InputRefused((Fault("post.broken-csv", str(error)),)) from error


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


def _text(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputRefused((Fault("post.encoding", "The file is neither UTF-8 nor GB 18030"),))


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
    seen: set[str] = set()
    for id, group in groupby(kept, key=lambda each: each[1].get("id", "").strip()):
        lines = list(group)
        yield _transaction(id, lines, again=id in seen)
        seen.add(id)


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
        return Sent(first, {"id": id}, Malformed("id", f"{id!r} stands in rows that do not follow"))
    if any(longer for _, _, longer in lines):
        return Sent(first, {"id": id}, Malformed("row", "has more cells than the heading"))
    body: dict[str, Any] = {"id": id}
    for name in COLUMNS:
        if name in OF_A_LINE or name == "id":
            continue
        said = {cells.get(name, "").strip() for _, cells, _ in lines} - {""}
        if len(said) > 1:
            return Sent(first, body, Malformed(name, "differs between rows of one transaction"))
        if said:
            body[name] = said.pop()
    body["postings"] = [
        {name: cells[name].strip() for name in OF_A_LINE if cells.get(name, "").strip()}
        for _, cells, _ in lines
    ]
    return Sent(first, body)


def _cell(value: object) -> str:
    """Write a cell as it was typed: numbers to 15 digits, dates as dates, formulas as they are."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)
