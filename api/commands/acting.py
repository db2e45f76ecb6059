"""Who acts on the command line: the key in GEP_KEY, or the system's user where a book allows it."""

import getpass
import os
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from api import session
from api.auth import Principal
from ledger.core.book import Book
from ledger.core.refusals import NotPermitted
from ledger.store import Store
from ledger.store.load import find_book

KEY = "GEP_KEY"


class Actor(NamedTuple):
    """Who acts; the system's user has no principal, and may do what the book's policy allows."""

    id: UUID
    book: Book
    principal: Principal | None = None

    def require(self, action: str, entities: Iterable[str] = ()) -> None:
        """Refuse what no grant of the key covers."""
        if self.principal is not None:
            self.principal.require(action, self.book, entities)


def whoever(store: Store, book: Book) -> Actor:
    """Return the holder of the key, or ``cli:<user>`` where the book's policy allows it."""
    key = os.environ.get(KEY)
    if key:
        principal = session.principal(store, key)
        return Actor(principal.user_id, book, principal)
    if not book.command_line_allowed:
        raise NotPermitted("act", f"{book.code}: a key is needed ({KEY})")
    return Actor(session.system_user(store, system_name()), book)


def acting(store: Store, book: Book, action: str, entities: Iterable[str] = ()) -> UUID:
    """Return the id of whoever acts, refused unless that may do it."""
    actor = whoever(store, book)
    actor.require(action, entities)
    return actor.id


def named_book(store: Store, code: str) -> Book:
    """Return the book of this code, or refuse."""
    with store.reading() as connection:
        return find_book(connection, code)


def system_name() -> str:
    """Return the system's name for whoever runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
