"""The production store: psycopg, READ COMMITTED, the runtime role, and a database that keeps."""

import os
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, text

from ledger.core.refusals import Undurable

RUNTIME_ROLE = "gep_runtime"
NONDURABLE = "GEP_ALLOW_NONDURABLE"
DURABLE_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")


def open_engine(url: URL) -> Engine:
    """Open a pool whose connections act in the runtime role wherever the database has it.

    What is streamed is read to its end: it is planned for that, not for its first rows.
    """
    engine = create_engine(
        url, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def take_role(raw: psycopg.Connection[Any], _: Any) -> None:
        raw.autocommit = True
        raw.execute("SET datestyle = 'ISO'")
        raw.execute("SET cursor_tuple_fraction = 1")
        member = raw.execute(
            "SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = %s",
            (RUNTIME_ROLE,),
        ).fetchone()
        if member and member[0]:
            raw.execute(f"SET ROLE {RUNTIME_ROLE}")
        raw.autocommit = False

    return engine


def check_durable(connection: Connection) -> None:
    """Refuse a database that acknowledges what it may lose."""
    if os.environ.get(NONDURABLE) == "1":
        return
    for setting in DURABLE_SETTINGS:
        value = connection.execute(text(f"SHOW {setting}")).scalar_one()
        if value == "off":
            raise Undurable(setting, value)


def may_rewrite_the_log(connection: Connection) -> bool:
    """Say whether this connection's role could update what must only ever be added to."""
    rights = text("SELECT has_table_privilege('postings', 'UPDATE, DELETE, TRUNCATE')")
    return bool(connection.execute(rights).scalar_one())
