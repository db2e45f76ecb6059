"""A book in which everything happens, exported once for whoever forges it."""

import pytest

from ledger.store.migration import migrate
from tests.ledger.proof.history import Exported, Json, exported, told


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[Json]:
    """The export of the history, told once."""
    url = f"sqlite:///{tmp_path_factory.mktemp('history')}/gep.db"
    migrate(url)
    with told(url) as store:
        return exported(store)


@pytest.fixture
def history(lines: list[Json]) -> Exported:
    """A copy of the export, to be forged."""
    return Exported(lines)
