"""`gep verify`: everything recomputed by the second implementation, from a book or an export."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from sqlalchemy.exc import DatabaseError, OperationalError

from api import auth
from api.commands.acting import acting, named_book
from api.commands.speech import (
    BOOK,
    DATABASE,
    FOUND,
    BookCode,
    Database,
    Json,
    print_json,
    refusals,
)
from ledger.audit import verify_book
from ledger.core.errors import Finding, InputRefused
from ledger.proof.verify import Report, VerifyFinding
from ledger.proof.verify import verify as verify_lines
from ledger.store import open_store


def verify(
    file: Annotated[Path | None, typer.Argument(help="An export (gep export journal).")] = None,
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """Recompute every record, balance and root; exit 1 names what does not hold."""
    with refusals(as_json), _progress(as_json) as tell:
        if file is not None:
            report = verify_lines(_lines(file, tell))
        else:
            report = _verified(database, book, tell)
    say(report, as_json)
    if report.findings:
        raise typer.Exit(FOUND)


def _verified(database: str, book: str, tell: Callable[[], None]) -> Report:
    """Verify a book; a file that is no longer a database is a finding too."""
    try:
        with open_store(database) as store:
            acting(store, named_book(store, book), auth.READ)
            return verify_book(store, book, progress=tell)
    except DatabaseError as error:
        if isinstance(error, OperationalError):
            raise
        return Report([VerifyFinding("verify.unreadable-database", str(error.orig))], book=book)


def say(report: Report, as_json: bool) -> None:
    """Print the verdict: verified, or each finding with its record."""
    if as_json:
        print_json({"verified": not report.findings, **asdict(report)})
        return
    console = Console(soft_wrap=True)
    for finding in report.findings:
        console.print(escape(str(finding)), style="red", highlight=False)
    if not report.findings:
        console.print(
            f"verified: {report.records} records of book {report.book}, root {report.root}",
            style="green", highlight=False,
        )  # fmt: skip


def _lines(file: Path, tell: Callable[[], None]) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines:
        for row, line in enumerate(lines, start=1):
            try:
                read_in = json.loads(line)
            except (ValueError, RecursionError) as error:
                wrong = Finding("verify.not-json", str(error), file.name, row)
                raise InputRefused((wrong,)) from error
            tell()
            yield read_in if isinstance(read_in, dict) else {}


@contextmanager
def _progress(as_json: bool) -> Iterator[Callable[[], None]]:
    console = Console(stderr=True)
    if as_json or not console.is_terminal:
        yield lambda: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("verifying", total=None)
        yield lambda: bar.advance(task)
