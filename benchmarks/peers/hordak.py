"""django-hordak, a ledger for Django: `bulk_create` of 100 transactions and their legs a commit."""

from pathlib import Path

from benchmarks.peers import Figure
from benchmarks.peers.environment import Peer

REQUIREMENTS = ("django==5.2.19", "django-hordak==2.0.0", "psycopg[binary]==3.3.9")
PEER = Peer(Path(__file__).with_name("hordak_program.py"), REQUIREMENTS, built=("django-hordak",))


def rate(url: str, folder: Path, *, seconds: float = 10, checked: bool = False) -> Figure:
    """Return transactions per second; the folder keeps the packages from one call to the next.

    Unless ``checked``, its triggers are off, which at commit look at each leg and at the sum.
    """
    return PEER.rate(url, folder, seconds, "checked" if checked else "unchecked")
