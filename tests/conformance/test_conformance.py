"""Other ledgers' own tests, asked of this one: every expected answer and every balance."""

import os

import pytest
from _pytest.mark import ParameterSet

from tests.conformance.conftest import Plays
from tests.conformance.report import DATABASES, DOCUMENT, PEERS, cases, document
from tests.conformance.scenario import FOLDER, scenarios

WRITE = "GEP_CONFORMANCE_WRITE"


def _named() -> list[ParameterSet]:
    """Name each scenario."""
    return [pytest.param(peer, number, id=f"{peer}: {name}") for peer, number, name in cases()]


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize(("peer", "number"), _named())
def test_a_scenario_of_a_peer_holds(peer: str, number: int, database: str, played: Plays) -> None:
    """Each step answers as the peer's own test says, and the balances at the end are the same."""
    found = played(peer, number, database)

    assert found.reason or found.checks
    assert not found.failures, "\n".join(found.failures)


@pytest.mark.parametrize("peer", PEERS)
def test_only_few_scenarios_do_not_apply(peer: str) -> None:
    """What does not apply says why, and is a small part."""
    if os.environ.get(FOLDER):
        pytest.skip("how many apply is known of the scenarios in the repository")
    reasons = [PEERS[peer].not_applicable(each) for each in scenarios(peer)]

    assert 4 * sum(map(bool, reasons)) <= len(reasons)


def test_the_document_says_what_was_played(played: Plays) -> None:
    """docs/conformance.md is what the adapters write; ``GEP_CONFORMANCE_WRITE=1`` writes it."""
    if os.environ.get(FOLDER):
        pytest.skip("docs/conformance.md speaks of the scenarios in the repository")
    results = {
        (peer, database): [played(peer, number, database) for number in range(len(scenarios(peer)))]
        for peer in PEERS
        for database in DATABASES
    }
    text = document(results)
    if os.environ.get(WRITE):
        DOCUMENT.write_text(text, encoding="utf-8")

    assert DOCUMENT.read_text(encoding="utf-8") == text
