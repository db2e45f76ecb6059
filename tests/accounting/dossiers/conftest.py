"""A dossier as the command writes it, and a copy that may be tampered with."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.commands.case import app
from tests.accounting.dossiers.forger import GARZE


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dossier of Garzê with ten thousand draws, as the command writes it."""
    folder = tmp_path_factory.mktemp("dossier") / "garze"
    told = ("run", str(GARZE), "--draws", "10000", "--out", str(folder), "--json")
    assert CliRunner().invoke(app, told).exit_code == 0
    return folder


@pytest.fixture
def folder(untouched: Path, tmp_path: Path) -> Path:
    """A copy that may be tampered with."""
    return Path(shutil.copytree(untouched, tmp_path / "dossier"))
