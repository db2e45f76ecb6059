"""Persons and ages at the terminal: entrusted, masked, shown, checked alone, erased."""

import json
from pathlib import Path

import pytest

from tests.commands.test_stranger import CHART, Desk, line

ZHANG = ("--name", "张翠花", "--identity-number", "330102196501011234",
         "--bank-account", "6222021202041234567")  # fmt: skip
ALWAYS_ZERO = """
[[account]]
code = "T1:Transit:other"
class = "asset"
basis = "accrual"
always_zero_days = 10
"""


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Desk:
    """A desk before a book with the stranger's chart and an always-zero account."""
    made = Desk(database_url, tmp_path)
    assert made.gep("book", "new", "main")[0] == 0
    assert made.gep("chart", "load", made.file("chart.toml", CHART + ALWAYS_ZERO))[0] == 0
    return made


def added(desk: Desk) -> str:
    """Entrust a person and return the id."""
    said = desk.json("person", "add", "--entity", "T1", *ZHANG)
    assert said["status"] == "done"
    return str(said["id"])


def test_shown_masked_and_whole(desk: Desk) -> None:
    """The mask unless it is asked for; neither the export nor the register holds the person."""
    id = added(desk)
    masked, whole = desk.json("person", "show", id), desk.json("person", "show", id, "--unmasked")
    code, listed, _ = desk.gep("person", "list")
    journal = str(desk.folder / "book.jsonl")
    assert desk.gep("export", "journal", "-o", journal)[0] == 0

    assert (masked["name"], masked["identity_number"]) == ("张*", "****1234")
    assert (whole["name"], whole["holds"]) == ("张翠花", True)
    assert (code, listed) == (0, f"{id}  张*  ****1234\n")
    for personal in ("张翠花", ZHANG[3], ZHANG[5]):
        assert personal not in Path(journal).read_text("utf-8")
    assert desk.json("person", "list")["persons"] == [masked]


def test_checked_by_an_auditor_alone(desk: Desk) -> None:
    """With what was shown and an export, without a database; another account is found."""
    id = added(desk)
    whole = desk.json("person", "show", id, "--unmasked")
    shown = desk.file("shown.json", json.dumps(whole))
    other = desk.file("other.json", json.dumps(whole | {"bank_account": "1"}))
    journal = str(desk.folder / "book.jsonl")
    assert desk.gep("export", "journal", "-o", journal)[0] == 0
    alone = Desk("sqlite:////no/such/folder/x.db", desk.folder)

    assert alone.gep("person", "check", shown, journal)[:2] == (0, f"bound: {id}\n")
    assert alone.gep("person", "check", other, journal)[0] == 1
    assert (
        alone.json("person", "check", other, journal)["findings"][0]["code"] == "person.not-bound"
    )
    assert alone.gep("person", "check", desk.file("no.json", "{"), journal)[0] == 2


def test_erased_and_the_book_verifies(desk: Desk) -> None:
    """Erased once; shown as erased; not entrusted again under the same id."""
    id = added(desk)
    erased = [desk.json("person", "erase", id)["erased"] for _ in range(2)]
    again = desk.gep("person", "add", "--entity", "T1", *ZHANG, "--id", id)

    assert erased == [1, 0]
    assert desk.json("person", "show", id, "--unmasked")["erased"] is True
    assert (again[0], "person.erased" in again[2]) == (2, True)
    assert desk.gep("verify")[0] == 0


def test_what_is_not_given_is_asked_for(desk: Desk) -> None:
    """So that no name need stand in the history of a shell; numbers may be unknown."""
    code, _, _ = desk.gep("person", "add", "--entity", "T1", given="李四\n\n\n")
    (known,) = desk.json("person", "list")["persons"]

    assert (code, known["name"], known["bank_account"]) == (0, "李*", "")


def test_only_with_the_right(desk: Desk) -> None:
    """A trader's and an admin's key see nothing, a registrar's the mask, an auditor's all."""
    id = added(desk)
    codes = {}
    for role in ("admin", "registrar", "auditor"):
        _, key, _ = desk.gep("key", "new", "--user", role, "--role", role)
        who = Desk(desk.url, desk.folder, key.strip())
        words = (("show", id), ("show", id, "--unmasked"), ("erase", id))
        codes[role] = [who.gep("person", *each)[0] for each in words[: 2 + (role != "registrar")]]

    assert codes == {"admin": [2, 2, 2], "registrar": [0, 2], "auditor": [0, 0, 2]}
    assert desk.gep("person", "show", "42")[0] == 2


def test_ages_of_always_zero_accounts(desk: Desk) -> None:
    """Young today, exit 0; over its age in a hundred days' time, exit 1; zero again, nothing."""
    postings = [
        {"account": "T1:Transit:other", "commodity": "CNY", "amount": "5.00"},
        {"account": "T1:4002非税收入", "commodity": "CNY", "amount": "-5.00"},
    ]
    assert desk.json("period", "ages")["ages"] == []
    assert desk.gep("post", desk.file("t.jsonl", line("t", "1", postings=postings)))[0] == 0
    (young,) = desk.json("period", "ages")["ages"]
    code, said, _ = desk.gep("period", "ages", "--on", "9999-01-01")

    assert desk.gep("period", "ages")[0] == 0
    assert (young["balance"], young["days"], young["limit"], young["over"]) == ("5.00", 0, 10, 0)
    assert (code, said.startswith("T1:Transit:other: 5.00 CNY since ")) == (1, True)
    assert desk.gep("period", "ages", "--on", "soon")[0] == 2
    assert desk.gep("period", "close", "T1", "accrual", "2026-01")[0] == 2
