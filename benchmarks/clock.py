"""A clock that also reads, from /proc, how much CPU Python and PostgreSQL took meanwhile."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, Self

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
PARENT, TIMES = 1, slice(11, 15)
"""Of what follows the name in stat: the parent; the time of it and of its children that ended."""


class Shares(NamedTuple):
    """How many processors Python and PostgreSQL kept busy."""

    python: float | None
    postgresql: float | None


class Clock:
    """Adds up what is measured, with the CPU of this process, its children, and the server.

    ``server`` is the first process of PostgreSQL; ``python``, where it is not this one, the
    process that does the work.
    """

    def __init__(self, server: int | None = None, python: int | None = None) -> None:
        self.server, self.python = server, python
        self.reset()

    def reset(self) -> None:
        """Start again from nothing."""
        self.seconds, self.spent = 0.0, [0.0, 0.0]

    def __enter__(self) -> Self:
        self.before = self._spent()
        self.start = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self.start
        for number, (before, after) in enumerate(zip(self.before, self._spent(), strict=True)):
            self.spent[number] += after - before

    @property
    def shares(self) -> Shares:
        """Processors kept busy, on average; none where /proc does not tell."""
        if not self.seconds or not PROC.joinpath("self/stat").exists():
            return Shares(None, None)
        return Shares(*(each / self.seconds for each in self.spent))

    def timed(self, work: Callable[[], object]) -> float:
        """Return the seconds that some work took."""
        before = self.seconds
        with self:
            work()
        return self.seconds - before

    def _spent(self) -> tuple[float, float]:
        told = _told()
        own = os.getpid()
        server = set(_under(self.server, told))
        python = set(_under(self.python or own, told)) - server
        return _seconds(python, told), _seconds(server, told)


def _told() -> dict[int, tuple[int, float]]:
    """Return the parent and the CPU seconds of every process."""
    told = {}
    for path in PROC.glob("[0-9]*/stat"):
        try:
            fields = path.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        told[int(path.parent.name)] = int(fields[PARENT]), sum(map(int, fields[TIMES])) / TICKS
    return told


def _under(first: int | None, told: dict[int, tuple[int, float]]) -> list[int]:
    """Return a process and all that descend from it."""
    found = [] if first is None or first not in told else [first]
    for each in found:
        found += [number for number, (parent, _) in told.items() if parent == each]
    return found


def _seconds(numbers: Iterable[int], told: dict[int, tuple[int, float]]) -> float:
    return sum(told[number][1] for number in numbers)
