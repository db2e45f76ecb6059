"""One address of a database, in the three forms in which libraries want it."""

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Engine, create_engine


def libpq(url: str) -> str:
    """Return the connection string that libpq, psycopg and pgbench read."""
    return make_conninfo(url.replace("postgresql+psycopg://", "postgresql://", 1))


def parameters(url: str) -> dict[str, str]:
    """Return the parameters of a connection by name: host, port, user, dbname."""
    found = conninfo_to_dict(libpq(url))
    return {name: str(value) for name, value in found.items() if value is not None}


def engine(url: str, *, clients: int = 1) -> Engine:
    """Return an engine that keeps a connection for each client."""
    return create_engine(
        "postgresql+psycopg://",
        connect_args=dict(parameters(url)),
        pool_size=clients,
        max_overflow=0,
    )
