"""One run of the whole county in a process of its own: case folder in, dossier out, in seconds."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from accounting import case, span
from api.commands import case_years
from benchmarks.gep import county_case
from benchmarks.gep.county import QUICK, County


def measured(*, quick: bool) -> float:
    """Write the county, then read, run and file it in a fresh process; return those seconds."""
    with tempfile.TemporaryDirectory() as folder:
        source = county_case.write(Path(folder) / "case", QUICK if quick else County())
        command = [sys.executable, "-m", __name__, str(source), str(Path(folder) / "dossier")]
        said = subprocess.run(  # noqa: S603 - our own module
            command, check=True, capture_output=True, text=True
        )
    return float(json.loads(said.stdout))


def file_away(source: Path, folder: Path) -> tuple[Path, ...]:
    """Read a case, run all its years, and write every output but the PDF, as the command does."""
    found = case.read(source)
    _, written = case_years.run(found, found.under(), span.ALL, source, folder, reports=False)
    return written


def main() -> None:
    """File the county, and print what it took."""
    start = time.perf_counter()
    file_away(*map(Path, sys.argv[1:]))
    print(json.dumps(time.perf_counter() - start))  # noqa: T201


if __name__ == "__main__":
    main()
