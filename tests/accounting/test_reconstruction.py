"""A pack whose text nobody read is no standard, and every paper made with it says so."""

from dataclasses import replace
from pathlib import Path

import pytest

from accounting import case, dossier, pack, run
from ledger.core.errors import InputRefused

GARZE = Path(__file__).parents[2] / "examples" / "garze-2010"


def table(**more: object) -> dict[str, object]:
    """Return the shipped pack as a table, with more said."""
    return {**pack.load("garze-2010").table, **more}


def test_every_statement_of_a_reconstruction_says_so() -> None:
    """Titles and notes of all statements, and the summary that a dossier holds."""
    draft = replace(pack.load("garze-2010"), reconstruction=True)
    account = run.run(case.read(GARZE), draft)

    for statement in dossier.statements(account).values():
        assert statement.title.zh.endswith("（重建稿）")
        assert statement.title.en.endswith("(reconstruction, not the standard)")
        assert "not read" in statement.notes[0].en
    assert dossier.summary(account)["pack"] == {
        "id": draft.id,
        "edition": draft.edition,
        "digest": draft.digest,
        "reconstruction": True,
    }


def test_a_study_that_was_read_says_nothing_of_the_kind() -> None:
    """The shipped study was read."""
    account = run.run(case.read(GARZE), pack.load("garze-2010"))

    assert not account.pack.reconstruction
    assert "重建稿" not in dossier.statements(account)["totals"].title.zh


def test_a_reconstruction_is_titled_as_one() -> None:
    """A pack that calls itself a reconstruction in a field only is refused."""
    with pytest.raises(InputRefused) as refused:
        pack.of_table("x.toml", table(reconstruction=True))

    assert [each.code for each in refused.value.findings] == ["pack.untitled-reconstruction"]

    title = {"zh": "某标准（重建稿）", "en": "Some standard (reconstruction, not the standard)"}
    assert pack.of_table("x.toml", table(reconstruction=True, title=title)).reconstruction
