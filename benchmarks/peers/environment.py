"""Peers with packages of their own: a virtual environment for each, made when first needed."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers import Figure, not_available
from benchmarks.peers.address import libpq

READY = "ready"
SECONDS_BESIDE = 300


@dataclass(frozen=True)
class Peer:
    """A program that measures one library, and the packages that it needs.

    Packages come as wheels; those named in ``built`` are published as sources only.
    """

    program: Path
    requirements: Sequence[str]
    without_dependencies: Sequence[str] = ()
    built: Sequence[str] = ()

    def rate(self, url: str, folder: Path, seconds: float, *told: str) -> Figure:
        """Measure on a database."""
        return self.told(folder, seconds, libpq(url), str(seconds), *told)

    def told(self, folder: Path, seconds: float, *arguments: str) -> Figure:
        """Install into the folder what is not there yet; measure; return what was reached."""
        place = folder / self.program.stem
        try:
            self._install(place)
            printed = _run(
                str(_python(place)), "-I", str(self.program), *arguments,
                at_most=seconds + SECONDS_BESIDE,
            )  # fmt: skip
        except subprocess.CalledProcessError as error:
            return not_available(last_line(str(error.stderr)) or error)
        except (OSError, subprocess.TimeoutExpired) as error:
            return not_available(error)
        return Figure(read(printed))

    def _install(self, place: Path) -> None:
        if (place / READY).exists():
            return
        _run(sys.executable, "-m", "venv", "--clear", str(place), at_most=SECONDS_BESIDE)
        self._pip(place, self.requirements)
        if self.without_dependencies:
            self._pip(place, ["--no-deps", *self.without_dependencies])
        (place / READY).touch()

    def _pip(self, place: Path, wanted: Sequence[str]) -> None:
        command = [str(_python(place)), "-m", "pip", "install", "--quiet"]
        command += ["--disable-pip-version-check", "--only-binary", ":all:"]
        command += [part for each in self.built for part in ("--no-binary", each)]
        _run(*command, *wanted, at_most=SECONDS_BESIDE)


def read(printed: str) -> float:
    """Return the rate that the last line tells: transactions, and the seconds they took."""
    told = json.loads(last_line(printed))
    return float(told["transactions"]) / float(told["seconds"])


def last_line(printed: str) -> str:
    """Return the last line that is not empty, or nothing."""
    lines = [line for line in printed.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def _python(place: Path) -> Path:
    return place / "bin" / "python"


def _run(*command: str, at_most: float) -> str:
    return subprocess.run(  # noqa: S603
        command, check=True, capture_output=True, text=True, timeout=at_most
    ).stdout
