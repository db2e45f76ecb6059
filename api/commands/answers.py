"""What `gep post` says of a file as it goes: counts, refusals as they come, progress; or JSON.

Nothing is kept but the counts; the findings of a JSON document wait on disk for their place.
"""

import json
import os
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import DatabaseError

from api.commands.sending import Answer
from api.commands.speech import finding_of
from ledger.core.errors import DomainError, Finding, InputRefused

FINDINGS_IN_MEMORY = 1 << 20
CHUNK = 1 << 16


class Report(Protocol):
    """How answers are told."""

    counts: Counter[str]

    def take(self, answers: Sequence[Answer]) -> None:
        """Tell the answers of a batch."""

    def close(self, faults: Sequence[Finding]) -> None:
        """Tell what is wrong with the file as a whole, and the counts."""


class Spoken:
    """A report for people: counts on standard output, each refusal on standard error."""

    def __init__(self, file: str, console: Console) -> None:
        self.file, self.console = file, console
        self.counts: Counter[str] = Counter()

    def take(self, answers: Sequence[Answer]) -> None:
        """Count, and say what was refused."""
        self.counts.update([each.outcome.status for each in answers])
        self._say(_findings(answers, self.file))

    def close(self, faults: Sequence[Finding]) -> None:
        """Say the counts."""
        said = ", ".join(f"{count} {status}" for status, count in self.counts.items())
        typer.echo(said or "no lines")
        self._say(faults)

    def _say(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            if self.console.is_terminal:
                self.console.print(
                    str(finding), style="red", markup=False, highlight=False, soft_wrap=True
                )
            else:
                sys.stderr.write(f"{finding}\n")


class Written:
    """A report for programs: one JSON document, its rows written as they come."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.counts: Counter[str] = Counter()
        self.findings: IO[str] | None = None
        self.begun = False

    def take(self, answers: Sequence[Answer]) -> None:
        """Write rows, and put findings by."""
        rows = [_json(_row(each)) for each in answers]
        comma = ",\n" if self.counts else '{"rows": [\n'
        sys.stdout.write(comma + ",\n".join(rows))
        self.counts.update([each.outcome.status for each in answers])
        self._put(_findings(answers, self.file))

    def close(self, faults: Sequence[Finding]) -> None:
        """End the rows; write the counts and the findings."""
        self._put(faults)
        sys.stdout.write("" if self.counts else '{"rows": [')
        sys.stdout.write(f'\n], "counts": {_json(self.counts)}, "findings": [')
        if self.findings is not None:
            self.findings.seek(0)
            while chunk := self.findings.read(CHUNK):
                sys.stdout.write(chunk)
            self.findings.close()
        typer.echo("\n]}")

    def _put(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            if self.findings is None:
                self.findings = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed at the end
                    FINDINGS_IN_MEMORY, "w+", encoding="utf-8"
                )
            self.findings.write((",\n" if self.begun else "\n") + _json(asdict(finding)))
            self.begun = True


@contextmanager
def progress(file: str, stream: BinaryIO, console: Console) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how far the file is read, how many rows are done, and how fast."""
    if not console.is_terminal:
        yield lambda _: None
        return
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
        TextColumn("{task.fields[done]:,} rows, {task.fields[rate]:,.0f}/s"), TimeElapsedColumn(),
        console=console, transient=True,
    )  # fmt: skip
    size = os.fstat(stream.fileno()).st_size if file != "-" else 0
    with bar:
        task = bar.add_task(f"posting {file}", total=size or None, done=0, rate=0)
        done = 0

        def tell(rows: int) -> None:
            nonlocal done
            done += rows
            rate = done / (bar.tasks[0].elapsed or 1)
            bar.update(task, completed=stream.tell() if size else 0, done=done, rate=rate)

        yield tell


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let an interrupt wait until what is told is told as a whole."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


def findings_of(error: DomainError | DatabaseError, file: str) -> tuple[Finding, ...]:
    """Write what stopped a file half way as findings."""
    if isinstance(error, InputRefused):
        return tuple(replace(each, file=each.file or Path(file).name) for each in error.findings)
    if isinstance(error, DomainError):
        return (finding_of(error, file),)
    facts = {"problem": str(error.orig).strip()}
    return (Finding("database.unusable", "The database cannot be used", file, facts=facts),)


def _findings(answers: Iterable[Answer], file: str) -> Iterator[Finding]:
    for row, _, outcome in answers:
        if outcome.error is not None:
            yield finding_of(outcome.error, file, row)


def _row(answer: Answer) -> dict[str, Any]:
    outcome = answer.outcome
    return {
        "row": answer.row, "id": answer.written,
        "transaction": outcome.id and str(outcome.id), "status": outcome.status,
        "seq": outcome.seq,
    }  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
