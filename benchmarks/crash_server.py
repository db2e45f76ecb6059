"""A database server that can be killed with everything that belongs to it, and started again."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import psycopg

from benchmarks.peers.cluster import DURABLE, NAMESPACE, NOBODY, START_SECONDS_MAX, Cluster
from benchmarks.peers.cluster import SETTINGS as BENCHMARK

SETTINGS = {
    **BENCHMARK,
    "shared_buffers": "64MB",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    "checkpoint_timeout": "30s",
}
GONE_SECONDS_MAX = 20


class Killable:
    """Kills a running cluster's processes by their ids, and starts it as it was started."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        pid = self._pid()
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
        self.command = [*_way(Path(f"/proc/{pid}").stat().st_uid), *command]
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()

    def settings(self) -> dict[str, str]:
        """Read back from the server how durable it is."""
        with self._connected() as connection:
            found = connection.execute(
                "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(DURABLE)]
            )
            return dict(found.fetchall())

    def kill(self) -> int:
        """Send SIGKILL to all children of the server and to itself; say how many they were.

        It is stopped first: neither does it see its children die, nor they it.
        """
        pid = self._pid()
        os.kill(pid, signal.SIGSTOP)
        killed = [*_children(pid), pid]
        for each in killed:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        until = time.monotonic() + GONE_SECONDS_MAX
        while any(map(_alive, killed)):
            if time.monotonic() > until:
                raise TimeoutError("killed processes of the server are still there")
            time.sleep(0.005)
        if self.process is not None:
            self.process.wait()
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
        return len(killed)

    def start(self) -> None:
        """Start it on what the crash has left, and wait until it has recovered."""
        with (self.cluster.socket / "log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - as it was started before
                self.command, cwd=self.cluster.socket, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < until and self.process.poll() is None:
            with suppress(psycopg.OperationalError):
                self._connected().close()
                return
            time.sleep(0.02)
        log_text = (self.cluster.socket / "log").read_text(errors="replace")
        raise OSError(f"PostgreSQL did not recover:\n{log_text[-2000:]}")

    def _pid(self) -> int:
        lines = (self.cluster.socket / "d" / "postmaster.pid").read_text().splitlines()
        return int(lines[0])

    def _connected(self) -> psycopg.Connection:
        address = f"host={self.cluster.socket} user=gep dbname=postgres"
        return psycopg.connect(address, autocommit=True)


def _way(owner: int) -> tuple[str, ...]:
    """Return the prefix under which a server of this owner was started."""
    if os.geteuid() != 0:
        return ()
    return NOBODY if owner else NAMESPACE


def _children(pid: int) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if _parent(path) == pid:
                yield int(path.parent.name)


def _parent(stat: Path) -> int:
    return int(stat.read_text().rpartition(")")[2].split()[1])


def _alive(pid: int) -> bool:
    """Whether a process still runs; one that only waits to be told of is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
