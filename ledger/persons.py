"""Natural persons: entrusted to the erasable table, bound by the log, shown masked, erased."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import structs
from sqlalchemy import Connection, Select, and_, delete, select
from sqlalchemy.engine import RowMapping

from ledger.core import fields
from ledger.core.book import Book
from ledger.core.command import Command, Entrust, Open, Party
from ledger.core.errors import Finding
from ledger.core.person import (
    BINDING,
    PERSON,
    RANDOM_UUID,
    SALT_BYTES,
    Person,
    binding_account,
    commitment,
)
from ledger.core.person_refusals import PersonConflict, PersonErased, UnknownPerson
from ledger.core.refusals import Malformed
from ledger.core.state import REPLAYED, Outcome
from ledger.store import tables
from ledger.store.load import find_book
from ledger.store.store import Store
from ledger.writer import submit


@dataclass(frozen=True, slots=True)
class Entrusted:
    """A person as last stated: the data, the salt, and the account that binds them in the log."""

    id: UUID
    account: str
    salt: bytes
    person: Person

    @property
    def entity(self) -> str:
        """The entity that stated it."""
        return self.account.partition(":")[0]

    @property
    def commitment(self) -> str:
        """What the log holds of the data, in hexadecimal."""
        return self.account.rpartition(":")[2]

    @property
    def holds(self) -> bool:
        """Whether data and salt are what the log is bound to."""
        return commitment(self.id, self.salt, self.person).hex() == self.commitment


class Binding(NamedTuple):
    """A commitment in the log: the record, and the account that was opened for it."""

    seq: int
    account: str

    @property
    def entity(self) -> str:
        """The entity whose books know the person."""
        return self.account.partition(":")[0]

    @property
    def written(self) -> dict[str, Any]:
        """Record and commitment, for reading."""
        return {"seq": self.seq, "commitment": self.account.rpartition(":")[2]}


class Known(NamedTuple):
    """A person: the commitments in the log, and what was stated last unless it was erased."""

    id: UUID
    bindings: tuple[Binding, ...]
    stated: Entrusted | None

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities whose books know the person."""
        return tuple(dict.fromkeys(each.entity for each in self.bindings))


def read(name: str, identity_number: str = "", bank_account: str = "") -> Person:
    """Read what is personal; a number may be unknown."""
    return Person(
        fields.word_of(name, "name"),
        fields.text_of(identity_number, "identity_number", fields.WORD_MAX),
        fields.text_of(bank_account, "bank_account", fields.WORD_MAX),
    )


def entrust(
    store: Store,
    code: str,
    id: UUID,
    entity: str,
    person: Person,
    *,
    actor: UUID | None,
    restated: bool = False,
) -> Outcome:
    """Keep a person's data and put the commitment into the book's log, both or neither.

    The same again is a replay; other data (or another entity) under the id are refused unless
    they are ``restated``, and an id that was erased takes none any more.
    """
    if id.version != RANDOM_UUID:
        raise Malformed("id", "a person's id is random (UUID version 4)")
    with store.reading() as connection:
        book = find_book(connection, code)
        stated = _stated(connection, book, id)
        if stated is None and any(bindings(connection, book, id)):
            raise PersonErased(str(id))
    if stated is not None and (stated.person, stated.entity) == (person, entity):
        return Outcome(REPLAYED, id)
    if stated is not None and not restated:
        raise PersonConflict(str(id))
    salt = secrets.token_bytes(SALT_BYTES)
    account = binding_account(id, salt, person, entity)
    kept = Entrust(id, account.code, salt, person)
    _, opened, outcome = submit(
        store, code, Command((Party(id, PERSON, ""), Open(account), kept), actor)
    )
    if (error := opened.error or outcome.error) is not None:
        raise error
    return structs.replace(outcome, seq=opened.seq)


def entities(connection: Connection, book: Book, id: UUID) -> set[str]:
    """Return the entities that have stated a person before: whoever restates acts for them too."""
    return {each.entity for each in bindings(connection, book, id)}


def find(connection: Connection, book: Book, id: UUID) -> Known:
    """Return what is known of a person, or refuse an id of which the log knows nothing."""
    bound = tuple(bindings(connection, book, id))
    if not bound:
        raise UnknownPerson(str(id))
    return Known(id, bound, _stated(connection, book, id))


def shown(known: Known, *, unmasked: bool = False) -> dict[str, Any]:
    """Write a person for reading: masked, unless the reader may see all, with the salt."""
    stated = known.stated
    person = stated.person if stated else Person("", "", "")
    return {
        "id": str(known.id),
        "entities": list(known.entities),
        "erased": stated is None,
        "masked": not unmasked,
        **(person if unmasked else person.masked)._asdict(),
        "salt": stated.salt.hex() if stated and unmasked else None,
        "commitment": stated.commitment if stated else None,
        "holds": stated.holds if stated else None,
        "bindings": [each.written for each in known.bindings],
    }


def bindings(connection: Connection, book: Book, id: UUID) -> Iterator[Binding]:
    """Yield the commitments to a person's data in the log; erasing the data leaves them."""
    event, at = tables.account_events.c, tables.accounts.c
    known = select(at.no).where(at.book_id == book.id, at.party == id, at.basis == "memo")
    chosen = select(event.seq, event.code).where(
        event.book_id == book.id, event.account_no.in_(known)
    )
    for seq, code in connection.execute(chosen.order_by(event.seq)):
        if BINDING.fullmatch(code):
            yield Binding(seq, code)


def listed(
    connection: Connection, book: Book, *, after: UUID | None = None, limit: int | None = None
) -> list[Known]:
    """Return the persons of a book whose data are kept, by id."""
    kept = tables.persons.c
    ids = select(kept.id).distinct().where(kept.book_id == book.id).order_by(kept.id)
    ids = ids if after is None else ids.where(kept.id > after)
    return [find(connection, book, id) for id in connection.execute(ids.limit(limit)).scalars()]


def erase(connection: Connection, book: Book, id: UUID) -> int:
    """Delete all that was stated of a person, with the salts; return how many statements."""
    kept = tables.persons
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    gone = delete(kept).where(kept.c.book_id == book.id, kept.c.id == id)
    return int(connection.execute(gone).rowcount)


def check(connection: Connection, book: Book) -> Iterator[Finding]:
    """Say which data are not those that the log is bound to; what is personal is not said."""
    at, kept = tables.accounts, tables.persons
    bound = and_(at.c.book_id == kept.c.book_id, at.c.code == kept.c.account)
    chosen = select(kept, at.c.party).join(at, bound, isouter=True)
    for row in connection.execute(chosen.where(kept.c.book_id == book.id)).mappings():
        if row["party"] != row["id"] or not _entrusted(row).holds:
            facts = {"id": str(row["id"])}
            yield Finding("audit.person", "Not what the log is bound to", facts=facts)


def _stated(connection: Connection, book: Book, id: UUID) -> Entrusted | None:
    rows = connection.execute(_kept(book).where(tables.persons.c.id == id)).mappings().all()
    return _entrusted(rows[-1]) if rows else None


def _kept(book: Book) -> Select[Any]:
    """Select what is kept, in the order in which it was stated."""
    at, kept = tables.accounts, tables.persons
    bound = and_(at.c.book_id == kept.c.book_id, at.c.code == kept.c.account)
    return select(kept).join(at, bound).where(kept.c.book_id == book.id).order_by(at.c.no)


def _entrusted(row: RowMapping) -> Entrusted:
    person = Person(row["name"], row["identity_number"], row["bank_account"])
    return Entrusted(row["id"], row["account"], row["salt"], person)
