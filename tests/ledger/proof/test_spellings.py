"""A value of an export has one spelling: what could be read in two ways is refused."""

from collections.abc import Callable

import pytest

from ledger.proof.verify import verify
from tests.ledger.proof.history import Exported, Json

SPELLINGS: tuple[tuple[str, Callable[[Json], object]], ...] = (
    ("an id in capitals", lambda line: line.update(id=line["id"].upper())),
    ("an id without hyphens", lambda line: line.update(id=line["id"].replace("-", ""))),
    ("a digest in capitals", lambda line: line.update(digest=line["digest"].upper())),
    ("a digest too long", lambda line: line.update(digest=line["digest"] + "00")),
    ("a day without hyphens", lambda line: line.update(effective_on="20250630")),
    ("an instant without its point", lambda line: line.update(booked_at="2025-06-30T02:00:00Z")),
    ("a text that is not in NFC", lambda line: line.update(narrative="e\u0301")),
    ("a NUL", lambda line: line.update(narrative="\0")),
    ("an underscore", lambda line: line["consumes"][0].update(quanta="6_00")),
    ("a word for true", lambda line: line["consumes"][0].update(final="yes")),
    ("a third side", lambda line: line["postings"][0].update(side="left")),
)


AMOUNTS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("a second point", lambda text: text.replace(".", "..") + "0"),
    ("an underscore", lambda text: f"0_{text}"),
    ("a plus", lambda text: f"+{text}"),
    ("no figure before the point", lambda text: text[-3:]),
)


@pytest.mark.parametrize(("what", "spelt"), AMOUNTS, ids=[each[0] for each in AMOUNTS])
def test_an_amount_has_one_spelling(
    history: Exported, what: str, spelt: Callable[[str], str]
) -> None:
    """Another number must not be read than the one that is added up."""
    line = history.named("trade")
    posting = next(each for each in line["postings"] if "." in each["amount"])
    posting["amount"] = spelt(posting["amount"])
    found = {(each.code, each.seq) for each in verify(history.lines).findings}

    assert found & {("verify.amount", line["seq"]), ("verify.unreadable", line["seq"])}, what


@pytest.mark.parametrize(("what", "spell"), SPELLINGS, ids=[each[0] for each in SPELLINGS])
def test_a_value_has_one_spelling(
    history: Exported, what: str, spell: Callable[[Json], object]
) -> None:
    """What could be read as the same bytes, and compared as something else, is refused."""
    line = history.named("trade")
    spell(line)
    found = {(each.code, each.seq) for each in verify(history.lines).findings}

    assert ("verify.unreadable", line["seq"]) in found, what
