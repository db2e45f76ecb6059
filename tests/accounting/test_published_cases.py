"""Published cases: every figure gets the verdict that the page of them prints."""

import os
from pathlib import Path

import pytest

from tests.accounting import published_cases
from tests.accounting.fact import Fact
from tests.accounting.published_facts import FACTS, PUBLISHED

PAGE = Path(__file__).parents[2] / "docs" / "published-cases.md"
WRITE = "GEP_PUBLISHED_CASES_WRITE"


@pytest.mark.parametrize("fact", FACTS, ids=lambda each: f"{each.case}: {each.what}")
def test_a_printed_figure_has_its_verdict(fact: Fact) -> None:
    """Reproduced, within the half-units, or refuted: and what is refuted says why."""
    assert fact.status() == fact.verdict
    assert bool(fact.reason) == (fact.verdict == "deviates")


def test_every_table_of_the_cases_has_its_section() -> None:
    """No published table is without its reading."""
    assert set(published_cases.GUIDE) == {path.stem for path in PUBLISHED.glob("*.csv")}


def test_the_page_of_published_cases_is_up_to_date() -> None:
    """docs/published-cases.md is what the checks give; `GEP_PUBLISHED_CASES_WRITE=1` writes it."""
    if os.environ.get(WRITE):
        PAGE.write_text(published_cases.page(), "utf-8")

    assert PAGE.read_text("utf-8") == published_cases.page()
