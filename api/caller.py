"""Who calls: the key in the request, the book in the path, the bytes of the body."""

import asyncio
import time
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api import session
from api.auth import Principal, UnknownKey
from ledger.core.book import Book
from ledger.core.refusals import Malformed
from ledger.store import Store
from ledger.store.load import find_book

SCHEME = "bearer"
BODY_MAX = 8 << 20
REMEMBERED_S = 0.5
REMEMBERED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a key, and the store."""

    store: Store
    principal: Principal


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a key, before one book."""

    store: Store
    principal: Principal
    book: Book


def caller(request: Request) -> Caller:
    """Return who holds the key of the request, or refuse."""
    store: Store = request.app.state.store
    return Caller(store, session.principal(store, _key(request)))


def visitor(book: str, found: Annotated[Caller, Depends(caller)]) -> Visitor:
    """Return the caller before the book of the path."""
    with found.store.reading() as connection:
        return Visitor(found.store, found.principal, find_book(connection, book))


class Visitors:
    """Visitors who were here a moment ago: a key that is revoked opens nothing a second later.

    However many requests ask at once, one looks a visitor up; only who was let in is remembered.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.known: dict[tuple[str, str], tuple[Visitor, float]] = {}
        self.asked: dict[tuple[str, str], asyncio.Task[Visitor]] = {}

    async def visitor(self, request: Request) -> Visitor:
        """Return who calls, before the book of the path, or refuse."""
        asked = (_key(request), request.path_params["book"])
        remembered = self.known.get(asked)
        if remembered is not None and time.monotonic() < remembered[1]:
            return remembered[0]
        loop = asyncio.get_running_loop()
        looking = self.asked.get(asked)
        if looking is None or looking.get_loop() is not loop:
            looking = self.asked[asked] = loop.create_task(self._look_up(asked))
        return await asyncio.shield(looking)

    async def _look_up(self, asked: tuple[str, str]) -> Visitor:
        ends = time.monotonic() + REMEMBERED_S
        try:
            found = await run_in_threadpool(self._found, *asked)
        finally:
            self.asked.pop(asked, None)
        if len(self.known) >= REMEMBERED_MAX:
            self.known.clear()
        self.known[asked] = (found, ends)
        return found

    def _found(self, key: str, book: str) -> Visitor:
        return visitor(book, Caller(self.store, session.principal(self.store, key)))


async def body(request: Request) -> bytes:
    """Return the body, refused as soon as it grows beyond the limit."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_MAX:
            raise Malformed("body", f"is longer than {BODY_MAX} bytes")
        parts.append(part)
    return b"".join(parts)


def _key(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != SCHEME or not key:
        raise UnknownKey
    return key.strip()


AnyCaller = Annotated[Caller, Depends(caller)]
BookVisitor = Annotated[Visitor, Depends(visitor)]
BodyBytes = Annotated[bytes, Depends(body)]
