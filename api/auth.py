"""Who may do what, where: one table of roles, and the grants of a user held against it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from ledger.core.account import Account
from ledger.core.book import Book
from ledger.core.errors import Forbidden, NotFound
from ledger.core.refusals import NotPermitted

KEEP_REGISTRY = "keep-registry"
READ, READ_OWN, POST, HOLD_OWN, APPROVE, OPEN, CHANGE, CLOSE, KEYS, GEP, SIGN, UNMASK, ERASE = (
    "read", "read-own", "post", "hold-own", "approve", "open-account", "change-account",
    "close-period", "keys", "gep", "sign-checkpoint", "unmask-person", "erase-person",
)  # fmt: skip
TRADE = "trade"
COMPILE, REVIEW, PUBLISH = "compile-account", "review-account", "publish-account"
ROLES: Mapping[str, frozenset[str]] = {
    "trader": frozenset({READ_OWN, HOLD_OWN, TRADE}),
    "lender": frozenset({READ_OWN}),
    "finance.preparer": frozenset({READ, POST, OPEN, UNMASK, GEP}),
    "finance.approver": frozenset({READ, APPROVE, CHANGE, CLOSE, UNMASK, ERASE, GEP}),
    "registrar": frozenset({READ, POST, OPEN, CHANGE, ERASE, GEP, KEEP_REGISTRY}),
    "auditor": frozenset({READ, SIGN, UNMASK, GEP}),
    "admin": frozenset({KEYS, SIGN}),
    "gep.compiler": frozenset({GEP, COMPILE}),
    "gep.reviewer": frozenset({GEP, REVIEW}),
    "gep.publisher": frozenset({GEP, PUBLISH}),
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


@dataclass(eq=False)
class UnknownUser(NotFound):
    """Nothing was granted to a user of this name."""

    code = "auth.unknown-user"
    title = "Nothing was granted to a user of this name"
    user: str


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
        if self.holds(action, book):
            return
        held = [grant for grant in self.grants if grant.allows(action, book)]
        wanted = set(entities)
        missing = wanted - {grant.entity for grant in held if grant.party is None}
        if not wanted or missing:
            raise NotPermitted(action, f"{book.code}: {', '.join(sorted(missing)) or 'the book'}")

    def holds(self, action: str, book: Book) -> bool:
        """Say whether a grant holds the action in the whole of this book."""
        return any(
            grant.allows(action, book) and grant.entity is None and grant.party is None
            for grant in self.grants
        )

    def covers(self, action: str, book: Book, entities: Iterable[str]) -> bool:
        """Say whether grants hold the action in the whole book, or in each of these entities."""
        held = [each for each in self.grants if each.allows(action, book) and each.party is None]
        return self.holds(action, book) or {*entities} <= {each.entity for each in held}

    def require_any(self, book: Book) -> None:
        """Refuse whoever has no grant at all in this book."""
        if not any(grant.book_id == book.id for grant in self.grants):
            raise NotPermitted(READ, book.code)

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
        return any(_covers(grant, book, account, READ, READ_OWN) for grant in self.grants)

    def may_hold(self, book: Book, account: Account) -> bool:
        """Say whether this user may reserve of an account: all, an entity's, a party's own."""
        return any(_covers(grant, book, account, POST, HOLD_OWN) for grant in self.grants)

    def may_trade(self, book: Book, account: Account) -> bool:
        """Say whether this user trades for the party whose account this is; staff never do."""
        return any(
            grant.allows(TRADE, book)
            and grant.party is not None
            and grant.party == account.party
            and grant.entity in {None, account.entity}
            for grant in self.grants
        )

    def reads_entity(self, book: Book, entity: str) -> bool:
        """Say whether this user reads all of an entity."""
        return any(
            grant.allows(READ, book) and grant.party is None and grant.entity in {None, entity}
            for grant in self.grants
        )


def _covers(grant: Grant, book: Book, account: Account, action: str, own: str) -> bool:
    if grant.entity not in {None, account.entity}:
        return False
    if grant.party is None:
        return grant.allows(action, book)
    allowed = grant.allows(own, book) or grant.allows(action, book)
    return allowed and grant.party == account.party
