"""The schema goes up and down on both databases, and is what the tables say."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from ledger import journal
from ledger.core.refusals import NotMigrated, Undurable
from ledger.store import open_store
from ledger.store.migration import downgrade, migrate
from ledger.store.postgresql import NONDURABLE, may_rewrite_the_log
from ledger.store.revision import REVISION
from ledger.store.tables import metadata
from tests.ledger.test_journal import TRANSFER
from tests.ledger.worked import body, post, worked_store


def test_the_schema_is_what_the_tables_say(database_url: str) -> None:
    """Alembic finds no difference."""
    with open_store(database_url) as store, store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []


def test_this_edition_expects_the_last_revision(database_url: str) -> None:
    """A database that was just migrated is at it."""
    with open_store(database_url) as store, store.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == REVISION


def test_down_and_up_again_on_a_filled_database(database_url: str, tmp_path: Path) -> None:
    """Everything goes, and comes back empty."""
    with worked_store(database_url, tmp_path) as store:
        post(store, body(TRANSFER))
    downgrade(database_url)
    with open_store(database_url) as store:
        with store.engine.connect() as connection:
            assert inspect(connection).get_table_names() == ["alembic_version"]
        with pytest.raises(NotMigrated):
            journal.open_book(store, "main")
    migrate(database_url)
    with open_store(database_url) as store:
        assert journal.open_book(store, "other").id == 1


def test_migrating_twice_changes_nothing(database_url: str, tmp_path: Path) -> None:
    """The books stay."""
    with worked_store(database_url, tmp_path) as store:
        post(store, body(TRANSFER))
    assert migrate(database_url) == []
    with open_store(database_url) as store:
        assert post(store, body(TRANSFER))[0].status == "replayed"


def test_the_runtime_role_may_not_rewrite_the_log(postgresql_url: str) -> None:
    """Every connection of the program acts in it."""
    with open_store(postgresql_url) as store, store.reading() as connection:
        assert not may_rewrite_the_log(connection)
        role = connection.exec_driver_sql("SELECT current_user").scalar_one()
        assert role == "gep_runtime"


def test_a_database_that_may_lose_what_it_acknowledged_is_refused(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test server runs without fsync: without the tests' permission nothing is written."""
    monkeypatch.delenv(NONDURABLE)
    with open_store(postgresql_url) as store, pytest.raises(Undurable):
        journal.open_book(store, "main")
