"""A long book exported by a process of its own, for whoever recomputes it in the meantime.

The other process is told the database and the book on its standard input, and answers with frames:
a length, a letter for what it is, and JSON: some lines of the export, what could not be read, or
the end.
"""

import fcntl
import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from struct import Struct
from typing import IO, Any

import msgspec
from sqlalchemy.exc import DatabaseError

from ledger.core.errors import DomainError
from ledger.export import export
from ledger.proof.layout import Json
from ledger.proof.verify import VerifyFinding
from ledger.store import Store, open_store
from ledger.store.load import find_book

FRAME = Struct(">Ic")
LINES, UNREADABLE, FAILED, END = b"L", b"U", b"F", b"E"
LINES_MAX = 64
AHEAD_BYTES = 1 << 20
GARBAGE = 1_000_000
"""Lines are freed by their last reference: the collector of cycles has next to nothing to do."""
COMMAND = (sys.executable, "-P", "-m", "ledger.export_apart")


class Unreadable(Exception):
    """The book, or the database, could not be read to its end."""

    def __init__(self, finding: VerifyFinding) -> None:
        super().__init__(str(finding))
        self.finding = finding


@dataclass(eq=False)
class NotExported(DomainError):
    """The other process could not export the book, or ended before it was done."""

    code = "verify.not-exported"
    title = "The process that exports the book did not get to its end"
    problem: str


@contextmanager
def exported(store: Store, code: str) -> Iterator[Iterator[Json]]:
    """Start the process; give the lines of the export as they come, or raise ``Unreadable``."""
    told = {"database": store.engine.url.render_as_string(hide_password=False), "book": code}
    with subprocess.Popen(  # noqa: S603 - our own module
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as exporter:
        assert exporter.stdin is not None
        assert exporter.stdout is not None
        _lengthen(exporter.stdout)
        try:
            with suppress(BrokenPipeError):  # it has ended: so will its answers
                exporter.stdin.write(json.dumps(told).encode() + b"\n")
                exporter.stdin.close()
            yield _lines(exporter.stdout)
        finally:
            exporter.kill()


def _lengthen(pipe: IO[bytes]) -> None:
    """Let the other process get ahead, where the system allows it."""
    if sys.platform == "linux":
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, AHEAD_BYTES)


def unreadable(error: Exception) -> VerifyFinding:
    """Say where a book could not be read; whatever else is wrong is raised again."""
    if isinstance(error, DatabaseError) and not error.connection_invalidated:
        return VerifyFinding("verify.unreadable-database", str(error.orig))
    if isinstance(error, ValueError | TypeError):
        return VerifyFinding("verify.unreadable-database", str(error))
    if isinstance(error, DomainError) and (seq := error.facts().get("seq")) is not None:
        return VerifyFinding(error.code, str(error), int(str(seq)))
    raise error


def _lines(answers: IO[bytes]) -> Iterator[Json]:
    while True:
        what, told = _frame(answers)
        if what == END:
            return
        if what == UNREADABLE:
            raise Unreadable(VerifyFinding(**told))
        if what == FAILED:
            raise NotExported(told)
        yield from told


def _frame(answers: IO[bytes]) -> tuple[bytes, Any]:
    head = answers.read(FRAME.size)
    size, what = FRAME.unpack(head) if len(head) == FRAME.size else (1, END)
    content = answers.read(size)
    if len(content) != size:
        raise NotExported("it ended early")
    return what, msgspec.json.decode(content)


def main() -> None:
    """Export the book that is named on the standard input."""
    told = json.loads(sys.stdin.readline())
    gc.set_threshold(GARBAGE)
    try:
        with open_store(told["database"]) as store, store.reading() as connection:
            lines = export(connection, find_book(connection, told["book"]))
            while some := list(islice(lines, LINES_MAX)):
                _send(LINES, some)
        _send(END, None)
    except Exception as error:  # noqa: BLE001 - whoever waits is told
        try:
            _send(UNREADABLE, unreadable(error))
        except Exception as other:  # noqa: BLE001
            _send(FAILED, str(other))


def _send(what: bytes, told: Any) -> None:
    content = msgspec.json.encode(told)
    sys.stdout.buffer.write(FRAME.pack(len(content), what) + content)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
