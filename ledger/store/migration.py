"""Schema and roles: up and down on both databases, the log closed to change on each."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from ledger.store import sqlite
from ledger.store.postgresql import RUNTIME_ROLE
from ledger.store.tables import ERASABLE, INSERTABLE, LOG, REFERENCE, UPDATABLE

SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


def migrate(url: str, revision: str = "head") -> list[str]:
    """Bring the database up to a revision; return what could not be done, in plain words."""
    engine = _owner_engine(url)
    try:
        with engine.begin() as connection:
            command.upgrade(_config(connection), revision)
        return _grant_runtime(engine) if engine.dialect.name == "postgresql" else []
    finally:
        engine.dispose()


def downgrade(url: str, revision: str = "base") -> None:
    """Take the database down to a revision."""
    engine = _owner_engine(url)
    with engine.begin() as connection:
        command.downgrade(_config(connection), revision)
    engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


def _owner_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return sqlite.open_engine(parsed)
    return create_engine(parsed)


def _grant_runtime(engine: Engine) -> list[str]:
    """Make the runtime role, which may add to the log and never change it."""
    try:
        with engine.begin() as connection:
            connection.execute(text(CREATE_ROLE))
    except ProgrammingError:
        return [
            f"the role {RUNTIME_ROLE} could not be made (no CREATEROLE): the log of this database "
            "is guarded by the program only"
        ]
    with engine.begin() as connection:
        for statement in _grants():
            connection.execute(text(statement))
    return []


CREATE_ROLE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{RUNTIME_ROLE}') THEN
        CREATE ROLE {RUNTIME_ROLE} NOLOGIN;
    END IF;
    IF NOT pg_has_role(current_user, '{RUNTIME_ROLE}', 'MEMBER') THEN
        EXECUTE format('GRANT {RUNTIME_ROLE} TO %I', current_user);
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""


def _grants() -> list[str]:
    every = (*LOG, *REFERENCE, *INSERTABLE, *UPDATABLE, *ERASABLE)
    added = ", ".join(table.name for table in every)
    moved = ", ".join(table.name for table in UPDATABLE)
    erased = ", ".join(table.name for table in ERASABLE)
    return [
        f"GRANT USAGE ON SCHEMA public TO {RUNTIME_ROLE}",
        f"GRANT SELECT, INSERT ON {added} TO {RUNTIME_ROLE}",
        f"GRANT UPDATE ON {moved} TO {RUNTIME_ROLE}",
        f"GRANT DELETE ON {erased} TO {RUNTIME_ROLE}",
        f"GRANT SELECT ON alembic_version TO {RUNTIME_ROLE}",
    ]
