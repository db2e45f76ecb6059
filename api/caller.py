"""Who calls: the key in the request, the book in the path, the bytes of the body."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api import session
from api.auth import Principal, UnknownKey
from ledger.core.book import Book
from ledger.core.refusals import Malformed
from ledger.store import Store
from ledger.store.load import find_book

SCHEME = "bearer"
BODY_MAX = 8 << 20


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
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != SCHEME or not key:
        raise UnknownKey
    return Caller(store, session.principal(store, key.strip()))


def visitor(book: str, found: Annotated[Caller, Depends(caller)]) -> Visitor:
    """Return the caller before the book of the path."""
    with found.store.reading() as connection:
        return Visitor(found.store, found.principal, find_book(connection, book))


async def body(request: Request) -> bytes:
    """Return the body, refused as soon as it grows beyond the limit."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_MAX:
            raise Malformed("body", f"is longer than {BODY_MAX} bytes")
        parts.append(part)
    return b"".join(parts)


AnyCaller = Annotated[Caller, Depends(caller)]
BookVisitor = Annotated[Visitor, Depends(visitor)]
BodyBytes = Annotated[bytes, Depends(body)]
