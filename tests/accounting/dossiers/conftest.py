"""A dossier as it is written, without and with its reports, and a copy to tamper with."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from accounting import case, dossier, pack, run
from api.commands.case import app
from tests.accounting import made_up
from tests.accounting.dossiers.forger import GARZE


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dossier of Garzê with ten thousand draws, without the reports, which take seconds."""
    folder = tmp_path_factory.mktemp("dossier") / "garze"
    found = case.read(GARZE)
    account = run.run(found, pack.load(found.pack, found.edition))
    dossier.write(account, folder, GARZE, dossier.draw(found, account, 10_000, 1))
    return folder


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dossier of the made-up county as the command writes it, reports and all."""
    folder = tmp_path_factory.mktemp("reported")
    source = made_up.write(folder / "case")
    told = ("run", str(source), "--draws", "10000", "--out", str(folder / "dossier"), "--json")
    result = CliRunner().invoke(app, told)
    assert result.exit_code == 0, result.output
    return folder / "dossier"


@pytest.fixture
def folder(untouched: Path, tmp_path: Path) -> Path:
    """A copy that may be tampered with."""
    return Path(shutil.copytree(untouched, tmp_path / "dossier"))
