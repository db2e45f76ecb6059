"""What the console has worked out of cases, kept for the next page: bounded, one at a time."""

from collections.abc import Mapping

from accounting import dossier, run, translation
from api import cases
from api.kept import Kept
from api.report.material import Material, gather
from ledger.core.book import Book
from ledger.statements.statement import Statement
from ledger.store import Store

MATERIALS_MAX, PARTS_MAX = 8, 200
DRAWS, SEED = 10_000, 1


class Shelf:
    """Accounts with what stands beside them, and the parts of pages drawn from them."""

    def __init__(self) -> None:
        self.materials, self.parts = Kept(MATERIALS_MAX), Kept(PARTS_MAX)

    def material(self, store: Store, book: Book, case: str, year: int | None) -> Material:
        """Return the account of a case under its own pack, of its latest year unless said."""

        def make() -> Material:
            with cases.computing():
                found = cases.read(store, book, case)
                under = found.under()
                found = translation.into(found, under.ecosystems)
                return gather(found, run.run(found, under, year))

        found: Material = self.materials.get((book.uuid, case, year), make)
        return found

    def bands(self, book: Book, case: str, of: Material) -> Mapping[str, Statement]:
        """Return how sure an account is, drawn ten thousand times from one seed."""

        def make() -> Mapping[str, Statement]:
            with cases.computing():
                return dossier.draw(of.case, of.account, DRAWS, SEED).statements

        key = (book.uuid, case, of.account.year, DRAWS)
        found: Mapping[str, Statement] = self.parts.get(key, make)
        return found
