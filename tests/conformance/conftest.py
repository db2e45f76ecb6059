"""Each scenario is played once on each database, whoever asks for it first."""

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests import postgresql
from tests.conformance.report import PEERS
from tests.conformance.scenario import Played, play, scenarios

Plays = Callable[[str, int, str], Played]


@pytest.fixture(scope="session")
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plays]:
    """Play a scenario of a peer on a database of a kind, or remember what came of it."""
    folder = tmp_path_factory.mktemp("conformance")

    @cache
    def once(peer: str, number: int, database: str) -> Played:
        scenario = scenarios(peer)[number]
        if database == "sqlite":
            path = folder / f"{peer}-{number}.db"
            template: Path = request.getfixturevalue("sqlite_template")
            shutil.copy(template, path)
            return play(PEERS[peer], scenario, f"sqlite:///{path}")
        cluster: postgresql.Cluster = request.getfixturevalue("cluster")
        name = cluster.new(request.getfixturevalue("postgresql_template"))
        try:
            return play(PEERS[peer], scenario, cluster.url(name))
        finally:
            cluster.drop(name)

    yield once
    once.cache_clear()
