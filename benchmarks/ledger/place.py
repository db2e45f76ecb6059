"""Where the ledger is measured: a server and books of its own, made when a row first asks."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from benchmarks import books
from benchmarks.clock import Clock
from benchmarks.peers import Figure, cluster, pgbench
from benchmarks.peers.cluster import Cluster
from ledger.store import Store

ROOT = Path(__file__).parents[2]
PACKAGES = "GEP_BENCH_PACKAGES"
PID_FILE = "d/postmaster.pid"


class Place:
    """A folder, a PostgreSQL with durable commits, and the book that most rows share."""

    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self.closing = ExitStack()
        self.settings: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.closing.enter_context(_ended_like_any_other())
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.close()

    @cached_property
    def folder(self) -> Path:
        """A folder that is gone afterwards."""
        return Path(self.closing.enter_context(TemporaryDirectory(prefix="gep-bench-")))

    @cached_property
    def packages(self) -> Path:
        """Where peers keep their packages: the folder that is named, else one that goes."""
        return Path(os.environ.get(PACKAGES) or self.folder)

    @cached_property
    def server(self) -> Cluster:
        """The server."""
        return self.closing.enter_context(cluster.running())

    @cached_property
    def postmaster(self) -> int:
        """The number of the server's first process."""
        return int((self.server.socket / PID_FILE).read_text().split("\n", 1)[0])

    @cached_property
    def store(self) -> Store:
        """The book that most rows share."""
        return self.book("ours")

    def book(self, database: str) -> Store:
        """Make a book in a fresh database of the server."""
        return self.closing.enter_context(books.opened(self.server.fresh(database)))

    def clock(self, python: int | None = None) -> Clock:
        """Return a clock that sees the server; ``python``: not this process but that one."""
        return Clock(self.postmaster, python)

    def pgbench(self, seconds: float) -> Figure:
        """Run pgbench in an empty database."""
        return pgbench.rate(self.server.fresh("pgbench"), self.server.binaries, seconds=seconds)

    def processes(self, number: int, seconds: float, clock: Clock | None = None) -> float:
        """Post into the shared book from several processes at once; return the common rate."""
        most = round(min(seconds, 4) * 60_000 / number)
        url = self.server.url("ours")
        command = [sys.executable, "-m", "benchmarks.books", url, "1000", str(seconds), str(most)]
        with ExitStack() as ending:
            running = [ending.enter_context(_child(command)) for _ in range(number)]
            for each in running:
                _read_line(each)
            done = list[int]()

            def go() -> None:
                for each in running:
                    _tell(each)
                done.extend([int(_read_line(each)) for each in running])

            taken = (clock or Clock()).timed(go)
        return sum(done) / taken

    @property
    def durable(self) -> Mapping[str, str]:
        """How durable the databases that were asked for say that commits are."""
        served = dict(self.server.durable) if "server" in self.__dict__ else {}
        return {**served, **self.settings}

    @property
    def version(self) -> str:
        """Which PostgreSQL it was."""
        return f"PostgreSQL {self.server.version}" if "server" in self.__dict__ else "none"


@contextmanager
def _ended_like_any_other() -> Iterator[None]:
    """Let a termination unwind, so that the server is stopped and its folder thrown away."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _child(command: list[str]) -> Iterator["subprocess.Popen[str]"]:
    """Run a process that posts; one that has not ended by then is stopped."""
    child = subprocess.Popen(  # noqa: S603 - our own module
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield child
        child.communicate()
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate()


def _tell(child: "subprocess.Popen[str]") -> None:
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()


def _read_line(child: "subprocess.Popen[str]") -> str:
    assert child.stdout is not None
    told = child.stdout.readline().strip()
    if not told:
        raise RuntimeError(f"a process that posts ended with {child.wait()}")
    return told
