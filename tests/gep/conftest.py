"""A book with three people before it, on each kind of database."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from accounting.edition import ROLES, Who
from api import cases, editions, session
from api.cases import Wanted
from ledger import journal
from ledger.core.book import Book
from ledger.store import Store, open_store

STEPS = (("submit", 0), ("review", 1), ("approve", 2), ("publish", 2))


@dataclass(frozen=True)
class Bureau:
    """A book, and a compiler, a reviewer and a publisher."""

    store: Store
    book: Book
    people: tuple[Who, Who, Who]

    def run(self, seed: int | None = None) -> str:
        """Run the case of Garzê, perhaps with draws; return the digest of its dossier."""
        wanted = Wanted() if seed is None else Wanted(draws=10_000, seed=seed)
        return cases.run(self.store, self.book, self.people[0].id, "garze-2010", wanted).digest

    def draft(self, id: str, dossier: str, replaces: str | None = None) -> None:
        """Draft an edition."""
        compiler = self.people[0]
        editions.draft(self.store, self.book, compiler, id, dossier, "first", replaces=replaces)

    def take(self, id: str, upto: int = len(STEPS)) -> None:
        """Take an edition through so many steps."""
        for action, by in STEPS[:upto]:
            editions.step(self.store, self.book, self.people[by], id, action, f"{action} it")


@pytest.fixture
def bureau(database_url: str) -> Iterator[Bureau]:
    """A bureau on a fresh database."""
    with open_store(database_url) as store:
        book = journal.open_book(store, "main")
        names = ("li", "wang", "zhao")
        ids: list[UUID] = [session.named_user(store, name) for name in names]
        first, second, third = (
            Who(id, frozenset({role})) for id, role in zip(ids, ROLES, strict=True)
        )
        yield Bureau(store, book, (first, second, third))
