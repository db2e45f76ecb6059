"""What every test may ask for: a fresh migrated database of each kind, a browser; and the report.

The report at the end says what was exercised for real, and what was left out and why.
"""

import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from api.demo.run import run
from ledger.store import open_store
from ledger.store.migration import migrate
from tests import postgresql

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
EXERCISED = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """End like an interrupt when told to end, so that servers are stopped."""

    def end(number: int, _: FrameType | None) -> None:
        pytest.exit(f"ended by signal {number}")

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    config.stash[EXERCISED] = []


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the run, where this is one process of several, what was exercised in it."""
    told: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["exercised"] = session.config.stash[EXERCISED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take from a process that has ended what was exercised in it."""
    told: dict[str, list[str]] = getattr(node, "workeroutput", {})
    node.config.stash[EXERCISED].extend(told.get("exercised", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what was exercised for real, and what was left out and why."""
    if exercised := terminalreporter.config.stash[EXERCISED]:
        terminalreporter.section("exercised for real")
        for line in dict.fromkeys(exercised):
            terminalreporter.line(line)
    left_out: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        left_out[reason] = left_out.get(reason, 0) + 1
    terminalreporter.section("left out")
    for reason, tests in left_out.items():
        terminalreporter.line(f"{reason.removeprefix('Skipped: ')} ({tests} tests)")
    if not left_out:
        terminalreporter.line("nothing")


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[postgresql.Cluster]:
    """A PostgreSQL server for the whole run; it keeps nothing, and is allowed to here only."""
    programs = postgresql.programs()
    if programs is None:
        pytest.skip("PostgreSQL: neither GEP_PG_BIN, nor the machine, nor the wheel has it")
    with pytest.MonkeyPatch.context() as patch, postgresql.cluster(programs) as running:
        patch.setenv("GEP_ALLOW_NONDURABLE", "1")
        started = " ".join(running.way[:1]) or "the ordinary user"
        request.config.stash[EXERCISED].append(
            f"PostgreSQL {running.version()} from {programs.place}, started by {started}"
        )
        yield running


@pytest.fixture(scope="session")
def postgresql_template(cluster: postgresql.Cluster) -> str:
    """The name of a migrated database that nobody is connected to."""
    name = cluster.new()
    migrate(cluster.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file that nobody has open."""
    path = tmp_path_factory.mktemp("template") / "gep.db"
    migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def postgresql_url(cluster: postgresql.Cluster, postgresql_template: str) -> Iterator[str]:
    """The URL of a fresh migrated database on PostgreSQL."""
    name = cluster.new(postgresql_template)
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
def empty_postgresql_url(cluster: postgresql.Cluster) -> Iterator[str]:
    """The URL of a fresh database on PostgreSQL that nobody has migrated."""
    name = cluster.new()
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh migrated database in a file."""
    shutil.copy(sqlite_template, tmp_path / "gep.db")
    return f"sqlite:///{tmp_path / 'gep.db'}"


@pytest.fixture(scope="session")
def demonstration(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the demonstration in book ``main`` that nobody has open."""
    path = tmp_path_factory.mktemp("demonstration") / "gep.db"
    shutil.copy(sqlite_template, path)
    with open_store(f"sqlite:///{path}") as store:
        run(store, "main")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def demonstration_url(demonstration: Path, tmp_path: Path) -> str:
    """The URL of the demonstration, in a file of the test's own."""
    shutil.copy(demonstration, tmp_path / "gep.db")
    return f"sqlite:///{tmp_path / 'gep.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh migrated database, on each of the two kinds in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The path of a Chromium, from ``GEP_CHROMIUM`` or the machine."""
    found = os.environ.get("GEP_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("browser tests: no Chromium found")
    return Path(found)
