"""One run of the whole county in a process of its own: case folder in, dossier out, in seconds."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from accounting import case, dossier, span
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


def filed(source: Path, folder: Path) -> tuple[Path, ...]:
    """Read a case, run all its years, and write every output but the PDF."""
    found = case.read(source)
    of = span.of(found, found.under(), found.years)
    return dossier.put(folder, dossier.contents_of_years(of, source))


def main() -> None:
    """File the county, and print what it took."""
    start = time.perf_counter()
    filed(*map(Path, sys.argv[1:]))
    print(json.dumps(time.perf_counter() - start))  # noqa: T201


if __name__ == "__main__":
    main()
