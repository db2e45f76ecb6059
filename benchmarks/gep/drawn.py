"""One run of the draws in a process of its own: seconds, and the most memory it ever held."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from accounting.uncertainty import band, simulation
from accounting.uncertainty.simulation import Simulation
from benchmarks.gep import county, dense
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


def measured(way: str, *, quick: bool) -> Drawn:
    """Run one way in a fresh process, down to bands and contributions."""
    command = [sys.executable, "-m", __name__, way, "quick" if quick else "whole"]
    said = subprocess.run(  # noqa: S603 - our own module
        command, check=True, capture_output=True, text=True
    )
    return Drawn(**json.loads(said.stdout))


def main() -> None:
    """Draw, sum up, and print what it took."""
    way, scale = sys.argv[1:]
    start = time.perf_counter()
    band.of(WAYS[way](county.QUICK if scale == "quick" else County()), way)
    seconds = time.perf_counter() - start
    said = STATUS.read_text("ascii").split(PEAK)[1].split()[0]
    print(json.dumps(asdict(Drawn(seconds, int(said) / 1024))))  # noqa: T201


if __name__ == "__main__":
    main()
