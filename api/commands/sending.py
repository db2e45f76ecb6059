"""Lines on their way into the books: read, cut into batches, two of them in flight.

A batch is decided while the one before it commits. Batches reach the writer in the order of the
file, and none of them cuts a chain.
"""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain, groupby, islice
from threading import Event
from typing import Any, NamedTuple, TypeGuard
from uuid import UUID, uuid5

import msgspec

from api import auth, sheets
from api.commands.acting import Actor
from ledger import journal
from ledger.core import body as bodies
from ledger.core import fields
from ledger.core.body import Body
from ledger.core.book import Book
from ledger.core.command import Command, Item, Post
from ledger.core.errors import DomainError
from ledger.core.refusals import ChainBroken, IdConflict, Malformed
from ledger.core.state import REFUSED, REPLAYED, Outcome
from ledger.store import Store
from ledger.writer import submit

BATCH = 4_000
IN_FLIGHT = 2
ATOMIC_MAX = 8_000
UUID_DIGITS = 32
SWITCH_SECONDS = 0.0001
"""Whoever waits for the database or the file is not kept waiting for those who compute."""


class Answer(NamedTuple):
    """What became of a row: its number, its id as it is written there, the outcome."""

    row: int
    written: str
    outcome: Outcome


class Line(NamedTuple):
    """A row that was read: its body, or the answer it has before the writer saw it.

    ``illegible``: nobody can tell whether it belongs to the chain that it follows.
    """

    row: int
    written: str
    body: Body | None
    answer: Outcome | None = None
    chain: UUID | None = None
    illegible: bool = False

    def refused(self, because: DomainError) -> "Line":
        """Refuse it for what is wrong with another line, unless it has its own answer."""
        if self.answer is not None or self.body is None:
            return self
        return self._replace(answer=Outcome(REFUSED, self.body.id, None, because))


class Posting(NamedTuple):
    """One run of ``gep post``: into which book, by whom, for which time, all or nothing or not."""

    store: Store
    actor: Actor
    attempt: int = 1
    atomic: bool = False

    @property
    def book(self) -> Book:
        """The book posted to."""
        return self.actor.book


class Announced(tuple[Item, ...]):  # noqa: SLOT001 - a tuple that carries one thing more
    """Items that tell when the writer begins on them: what is sent from then on comes after."""

    begun: Event

    def __iter__(self) -> Iterator[Item]:
        self.begun.set()
        return super().__iter__()


def send(
    posting: Posting, sent: Iterable[sheets.Sent], tell: Callable[[Sequence[Answer]], None]
) -> None:
    """Post all that a file holds, and tell the answers batch by batch in its order.

    What was sent is answered even when reading on is refused or interrupted. The first batch goes
    alone: it finds out how the book stands.
    """
    lines = (read(posting, each) for each in sent)
    flying: deque[Future[list[Answer]]] = deque()
    most = 1

    def land() -> None:
        answers = flying[0].result()
        flying.popleft()
        tell(answers)

    with _quick_turns(), ThreadPoolExecutor(IN_FLIGHT) as pool:
        try:
            for batch in _whole(lines) if posting.atomic else batches(lines):
                begun = Event()
                flying.append(pool.submit(_post, posting, batch, begun))
                begun.wait()
                if len(flying) == most:
                    land()
                    most = IN_FLIGHT
        finally:
            while flying:
                land()


@contextmanager
def _quick_turns() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def read(posting: Posting, sent: sheets.Sent) -> Line:
    """Read a row into the body that is posted, or into the refusal it gets."""
    written = sheets.leading_id(sent.said) if isinstance(sent.said, bytes) else None
    try:
        if written is not None and isinstance(sent.said, bytes):
            id = _fast_id(posting, written)
            text = sheets.filled_line(sent.said, posting.book.code, id) if id else b""
            if text and (body := bodies.parsed(text)) is not None:
                return _allowed(posting, Line(sent.row, written, body, None, body.chain))
        said = sent.body()
    except Malformed as wrong:
        return Line(sent.row, sent.id, None, Outcome(REFUSED, None, None, wrong), illegible=True)
    return _read_slowly(posting, sent.row, said)


def row_id(book: Book, written: object, attempt: int) -> UUID:
    """Return the transaction id of a row: a UUID is itself the first time, all else is derived."""
    text = written if _is_plain(written) else fields.text_of(written, "id", fields.WORD_MAX)
    if not text.strip():
        raise Malformed("id", "is missing")
    if attempt > 1:
        return uuid5(book.uuid, f"{text}#{attempt}")
    try:
        return UUID(text) if len(text) >= UUID_DIGITS else uuid5(book.uuid, text)
    except ValueError:
        return uuid5(book.uuid, text)


