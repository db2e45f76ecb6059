"""What is sent to be posted, from its bytes to the bytes of the answer: one transaction or a list.

What needs no second look is read by the fast reader; all else by the careful one, which knows the
exact refusal. A list is cut into its elements first, so that each is read, and refused, by itself.
"""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from api import auth, problems
from api.caller import BODY_MAX, Visitor
from api.posting_queue import decided
from api.wire import read_json
from ledger.core import body as bodies
from ledger.core.body import Body
from ledger.core.command import Command, Post
from ledger.core.errors import DomainError
from ledger.core.refusals import ChainBroken, Malformed
from ledger.core.state import REFUSED, Outcome

LIST_MAX = 8_000
LISTED = msgspec.json.Decoder(list[msgspec.Raw])
PROBLEM = msgspec.json.Encoder()
BOOK = b'"book"'
SPACE = b" \t\r\n"


class Unread(NamedTuple):
    """An element of a list that is refused before it is decided, and the chain it is part of."""

    refusal: DomainError
    id: UUID | None
    chain: UUID | None


def is_list(sent: bytes) -> bool:
    """Whether the bytes begin as a list does."""
    return sent[:1] == b"[" or sent.lstrip(SPACE)[:1] == b"["


def one(visitor: Visitor, sent: bytes) -> Body:
    """Read one transaction that the visitor may post, or refuse it."""
    body = _parsed(visitor.book.code, sent)
    if body is None:
        given = read_json(sent, BODY_MAX)
        if not isinstance(given, dict):
            raise Malformed("body", "is neither an object nor a list of objects")
        body = bodies.read({"book": visitor.book.code, **given})
    visitor.principal.require(auth.POST, visitor.book, body.entities)
    return body


def answer(outcome: Outcome) -> bytes:
    """Write what became of a transaction that was not refused."""
    id, seq = _quoted(outcome.id), _number(outcome.seq)
    return f'{{"status":"{outcome.status}","id":{id},"seq":{seq},"problem":null}}'.encode()


def listed(visitor: Visitor, sent: bytes, *, atomic: bool, locale: str) -> bytes:
    """Post a list, each element alone or (``atomic``) all or none; write what became of each."""
    read = _read(visitor, sent, atomic=atomic)
    whole = list(_fallen(read))
    outcomes = _decided(visitor, whole, atomic=atomic)
    return b'{"results":[' + b",".join([_written(each, locale) for each in outcomes]) + b"]}"


def _parsed(book: str, sent: bytes) -> Body | None:
    """Read what names the book, or leaves it out, where nothing needs a second look."""
    if BOOK in sent:
        return bodies.parsed(sent)
    inside = sent.lstrip(SPACE)
    if inside[:1] != b"{":
        return None
    return bodies.parsed(b'{"book":' + PROBLEM.encode(book) + b"," + inside[1:])


def _read(visitor: Visitor, sent: bytes, *, atomic: bool) -> list[Body | Unread]:
    elements = _elements(sent)
    if not 0 < len(elements) <= LIST_MAX:
        raise Malformed("body", f"a list holds 1 to {LIST_MAX} transactions")
    read: list[Body | Unread] = []
    for place, each in enumerate(elements):
        try:
            read.append(one(visitor, each))
        except DomainError as refusal:
            if atomic:
                raise _placed(refusal, place) from refusal
            read.append(_unread(each, refusal))
    return read


def _placed(refusal: DomainError, place: int) -> DomainError:
    """Say in which element of a list something is wrong, counted from 0."""
    if isinstance(refusal, Malformed):
        return Malformed(f"[{place}].{refusal.at}", refusal.problem)
    return refusal


def _elements(sent: bytes) -> Sequence[bytes]:
    try:
        return [bytes(each) for each in LISTED.decode(sent)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return [json.dumps(each).encode() for each in read_json(sent, BODY_MAX)]


def _unread(sent: bytes, refusal: DomainError) -> Unread:
    """Find out, as far as can be, which id and which chain the refused element names."""
    try:
        given = json.loads(sent)
    except (ValueError, RecursionError):
        given = None
    named = given if isinstance(given, dict) else {}
    return Unread(refusal, _id(named.get("id")), _id(named.get("chain")))


def _fallen(read: Sequence[Body | Unread]) -> Iterable[Body | Unread]:
    """Let a chain fall whose links were not all read."""
    for chain, links in groupby(read, key=lambda each: each.chain):
        members = list(links)
        refused = [each.refusal for each in members if isinstance(each, Unread)]
        for each in members:
            if chain is not None and refused and isinstance(each, Body):
                yield Unread(ChainBroken(refused[0].code), each.id, chain)
            else:
                yield each


def _decided(visitor: Visitor, read: list[Body | Unread], *, atomic: bool) -> list[Outcome]:
    """Decide the runs between refused elements in one commit; no run's chain reaches the next."""
    runs: list[list[Body]] = [[]]
    for each in read:
        if isinstance(each, Body):
            runs[-1].append(each)
        elif runs[-1]:
            runs.append([])
    actor = visitor.principal.user_id
    commands = [
        Command(tuple([Post(body) for body in run]), actor, (), atomic) for run in runs if run
    ]
    outcomes: list[Outcome] = []
    for result in decided(visitor.store, visitor.book.code, commands) if commands else ():
        if isinstance(result, Exception):
            raise result
        outcomes.extend(result)
    posted = iter(outcomes)
    return [
        next(posted) if isinstance(each, Body) else Outcome(REFUSED, each.id, None, each.refusal)
        for each in read
    ]


def _written(outcome: Outcome, locale: str) -> bytes:
    if outcome.error is None:
        return answer(outcome)
    said: dict[str, Any] = {
        "status": outcome.status,
        "id": None if outcome.id is None else str(outcome.id),
        "seq": outcome.seq,
        "problem": problems.problem(outcome.error, locale),
    }
    return PROBLEM.encode(said)


def _id(given: object) -> UUID | None:
    try:
        return UUID(given) if isinstance(given, str) else None
    except ValueError:
        return None


def _quoted(id: UUID | None) -> str:
    return "null" if id is None else f'"{id}"'


def _number(seq: int | None) -> str:
    return "null" if seq is None else str(seq)
