"""Which revision of the schema this edition works on, and whether a database has it."""

from sqlalchemy import Column, Connection, MetaData, Table, Text, inspect, select

from ledger.core.refusals import NotMigrated

REVISION = "0007"
"""The last of ``migrations/``; a test holds the two together."""
VERSIONS = Table("alembic_version", MetaData(), Column("version_num", Text))


def check_migrated(connection: Connection) -> None:
    """Refuse a database that is not at this edition's revision."""
    found = "none"
    if inspect(connection).has_table(VERSIONS.name):
        found = connection.execute(select(VERSIONS.c.version_num)).scalar() or found
    if found != REVISION:
        raise NotMigrated(found, REVISION)
