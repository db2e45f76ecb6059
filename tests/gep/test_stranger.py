"""The section of the guide for strangers, run as it stands: curl, three keys, a real server."""

import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from accounting import verification
from api import session
from api.app import create_app
from tests.accounting.dossiers.forger import GARZE
from tests.gep.conftest import Bureau

GUIDE = Path(__file__).parents[2] / "docs" / "guide-gep.md"
KEYS = ("COMPILER", "REVIEWER", "PUBLISHER")


@pytest.fixture
def address(bureau: Bureau) -> Iterator[str]:
    """A server before the book."""
    server = uvicorn.Server(uvicorn.Config(create_app(bureau.store), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def script() -> str:
    """Return the commands of the guide."""
    (found,) = re.findall(r"```sh\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    return f"set -euo pipefail\n{found}"


def test_a_stranger_publishes_with_curl(bureau: Bureau, address: str, tmp_path: Path) -> None:
    """Upload, run, submit, review, approve, publish, verify; the dossier verifies elsewhere too."""
    bash, curl = shutil.which("bash"), shutil.which("curl")
    if bash is None or curl is None:
        pytest.skip("the guide's commands: neither bash nor curl found")
    shutil.copytree(GARZE, tmp_path / "case")
    keys = {
        name: session.new_key(bureau.store, name, f"gep.{name.lower()}", "main") for name in KEYS
    }
    told = subprocess.run(
        [bash, "-c", script()], cwd=tmp_path, env=os.environ | keys | {"GEP": address},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert told.returncode == 0, told.stdout + told.stderr
    *states, verified = told.stdout.split("\n", 5)
    assert states == ["draft", "submitted", "reviewed", "approved", "published"]
    assert json.loads(verified)["findings"] == []
    found = verification.verify(tmp_path / "dossier")
    assert (found.findings, found.digest) == ((), json.loads(verified)["digest"])
