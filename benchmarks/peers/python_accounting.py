"""python-accounting, a ledger over the SQLAlchemy ORM: journal entries, posted one at a time."""

from pathlib import Path

from benchmarks.peers import Figure
from benchmarks.peers.environment import Peer

PEER = Peer(
    Path(__file__).with_name("python_accounting_program.py"),
    ("sqlalchemy==2.1.9", "psycopg2-binary==2.9.13", "python-dateutil==2.9.0.post0"),
    without_dependencies=("python-accounting==2.0.0",),  # it asks for MySQL's client, to be built
)


def rate(url: str, folder: Path, *, seconds: float = 10) -> Figure:
    """Return transactions per second; the folder keeps the packages from one call to the next."""
    return PEER.rate(url, folder, seconds)
