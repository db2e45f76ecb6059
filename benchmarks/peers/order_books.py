"""Order books of others, in pure Python as ours is: each over the same flow, in one environment."""

from pathlib import Path

from benchmarks.peers import Figure
from benchmarks.peers.environment import Peer

NAMES = ("lightmatchingengine", "pyorderbook", "akhil4n_orderbook")
PEER = Peer(
    Path(__file__).with_name("order_books_program.py"),
    ("pyorderbook==0.4.9", "akhil4n-orderbook==0.1.1", "lightmatchingengine==2019.1.4"),
)


def rate(name: str, folder: Path, flow: Path, traded: int, *, seconds: float) -> Figure:
    """Return orders and withdrawals per second; the folder keeps the packages."""
    return PEER.told(folder, seconds, str(flow), name, str(traded), str(seconds))
