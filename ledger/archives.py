"""Archives: files kept beside the log, insert only, found by the digest that a record names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select, tuple_

from ledger.core.book import Book
from ledger.core.errors import NotFound
from ledger.store import tables


@dataclass(eq=False)
class UnknownArchive(NotFound):
    """Nothing of this kind and digest was kept beside the book."""

    code = "archive.unknown"
    title = "Nothing of this digest was kept beside the book"
    kind: str
    digest: str


class Archive(NamedTuple):
    """Files as one sequence of bytes: what they are, by which digest (hexadecimal), about what."""

    kind: str
    digest: str
    about: Mapping[str, str]
    content: bytes


class Listed(NamedTuple):
    """An archive as a list shows it."""

    digest: str
    about: Mapping[str, str]
    kept_at_us: int


def find(connection: Connection, book: Book, kind: str, digest: str) -> Archive:
    """Return an archive, or refuse its digest."""
    at = tables.archives.c
    row = connection.execute(_of(select(at.about, at.content), book, kind, digest)).one_or_none()
    if row is None:
        raise UnknownArchive(kind, digest)
    return Archive(kind, digest, json.loads(row.about), row.content)


def about(connection: Connection, book: Book, kind: str, digest: str) -> Mapping[str, str]:
    """Return what an archive is about, without its content; or refuse its digest."""
    at = tables.archives.c
    said = connection.execute(_of(select(at.about), book, kind, digest)).scalar_one_or_none()
    if said is None:
        raise UnknownArchive(kind, digest)
    read: dict[str, str] = json.loads(said)
    return read


def is_kept(connection: Connection, book: Book, kind: str, digest: str) -> bool:
    """Tell whether an archive is there."""
    chosen = _of(select(tables.archives.c.kept_at_us), book, kind, digest)
    return connection.execute(chosen).first() is not None


def listed(
    connection: Connection, book: Book, kind: str, after: tuple[int, str] | None, limit: int
) -> list[Listed]:
    """List archives of a kind in the order they were kept; ``after`` is time and digest of one."""
    at = tables.archives.c
    chosen = select(at.digest, at.about, at.kept_at_us).where(
        at.book_id == book.id, at.kind == kind
    )
    if after is not None:
        last = (after[0], bytes.fromhex(after[1]))
        chosen = chosen.where(tuple_(at.kept_at_us, at.digest) > tuple_(*last))
    rows = connection.execute(chosen.order_by(at.kept_at_us, at.digest).limit(limit))
    return [Listed(row.digest.hex(), json.loads(row.about), row.kept_at_us) for row in rows]


def _of(chosen: Select[Any], book: Book, kind: str, digest: str) -> Select[Any]:
    at = tables.archives.c
    return chosen.where(at.book_id == book.id, at.kind == kind, at.digest == _bytes(digest))


def _bytes(digest: str) -> bytes:
    try:
        return bytes.fromhex(digest)
    except ValueError:
        return b""