def batches(lines: Iterable[Line], size: int = BATCH) -> Iterator[list[Line]]:
    """Cut lines into batches, between chains only; one that comes again begins a new batch."""
    batch: list[Line] = []
    chains: set[UUID] = set()
    for run in _runs(lines):
        linked = run[0].chain
        if batch and (len(batch) + len(run) > size or linked in chains):
            yield batch
            batch, chains = [], set()
        batch += run
        if linked is not None:
            chains.add(linked)
    if batch:
        yield batch


def _whole(lines: Iterator[Line]) -> Iterator[list[Line]]:
    batch = list(islice(lines, ATOMIC_MAX + 1))
    if len(batch) > ATOMIC_MAX:
        raise Malformed("file", f"--atomic takes at most {ATOMIC_MAX} transactions")
    if batch:
        yield batch


def _runs(lines: Iterable[Line]) -> Iterator[Sequence[Line]]:
    """Yield what stands or falls together: a line, or the lines of a chain."""
    for linked, run in groupby(lines, key=_Links()):
        if linked is None:
            yield from ((line,) for line in run)
            continue
        taken = list(islice(run, ATOMIC_MAX + 1))
        if len(taken) <= ATOMIC_MAX:
            yield taken
            continue
        long = Malformed("chain", f"has more than {ATOMIC_MAX} transactions")
        yield from ((line.refused(long)._replace(chain=None),) for line in chain(taken, run))


class _Links:
    """Tells the chain of each line in turn; an illegible one may be of the chain it follows."""

    def __init__(self) -> None:
        self.last: UUID | None = None

    def __call__(self, line: Line) -> UUID | None:
        if not line.illegible:
            self.last = line.chain
        return self.last


def _post(posting: Posting, batch: Sequence[Line], begun: Event) -> list[Answer]:
    try:
        lines = _linked(_earlier(posting, batch), together=posting.atomic)
        items = Announced(Post(line.body) for line in lines if line.body and not line.answer)
        items.begun = begun
        command = Command(items, posting.actor.id, atomic=posting.atomic)
        outcomes = iter(submit(posting.store, posting.book.code, command) if items else ())
        return [Answer(line.row, line.written, line.answer or next(outcomes)) for line in lines]
    finally:
        begun.set()


def _linked(lines: Sequence[Line], *, together: bool) -> Sequence[Line]:
    """Refuse the lines that fall with one that is refused already."""
    if all(line.answer is None for line in lines):
        return lines
    runs = (lines,) if together else _runs(lines)
    return [line for run in runs for line in _broken(run)]


def _broken(run: Sequence[Line]) -> Iterable[Line]:
    errors = [line.answer.error for line in run if line.answer and line.answer.error]
    if not errors or len(run) == 1:
        return run
    because = ChainBroken(errors[0].code)
    return [line.refused(because) for line in run]


def _earlier(posting: Posting, batch: Sequence[Line]) -> Sequence[Line]:
    """Answer lines that an earlier attempt posted: the same is a replay, another a conflict."""
    if posting.attempt == 1:
        return batch
    tried = {
        row_id(posting.book, line.written, number): (place, line.body)
        for number in range(1, posting.attempt)
        for place, line in enumerate(batch)
        if line.body is not None and line.answer is None
    }
    lines = list(batch)
    for id, digest in journal.digests(posting.store, posting.book.code, list(tried)).items():
        place, body = tried[id]
        same = msgspec.structs.replace(body, id=id).digest == digest
        conflict = Outcome(REFUSED, id, None, IdConflict(str(id)))
        lines[place] = lines[place]._replace(answer=Outcome(REPLAYED, id) if same else conflict)
    return lines


def _read_slowly(posting: Posting, row: int, said: Mapping[str, Any]) -> Line:
    """Read what the fast reader leaves: written anew for it, else field by field."""
    written, linked = said.get("id"), _chain(said)
    try:
        id = row_id(posting.book, written, posting.attempt)
        book = posting.book.code
        body = bodies.parsed(sheets.filled_body(said, book, id))
        body = body or bodies.read({"book": book, **said, "id": str(id)})
    except DomainError as wrong:
        told = "" if written is None else str(written)
        vague = linked is None and said.get("chain") is not None
        return Line(row, told, None, Outcome(REFUSED, None, None, wrong), linked, vague)
    return _allowed(posting, Line(row, str(written), body, None, body.chain))


def _chain(said: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(str(said.get("chain")))
    except ValueError:
        return None


def _allowed(posting: Posting, line: Line) -> Line:
    if posting.actor.principal is None or line.body is None:
        return line
    try:
        posting.actor.require(auth.POST, line.body.entities)
    except DomainError as refusal:
        return line._replace(answer=Outcome(REFUSED, None, None, refusal))
    return line


def _is_plain(written: object) -> TypeGuard[str]:
    """Whether an id is what reading it with care would make of it."""
    return (
        isinstance(written, str)
        and len(written) <= fields.WORD_MAX
        and written.isascii()
        and written.isprintable()
    )


def _fast_id(posting: Posting, written: str) -> UUID | None:
    try:
        return row_id(posting.book, written, posting.attempt)
    except Malformed:
        return None
