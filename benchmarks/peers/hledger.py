"""hledger, plain text accounting: how long it takes to check a whole journal, strictly."""

import shutil
import subprocess
import time
from pathlib import Path

from benchmarks.peers import Figure, not_available

PROGRAM = "hledger"
SECONDS_MAX = 600


def check_seconds(journal: Path, *, program: str = PROGRAM) -> Figure:
    """Return the seconds of one `hledger check -s` of the file; a fault it finds is no figure."""
    found = shutil.which(program)
    if found is None:
        return not_available(f"{program} is not installed")
    command = [found, "check", "-s", "-f", str(journal)]
    start = time.perf_counter()
    try:
        subprocess.run(  # noqa: S603
            command, check=True, capture_output=True, text=True, timeout=SECONDS_MAX
        )
    except subprocess.CalledProcessError as error:
        return not_available(str(error.stderr).partition("\n")[0])
    except subprocess.TimeoutExpired as error:
        return not_available(error)
    return Figure(time.perf_counter() - start)
