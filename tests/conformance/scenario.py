"""Scenarios as they stand in the files, and what came of playing one."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tests.conformance.books import Books

DATA = Path(__file__).parent / "data"
FOLDER = "GEP_CONFORMANCE_DIR"
Fields = Mapping[str, Any]


class Check(NamedTuple):
    """What one step should answer and did; ``wire``: the adapter answered, and why it had to."""

    at: str
    expected: object
    found: object
    wire: str = ""


class Adapter(Protocol):
    """What maps the steps of one peer onto this ledger."""

    START_US: int

    def not_applicable(self, scenario: Fields) -> str:
        """Say why a scenario cannot be asked of this ledger at all; empty where it can."""

    def play(self, scenario: Fields, books: Books) -> Iterator[Check]:
        """Take every step in order, then compare the balances at the end."""


@dataclass
class Played:
    """A scenario that was played on one database."""

    name: str
    reason: str = ""
    checks: list[Check] = field(default_factory=list)

    @property
    def failures(self) -> list[str]:
        """What came out otherwise than the peer says."""
        return [
            f"{each.at}: expected {each.expected}, found {each.found}"
            for each in self.checks
            if each.expected != each.found
        ]

    @property
    def wire(self) -> list[Check]:
        """The steps that the adapter had to answer itself."""
        return [each for each in self.checks if each.wire]


def folder() -> Path:
    """Return the folder of the scenarios."""
    return Path(os.environ.get(FOLDER) or DATA)


def scenarios(peer: str) -> list[Fields]:
    """Read the scenarios of a peer; a folder without its file has none."""
    path = folder() / f"{peer}.jsonl"
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def play(adapter: Adapter, scenario: Fields, url: str) -> Played:
    """Play a scenario on a fresh database; one that does not apply is not played."""
    played = Played(scenario["name"], adapter.not_applicable(scenario))
    if played.reason:
        return played
    with Books(url, adapter.START_US) as books:
        played.checks.extend(adapter.play(scenario, books))
    return played
