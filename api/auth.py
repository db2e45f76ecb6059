"""Who may do what, where: one table of roles, and the grants of a user held against it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from ledger.core.account import Account
from ledger.core.book import Book
from ledger.core.errors import Forbidden, NotFound
from ledger.core.refusals import NotPermitted

READ, READ_OWN, POST, APPROVE, OPEN, KEYS, GEP = (
    "read", "read-own", "post", "approve", "open-account", "keys", "gep",
)  # fmt: skip
ROLES: Mapping[str, frozenset[str]] = {
    "trader": frozenset({READ_OWN}),
    "lender": frozenset({READ_OWN}),
    "finance.preparer": frozenset({READ, POST, OPEN, GEP}),
    "finance.approver": frozenset({READ, APPROVE, GEP}),
    "registrar": frozenset({READ, POST, OPEN, GEP}),
    "auditor": frozenset({READ, GEP}),
    "admin": frozenset({KEYS}),
    "gep.compiler": frozenset({GEP}),
    "gep.reviewer": frozenset({GEP}),
    "gep.publisher": frozenset({GEP}),
}


@dataclass(eq=False)
class UnknownKey(Forbidden):
    """No key, or none that is in force."""

    code = "auth.unknown-key"
    title = "A key is needed, and this is none that is in force"


@dataclass(eq=False)
class UnknownRole(NotFound):
    """No role has this name."""

    code = "auth.unknown-role"
    title = "No role has this name"
    role: str
    roles: str


class Grant(NamedTuple):
    """A role in a book, perhaps narrowed to one entity or one party."""

    role: str
    book_id: int | None
    entity: str | None
    party: UUID | None

    def allows(self, action: str, book: Book) -> bool:
        """Say whether the role holds the action in this book at all."""
        return action in ROLES[self.role] and self.book_id == book.id


@dataclass(frozen=True, slots=True)
class Principal:
    """A user and everything granted to that user."""

    user_id: UUID
    name: str
    grants: tuple[Grant, ...]

    def require(self, action: str, book: Book, entities: Iterable[str] = ()) -> None:
        """Refuse unless a grant covers the whole book, or grants cover each entity."""
        held = [grant for grant in self.grants if grant.allows(action, book)]
        if any(grant.entity is None and grant.party is None for grant in held):
            return
        wanted = set(entities)
        missing = wanted - {grant.entity for grant in held if grant.party is None}
        if not wanted or missing:
            raise NotPermitted(action, f"{book.code}: {', '.join(sorted(missing)) or 'the book'}")

    def require_some(self, action: str, book: Book) -> None:
        """Refuse unless some grant, however narrow, holds the action in this book."""
        if not any(grant.allows(action, book) for grant in self.grants):
            raise NotPermitted(action, book.code)

    def require_some_read(self, book: Book) -> None:
        """Refuse unless some grant reads something in this book."""
        if not any(
            grant.allows(READ, book) or grant.allows(READ_OWN, book) for grant in self.grants
        ):
            raise NotPermitted(READ, book.code)

    def require_anywhere(self, action: str) -> None:
        """Refuse unless some grant holds the action in some book."""
        if not any(action in ROLES[grant.role] for grant in self.grants):
            raise NotPermitted(action, "any book")

    def may_read(self, book: Book, account: Account) -> bool:
        """Say whether this user may see an account: all, an entity's, or a party's own."""
        return any(_covers(grant, book, account) for grant in self.grants)


def _covers(grant: Grant, book: Book, account: Account) -> bool:
    if grant.allows(READ, book) and grant.party is None:
        return grant.entity in {None, account.entity}
    own = grant.allows(READ_OWN, book) or grant.allows(READ, book)
    return own and grant.party is not None and grant.party == account.party
