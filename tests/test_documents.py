"""The pages that grow with the code: a decision is indexed, a word of the code is explained."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from accounting import published, reading
from ledger.core.account import BASES, CLASSES, STATES
from ledger.core.amount import COMMODITY_KINDS
from ledger.core.record import PERIOD_STATES

DOCS = Path(__file__).parents[1] / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
BOOKS = {*CLASSES, *BASES, *STATES, *COMMODITY_KINDS, *PERIOD_STATES}
ACCOUNTS = {*reading.STATUSES, *published.STATUSES}
PACKS = sorted((DOCS.parent / "accounting" / "packs").rglob("*.toml"))
HEADINGS = ("**Status**", "**Context.**", "**Decision.**", "**Consequences.**", "**Alternatives.**")


def glossary() -> list[list[str]]:
    """Return the rows of the glossary: code names, Chinese, English, source."""
    lines = (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    return [row for row in rows if row[0].startswith("`")]


def test_each_word_is_explained_once_and_whole() -> None:
    """Code name, Chinese, English and source; no code name twice."""
    names = Counter(name for row in glossary() for name in re.findall(r"`(.+?)`", row[0]))

    assert [row for row in glossary() if len(row) != 4 or not all(row)] == []
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("word", sorted(BOOKS | ACCOUNTS))
def test_a_word_that_records_may_say_is_in_the_glossary(word: str) -> None:
    """What stands in the books and in the accounts, a reader can look up."""
    assert any(f"`{word}`" in row[0] for row in glossary())


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: f"{pack.parent.name}-{pack.stem}")
def test_the_services_of_a_pack_are_in_the_glossary(pack: Path) -> None:
    """The first segment of a service's code is the word; what follows is a part of it."""
    lines = tomllib.loads(pack.read_text(encoding="utf-8")).get("line", ())
    words = {line["service"].partition("/")[0] for line in lines}

    assert words <= {name for row in glossary() for name in re.findall(r"`(.+?)`", row[0])}


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_headings_and_its_place_in_the_index(page: Path) -> None:
    """Half a page, five headings, one line in the index with the same title."""
    text = page.read_text(encoding="utf-8")
    title = text.splitlines()[0].removeprefix("# ")
    number, _, said = title.partition(" ")

    assert page.name.startswith(f"{number}-")
    assert f"| {number} | [{said}]({page.name}) |" in (page.parent / "README.md").read_text("utf-8")
    assert [heading for heading in HEADINGS if heading not in text] == []
