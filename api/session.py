"""Users, keys and grants: who may act; the only place besides the writer that commits.

Beside the journal, and so here, are also kept the signed notes and archives, and erased what is
personal.
"""

import hashlib
import secrets
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.auth import ROLES, Grant, Principal, UnknownKey, UnknownRole, UnknownUser
from ledger import archives, persons
from ledger.core.body import canonical_json
from ledger.core.book import Book
from ledger.core.fields import text_of
from ledger.proof.note import Checkpoint
from ledger.store import Store, tables
from ledger.store.load import find_book

USER_NAMESPACE = UUID("b6a6c9f4-31c5-5a3e-8f0e-3a4f5d0c7e11")
KEY_PREFIX = "gep_"
KEY_BYTES = 32
NAME_MAX = 100


def system_user(store: Store, name: str) -> UUID:
    """Return the id of ``cli:<name>``, the system's own user; it needs no key."""
    return known_user(store, f"cli:{name}", uuid5(USER_NAMESPACE, f"cli:{name}"))


def named_user(store: Store, name: str) -> UUID:
    """Return the id of a user, who is made on first mention."""
    return known_user(store, text_of(name, "user", NAME_MAX), uuid4())


def new_key(
    store: Store,
    user: str,
    role: str,
    book: str,
    entity: str | None = None,
    party: UUID | None = None,
) -> str:
    """Grant a role to a user and return a new key, which is shown this once and never stored."""
    if role not in ROLES:
        raise UnknownRole(role, ", ".join(ROLES))
    user_id = named_user(store, user)
    key = KEY_PREFIX + secrets.token_urlsafe(KEY_BYTES)
    with store.writing() as connection:
        book_id = find_book(connection, book).id
        connection.execute(
            insert(tables.api_keys),
            {"sha256": _digest(key), "user_id": user_id, "created_at_us": store.clock()},
        )
        granted = {"role": role, "book_id": book_id, "entity": entity, "party": party}
        connection.execute(insert(tables.grants), {"id": uuid4(), "user_id": user_id, **granted})
        connection.commit()
    return key


def revoke_key(store: Store, key: str) -> None:
    """End a key; what it did stays."""
    keys = tables.api_keys
    ended = update(keys).where(keys.c.sha256 == _digest(key), keys.c.revoked_at_us.is_(None))
    with store.writing() as connection:
        connection.execute(ended.values(revoked_at_us=store.clock()))
        connection.commit()


def books_of(store: Store, user: str) -> tuple[str, ...]:
    """Return the codes of the books in which something was granted to a user, or refuse."""
    users, grants, books = tables.users, tables.grants, tables.books
    chosen = (
        select(books.c.code)
        .join(grants, grants.c.book_id == books.c.id)
        .join(users, users.c.id == grants.c.user_id)
        .where(users.c.name == user)
        .distinct()
        .order_by(books.c.code)
    )
    with store.reading() as connection:
        found = tuple(connection.execute(chosen).scalars())
    if not found:
        raise UnknownUser(user)
    return found


def revoke_keys(store: Store, user: str) -> int:
    """End every key of a user that is in force; return how many."""
    keys, users = tables.api_keys, tables.users
    owner = select(users.c.id).where(users.c.name == user).scalar_subquery()
    ended = update(keys).where(keys.c.user_id == owner, keys.c.revoked_at_us.is_(None))
    with store.writing() as connection:
        count = connection.execute(ended.values(revoked_at_us=store.clock())).rowcount
        connection.commit()
    return count


def principal(store: Store, key: str) -> Principal:
    """Return who a key belongs to and all that was granted, or refuse it."""
    keys, users, grants = tables.api_keys, tables.users, tables.grants
    known = (
        select(users.c.id, users.c.name)
        .join(keys, keys.c.user_id == users.c.id)
        .where(keys.c.sha256 == _digest(key), keys.c.revoked_at_us.is_(None))
    )
    with store.reading() as connection:
        user = connection.execute(known).one_or_none()
        if user is None:
            raise UnknownKey
        rows = connection.execute(select(grants).where(grants.c.user_id == user.id)).mappings()
        granted = tuple(
            Grant(row["role"], row["book_id"], row["entity"], row["party"]) for row in rows
        )
    return Principal(user.id, user.name, granted)


def keep_note(store: Store, book: Book, sealed: Checkpoint, note: str) -> None:
    """Keep a signed note beside its book; it stays for good."""
    kept = {"size": sealed.size, "root": sealed.root, "made_at_us": store.clock(), "note": note}
    with store.writing() as connection:
        connection.execute(insert(tables.checkpoints), {"book_id": book.id, **kept})
        connection.commit()


def keep_archive(store: Store, book: Book, kept: archives.Archive, user: UUID) -> None:
    """Keep files beside the log, for good; what is there already stays as it is."""
    row = {
        "book_id": book.id, "kind": kept.kind, "digest": bytes.fromhex(kept.digest),
        "about": canonical_json(kept.about), "content": kept.content,
        "kept_at_us": store.clock(), "user_id": user,
    }  # fmt: skip
    with store.writing() as connection:
        if archives.is_kept(connection, book, kept.kind, kept.digest):
            return
        try:
            connection.execute(insert(tables.archives), row)
            connection.commit()
        except IntegrityError:  # somebody else kept the same a moment ago
            connection.rollback()


def erase_person(store: Store, book: Book, id: UUID) -> int:
    """Erase what is personal of one id, for good; return how many statements there were."""
    with store.writing() as connection:
        count = persons.erase(connection, book, id)
        connection.commit()
        if connection.dialect.name == "sqlite":
            raw: Any = connection.connection.dbapi_connection
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    return count


def names(connection: Connection) -> dict[UUID, str]:
    """Return the name of every user by id."""
    return {row.id: row.name for row in connection.execute(select(tables.users))}


def known_user(store: Store, name: str, id: UUID) -> UUID:
    """Return the id of the user of this name; whoever is new gets the given one."""
    users = tables.users
    with store.writing() as connection:
        found: UUID | None = connection.execute(
            select(users.c.id).where(users.c.name == name)
        ).scalar_one_or_none()
        if found is None:
            connection.execute(insert(users), {"id": id, "name": name})
            connection.commit()
    return found or id


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
