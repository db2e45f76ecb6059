"""One run of the draws in a process of its own: seconds, and the most memory it ever held."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from accounting import case
from accounting import run as runs
from accounting.uncertainty import band, simulation, statements
from accounting.uncertainty.simulation import Simulation
from benchmarks.gep import county, county_case, dense
from benchmarks.gep.county import County

DRAWS = 10_000
SEED = 7
STATUS = Path("/proc/self/status")
PEAK = "VmHWM:"


@dataclass(frozen=True)
class Drawn:
    """What one run took; megabytes are the whole process, interpreter and imports too."""

    seconds: float
    megabytes: float


def blocked(of: County) -> Simulation:
    """Draw a county block by block, as the product does."""
    return simulation.simulate(county.terms(of), DRAWS, SEED)


def with_dense_arrays(of: County) -> Simulation:
    """Draw a county with a dense array for each service."""
    return dense.simulate(of, DRAWS, SEED)


WAYS: Mapping[str, Callable[[County], Simulation]] = {
    "blocked": blocked,
    "dense": with_dense_arrays,
}
CASE = "case"


def measured(way: str, *, quick: bool) -> Drawn:
    """Run one way in a fresh process, down to bands and contributions."""
    of = county.QUICK if quick else County()
    with tempfile.TemporaryDirectory() as folder:
        given = str(county_case.write(Path(folder) / way, of)) if way == CASE else repr(quick)
        command = [sys.executable, "-m", __name__, way, given]
        said = subprocess.run(  # noqa: S603 - our own module
            command, check=True, capture_output=True, text=True
        )
    return Drawn(**json.loads(said.stdout))


def draw_case(source: Path) -> None:
    """Read the county's case, run it, and draw all its years with the models of every line."""
    found = case.read(source)
    account = runs.run(found, found.under())
    statements.statements_of(found, account, DRAWS, SEED, others=())


def main() -> None:
    """Draw, sum up, and print what it took."""
    way, given = sys.argv[1:]
    start = time.perf_counter()
    if way == CASE:
        draw_case(Path(given))
    else:
        band.of(WAYS[way](county.QUICK if given == repr(True) else County()), way)
    seconds = time.perf_counter() - start
    said = STATUS.read_text("ascii").split(PEAK)[1].split()[0]
    print(json.dumps(asdict(Drawn(seconds, int(said) / 1024))))  # noqa: T201


if __name__ == "__main__":
    main()
