"""`gep post`, `approve`, `reject`, `proposals`: transactions from files, and a second person."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console
from sqlalchemy.exc import DatabaseError

from api import auth, sheets
from api.commands.acting import acting, named_book, whoever
from api.commands.answers import Report, Spoken, Written, findings_of, progress, uninterrupted
from api.commands.sending import Answer, Posting, send
from api.commands.speech import (
    BAD_INPUT,
    BOOK,
    DATABASE,
    BookCode,
    Database,
    Json,
    print_json,
    refusals,
)
from api.commands.template import EXAMPLES
from ledger import journal
from ledger.core import fields
from ledger.core.errors import DomainError, Finding, InputRefused
from ledger.core.refusals import Malformed
from ledger.core.state import REFUSED, Outcome
from ledger.store import open_store

STOPPED = 130
BUFFER = 1 << 20
INTERRUPTED = "Interrupted; run it again: what is posted is not posted twice"


def post(
    file: Annotated[str, typer.Argument(help=".jsonl .csv .xlsx, or - for JSON lines here.")] = "-",
    database: Database = DATABASE,
    book: BookCode = BOOK,
    atomic: Annotated[
        bool, typer.Option("--atomic/--continue", help="All or nothing; else each alone.")
    ] = False,
    attempt: Annotated[int, typer.Option(min=1, help="2 to send mended lines again.")] = 1,
    template: Annotated[bool, typer.Option(help="Write an example file and stop.")] = False,
    as_json: Json = False,
) -> None:
    """Post transactions from a file; each refusal names its row and code, and exit is 2."""
    if template:
        _write_template(file, as_json)
        return
    with refusals(as_json), open_store(database) as store:
        actor = whoever(store, named_book(store, book))
        counts = _sent(Posting(store, actor, attempt, atomic), file, as_json)
    if counts[REFUSED]:
        raise typer.Exit(BAD_INPUT)


def approve(
    id: Annotated[str, typer.Argument(help="The id of what was prepared.")],
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """Post what another person prepared."""
    _decided(id, None, database, book, as_json)


def reject(
    id: Annotated[str, typer.Argument(help="The id of what was prepared.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """Turn down what another person prepared."""
    _decided(id, reason, database, book, as_json)


def reverse(
    id: Annotated[str, typer.Argument(help="The id of a transaction.")],
    on: Annotated[str, typer.Option(help="The day of the reversal, YYYY-MM-DD.")],
    narrative: Annotated[str, typer.Option(help="Why.")],
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """Take a transaction back by its mirror; of a dual kind this prepares it only."""
    with refusals(as_json), open_store(database) as store:
        found, wanted, day = (
            named_book(store, book),
            fields.uuid_of(id, "id"),
            fields.date_of(on, "on"),
        )
        _, record = journal.find(store, book, wanted)
        actor = acting(store, found, auth.POST, record.entities)
        outcome = journal.reverse(store, book, wanted, actor=actor, on=day, narrative=narrative)
        _say(outcome, as_json)


def proposals(database: Database = DATABASE, book: BookCode = BOOK, as_json: Json = False) -> None:
    """List what waits for a second person."""
    with refusals(as_json), open_store(database) as store:
        found = named_book(store, book)
        acting(store, found, auth.READ)
        waiting = journal.proposals(store, book)
    if as_json:
        print_json([{"id": str(each.id), "body": json.loads(each.body)} for each in waiting])
        return
    for each in waiting:
        typer.echo(f"{each.id}  {each.body}")


def _decided(id: str, reason: str | None, database: str, book: str, as_json: bool) -> None:
    with refusals(as_json), open_store(database) as store:
        found, wanted = named_book(store, book), fields.uuid_of(id, "id")
        entities = journal.proposed(store, book, wanted).entities
        actor = acting(store, found, auth.APPROVE, entities)
        outcome = (
            journal.approve(store, book, wanted, actor=actor)
            if reason is None
            else journal.reject(store, book, wanted, reason, actor=actor)
        )
        _say(outcome, as_json)


def _say(outcome: Outcome, as_json: bool) -> None:
    """Print what became of one transaction, or raise why it was refused."""
    if outcome.error is not None:
        raise outcome.error
    said = {"id": str(outcome.id), "status": outcome.status, "seq": outcome.seq}
    if as_json:
        print_json(said)
    else:
        typer.echo(f"{outcome.status} {outcome.id} as record {outcome.seq}")


def _sent(posting: Posting, file: str, as_json: bool) -> Counter[str]:
    """Send a file; whatever stops it half way, what was answered is told, and told as such."""
    console = Console(stderr=True, emoji=False)
    report: Report = Written(file) if as_json else Spoken(file, console)
    faults: tuple[Finding, ...] = ()
    code = BAD_INPUT
    try:
        with _opened(file) as stream, progress(file, stream, console) as shown:
            suffix = ".jsonl" if file == "-" else Path(file).suffix.lower()
            send(posting, sheets.read(stream, suffix), _telling(report, shown))
    except KeyboardInterrupt:
        faults, code = (Finding("post.interrupted", INTERRUPTED, file),), STOPPED
    except (DomainError, DatabaseError) as error:
        faults = findings_of(error, file)
        if not report.counts:
            raise InputRefused(faults) from error
    report.close(faults)
    if faults:
        raise typer.Exit(code)
    return report.counts


def _telling(report: Report, shown: Callable[[int], None]) -> Callable[[Sequence[Answer]], None]:
    def tell(answers: Sequence[Answer]) -> None:
        with uninterrupted():
            report.take(answers)
            shown(len(answers))

    return tell


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
    else:
        with Path(file).open("rb", buffering=BUFFER) as stream:
            yield stream


def _write_template(file: str, as_json: bool) -> None:
    with refusals(as_json):
        suffix = ".jsonl" if file == "-" else Path(file).suffix.lower()
        if suffix not in EXAMPLES:
            raise Malformed("file", f"{suffix!r} is none of {', '.join(EXAMPLES)}")
        content = EXAMPLES[suffix]()
        if file == "-":
            sys.stdout.buffer.write(content)
        else:
            with Path(file).open("xb") as out:
                out.write(content)
            typer.echo(f"wrote {file}")
