"""The servers that the tests start: from each place they may come from, as each user."""

import importlib.util
import os
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests import postgresql


def wheel() -> Path:
    """Return the programs in the wheel."""
    origin = importlib.util.find_spec(postgresql.WHEEL)
    assert origin is not None
    assert origin.origin is not None
    return Path(origin.origin).parent / "pginstall" / "bin"


def test_a_folder_that_was_named_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """GEP_PG_BIN decides, whatever the machine has."""
    monkeypatch.setenv("GEP_PG_BIN", str(wheel()))

    assert postgresql.programs() == postgresql.Programs(wheel(), "GEP_PG_BIN")


def test_a_named_folder_without_programs_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A wrong GEP_PG_BIN is an error, not a reason to look elsewhere."""
    monkeypatch.setenv("GEP_PG_BIN", str(tmp_path))

    with pytest.raises(FileNotFoundError, match="holds no initdb"):
        postgresql.programs()


def test_the_machine_comes_before_the_wheel(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of several installed versions the newest is taken; with none, the wheel."""
    monkeypatch.delenv("GEP_PG_BIN", raising=False)
    monkeypatch.setattr(postgresql, "MACHINE", tmp_path)

    assert postgresql.programs() == postgresql.Programs(wheel(), "the wheel")

    for version in ("9.6", "15", "16"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "initdb").touch()

    assert postgresql.programs() == postgresql.Programs(tmp_path / "16" / "bin", "the machine")


@pytest.mark.parametrize("way", [postgresql.NAMESPACE, postgresql.NOBODY, ()])
def test_the_server_of_the_wheel_starts_as_each_user(
    monkeypatch: pytest.MonkeyPatch, way: tuple[str, ...]
) -> None:
    """Root goes through a user namespace or through nobody; an ordinary user needs neither."""
    possible = list(postgresql.ways())
    if way not in possible:
        user = " ".join(way[:1]) or "an ordinary user"
        pytest.skip(f"starting PostgreSQL by {user}: not possible for this user here")
    monkeypatch.setattr(postgresql, "ways", lambda: iter([way]))

    with postgresql.cluster(postgresql.Programs(wheel(), "the wheel")) as running:
        with running.connect(running.new()) as connection:
            answer = connection.execute("SELECT '生态产品总值'").fetchone()
        folder = running.socket

    assert answer == ("生态产品总值",)
    assert not folder.exists()


def test_the_cluster_of_the_run_never_leaves_the_machine(cluster: postgresql.Cluster) -> None:
    """It listens on a socket in a folder of its own, and on no address."""
    with cluster.connect() as connection:
        addresses = connection.execute("SHOW listen_addresses").fetchone()

    assert addresses == ("",)
    assert os.environ["GEP_ALLOW_NONDURABLE"] == "1"


def test_each_test_has_a_database_of_its_own(postgresql_url: str, postgresql_template: str) -> None:
    """A copy of the migrated template."""
    assert make_url(postgresql_url).database != postgresql_template
    with psycopg.connect(postgresql_url.replace("+psycopg", "")) as connection:
        revisions = connection.execute("SELECT count(*) FROM alembic_version").fetchone()

    assert revisions == (1,)
