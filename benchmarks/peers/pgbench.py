"""PostgreSQL's own benchmark, TPC-B-like: what eight clients reach, one small transaction each."""

import re
import subprocess
from pathlib import Path

from benchmarks.peers import Figure, not_available
from benchmarks.peers.address import libpq

RATE = re.compile(r"^tps = ([\d.]+) \(without initial connection time\)$", re.MULTILINE)


def rate(
    url: str, binaries: Path, *, seconds: float = 10, clients: int = 8, scale: int = 10
) -> Figure:
    """Fill an empty database, then return transactions per second."""
    program, database = binaries / "pgbench", libpq(url)
    if not program.exists():
        return not_available("this PostgreSQL comes without pgbench")
    _run(program, "--initialize", "--quiet", f"--scale={scale}", database)
    length = max(1, round(seconds))
    printed = _run(program, f"--client={clients}", "--jobs=2", f"--time={length}", database)
    return Figure(read(printed))


def read(printed: str) -> float:
    """Find the rate in what pgbench prints."""
    found = RATE.search(printed)
    if found is None:
        raise ValueError(f"pgbench printed no rate: {printed}")
    return float(found[1])


def _run(program: Path, *arguments: str) -> str:
    command = [str(program), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
