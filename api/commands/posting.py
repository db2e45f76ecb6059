"""`gep post`, `approve`, `reject`, `proposals`: transactions from files, and a second person."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Annotated, BinaryIO, NamedTuple
from uuid import UUID, uuid5

import typer
from rich.console import Console
from rich.progress import Progress

from api import auth, sheets
from api.commands.acting import Actor, acting, named_book, whoever
from api.commands.speech import (
    BAD_INPUT,
    BOOK,
    DATABASE,
    BookCode,
    Database,
    Json,
    finding_of,
    print_json,
    refusals,
    tell_refusal,
)
from api.commands.template import EXAMPLES
from ledger import journal
from ledger.core import body as bodies
from ledger.core import fields
from ledger.core.body import Body
from ledger.core.book import Book
from ledger.core.errors import DomainError, Finding
from ledger.core.refusals import ChainBroken, IdConflict, Malformed
from ledger.core.state import REFUSED, REPLAYED, Outcome
from ledger.store import Store, open_store

BATCH = 500
ATOMIC_MAX = 8_000
Answer = tuple[int, str, Outcome]


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
        answers = list(_posted(Posting(store, actor, attempt, atomic), file, as_json))
    refused = [
        finding_of(outcome.error, file, row)
        for row, _, outcome in answers
        if outcome.error is not None
    ]
    _tell(answers, refused, as_json)
    if refused:
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


def row_id(book: Book, written: object, attempt: int) -> UUID:
    """Return the transaction id of a row: a UUID is itself the first time, all else is derived."""
    text = fields.text_of(written, "id", fields.WORD_MAX)
    if not text.strip():
        raise Malformed("id", "is missing")
    if attempt > 1:
        return uuid5(book.uuid, f"{text}#{attempt}")
    try:
        return UUID(text)
    except ValueError:
        return uuid5(book.uuid, text)


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
        if outcome.error is not None:
            raise outcome.error
    said = {"id": str(outcome.id), "status": outcome.status, "seq": outcome.seq}
    if as_json:
        print_json(said)
    else:
        typer.echo(f"{outcome.status} {outcome.id} as record {outcome.seq}")


class Posting(NamedTuple):
    """One run of ``gep post``: into which book, by whom, for which time, all or nothing or not."""

    store: Store
    actor: Actor
    attempt: int
    atomic: bool

    @property
    def book(self) -> Book:
        """The book posted to."""
        return self.actor.book


def _posted(posting: Posting, file: str, as_json: bool) -> Iterator[Answer]:
    with _opened(file) as stream, _progress(file, as_json) as tell:
        suffix = ".jsonl" if file == "-" else Path(file).suffix.lower()
        sent = iter(sheets.read(stream, suffix))
        while batch := list(islice(sent, ATOMIC_MAX + 1 if posting.atomic else BATCH)):
            if len(batch) > ATOMIC_MAX:
                raise Malformed("file", f"--atomic takes at most {ATOMIC_MAX} transactions")
            yield from _batch(posting, batch)
            tell(len(batch))


def _batch(posting: Posting, batch: Sequence[sheets.Sent]) -> Iterator[Answer]:
    read = [_body(posting, sent, posting.attempt) for sent in batch]
    answered = _earlier(posting, batch)
    whole = [body for body in read if isinstance(body, Body) and body.id not in answered]
    broken = next((each for each in read if isinstance(each, DomainError)), None)
    if posting.atomic and broken is not None:
        because = ChainBroken(broken.code)
        outcomes = [Outcome(REFUSED, body.id, None, because) for body in whole]
    else:
        outcomes = journal.post_bodies(
            posting.store, posting.book.code, whole, actor=posting.actor.id, atomic=posting.atomic
        )
    posted = iter(outcomes)
    for sent, body in zip(batch, read, strict=True):
        written = str(sent.body.get("id", ""))
        if isinstance(body, DomainError):
            yield sent.row, written, Outcome(REFUSED, None, None, body)
        else:
            yield sent.row, written, answered.get(body.id) or next(posted)


def _body(posting: Posting, sent: sheets.Sent, attempt: int) -> Body | DomainError:
    if sent.wrong is not None:
        return sent.wrong
    try:
        id = row_id(posting.book, sent.body.get("id"), attempt)
        body = bodies.read({"book": posting.book.code, **sent.body, "id": str(id)})
        posting.actor.require(auth.POST, body.entities)
    except DomainError as refusal:
        return refusal
    return body


def _earlier(posting: Posting, batch: Sequence[sheets.Sent]) -> dict[UUID, Outcome]:
    """Answer lines that an earlier attempt posted: the same is a replay, another a conflict."""
    tried: dict[UUID, tuple[UUID, bytes]] = {}
    for sent in batch:
        now = _body(posting, sent, posting.attempt)
        for number in range(1, posting.attempt):
            before = _body(posting, sent, number)
            if isinstance(before, Body) and isinstance(now, Body):
                tried[before.id] = (now.id, before.digest)
    posted = journal.digests(posting.store, posting.book.code, list(tried))
    answers = {}
    for id, digest in posted.items():
        now_id, said = tried[id]
        conflict = Outcome(REFUSED, id, None, IdConflict(str(id)))
        answers[now_id] = Outcome(REPLAYED, id) if digest == said else conflict
    return answers


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
    else:
        with Path(file).open("rb") as stream:
            yield stream


@contextmanager
def _progress(file: str, as_json: bool) -> Iterator[Callable[[int], None]]:
    console = Console(stderr=True)
    if as_json or not console.is_terminal:
        yield lambda _: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(f"posting {file}", total=None)
        yield lambda done: bar.advance(task, done)


def _tell(answers: Sequence[Answer], refused: Sequence[Finding], as_json: bool) -> None:
    counts: dict[str, int] = {}
    for _, _, outcome in answers:
        counts[outcome.status] = counts.get(outcome.status, 0) + 1
    if as_json:
        rows = [
            {"row": row, "id": written, "transaction": outcome.id and str(outcome.id),
             "status": outcome.status, "seq": outcome.seq}
            for row, written, outcome in answers
        ]  # fmt: skip
        print_json({"counts": counts, "rows": rows, "findings": [asdict(e) for e in refused]})
        return
    typer.echo(", ".join(f"{count} {status}" for status, count in counts.items()) or "no lines")
    tell_refusal(refused, as_json=False)


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
