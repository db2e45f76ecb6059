"""`gep case submit` to `publish` and `revise`: three keys, a published account, its revision."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import text

from accounting.edition import WHAT
from ledger.core.command import Cite, Command
from ledger.store import open_store
from ledger.writer import submit
from tests.accounting.dossiers.forger import GARZE
from tests.commands.test_stranger import Desk
from tests.ledger import forger

ROLES = ("compiler", "reviewer", "publisher")
Desks = Mapping[str, Desk]


@pytest.fixture(scope="session")
def dossiers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dossiers of Garzê, `first` and, of another reading, `second`."""
    folder = tmp_path_factory.mktemp("dossiers")
    shutil.copytree(GARZE, folder / "case")
    readings = folder / "case" / "readings.csv"
    corrected = readings.read_text("utf-8").replace(
        "water_use_domestic,1.36", "water_use_domestic,1.4"
    )
    readings.write_text(corrected, "utf-8")
    own = Desk("", folder)
    for source, name in ((GARZE, "first"), (folder / "case", "second")):
        assert own.gep("case", "run", str(source), "--out", str(folder / name))[0] == 0
    return folder


@pytest.fixture
def desks(database_url: str, dossiers: Path, tmp_path: Path) -> Desks:
    """A desk for each of three people before one book, with a dossier of Garzê beside."""
    own = Desk(database_url, tmp_path)
    assert own.gep("migrate")[0] == 0
    assert own.gep("book", "new", "main")[0] == 0
    for name in ("first", "second"):
        shutil.copytree(dossiers / name, tmp_path / name)
    made = {"own": own}
    for role in ROLES:
        granted = ("--user", role, "--role", f"gep.{role}", "--book", "main")
        key = own.gep("key", "new", *granted)[1].split()[-1]
        made[role] = Desk(database_url, tmp_path, key)
    return made


def revised(desks: Desks) -> str:
    """Return the folder of the dossier with another reading."""
    return str(desks["own"].folder / "second")


def case(desk: Desk, *words: str, because: str = "because") -> tuple[int, str, str]:
    """Take a step of an edition."""
    return desk.gep("case", *words, "--reason", because)


def published(desks: Desks, name: str, *submitted: str) -> None:
    """Take an edition from its dossier to publication."""
    assert case(desks["compiler"], *submitted, "--edition", name)[0] == 0
    for action, role in (("review", 1), ("approve", 2), ("publish", 2)):
        code, output, errors = case(desks[ROLES[role]], action, name)
        assert code == 0, (output, errors)


def test_an_account_is_published_and_revised(desks: Desks) -> None:
    """The revision prints its one changed line; the old edition is superseded and verifies."""
    folder = desks["own"].folder
    published(desks, "garze-1", "submit", str(folder / "first"))
    told = case(desks["compiler"], "revise", "garze-1", revised(desks), "--edition", "garze-2")[1]
    for action, role in (("review", 1), ("approve", 2), ("publish", 2)):
        case(desks[ROLES[role]], action, "garze-2")
    every = desks["own"].json("case", "editions")["editions"]
    out = str(folder / "old")
    fetched = desks["own"].gep("case", "editions", "garze-1", "--out", out)

    assert "10,400,000.00" in told
    assert "water_use_domestic" in told
    assert [(each["id"], each["state"], each["replaces"]) for each in every] == [
        ("garze-1", "superseded", None), ("garze-2", "published", "garze-1"),
    ]  # fmt: skip
    assert fetched[0] == 0
    assert desks["own"].gep("case", "verify", out)[0] == 0
    assert desks["own"].gep("verify")[0] == 0


def test_what_people_get_wrong(desks: Desks) -> None:
    """Exit 2, a code and no traceback; nothing is written."""
    first = str(desks["own"].folder / "first")
    for desk, words, code in (
        (desks["reviewer"], ("submit", first, "--edition", "a"), "ledger.not-permitted"),
        (desks["compiler"], ("submit", first, "--edition", "A b"), "ledger.malformed"),
        (desks["compiler"], ("submit", str(GARZE), "--edition", "a"), "dossier.none"),
        (desks["compiler"], ("revise", "none", first, "--edition", "a"), "edition.unknown"),
        (desks["reviewer"], ("review", "none"), "edition.unknown"),
    ):
        exit_code, _, errors = case(desk, *words)
        assert (exit_code, code in errors) == (2, True), (words, errors)
    assert case(desks["compiler"], "submit", first, "--edition", "a", because=" ")[0] == 2
    assert desks["own"].json("case", "editions") == {"editions": []}


def test_one_person_without_a_key_cannot_publish_alone(desks: Desks) -> None:
    """Where the book allows the command line, its user may compile, and nothing after that."""
    own = desks["own"]
    assert case(own, "submit", str(own.folder / "first"), "--edition", "a")[0] == 0
    code, _, errors = case(own, "review", "a")

    assert (code, "edition.same-person" in errors) == (2, True)


def test_a_forged_dossier_is_not_submitted(desks: Desks) -> None:
    """One reading changed: every figure that differs is named, and nothing is kept."""
    first = desks["own"].folder / "first"
    readings = first / "inputs" / "readings.csv"
    readings.write_text(readings.read_text("utf-8").replace(",1.36,", ",1.37,"), "utf-8")
    code, _, errors = case(desks["compiler"], "submit", str(first), "--edition", "a")

    assert code == 2
    assert "dossier.figure-differs" in errors
    assert desks["own"].json("case", "editions") == {"editions": []}


def test_a_returned_edition_is_submitted_again(desks: Desks) -> None:
    """Back to draft with the reason, then with another dossier; the steps tell it all."""
    first = str(desks["own"].folder / "first")
    case(desks["compiler"], "submit", first, "--edition", "a")
    assert case(desks["reviewer"], "return", "a", because="water use is of 2009")[0] == 0
    assert case(desks["compiler"], "submit", revised(desks), "--edition", "a")[0] == 0
    (found,) = desks["own"].json("case", "editions", "a")["editions"]

    assert [each["state"] for each in found["steps"]] == [
        "draft", "submitted", "draft", "submitted",
    ]  # fmt: skip
    assert found["steps"][2]["reason"] == "water use is of 2009"
    assert found["steps"][1]["digest"] != found["steps"][3]["digest"]


def test_gep_verify_names_an_exchanged_dossier(desks: Desks) -> None:
    """The owner of the database exchanges what the log names: exit 1."""
    own = desks["own"]
    published(desks, "garze-1", "submit", str(own.folder / "first"))
    with open_store(own.url) as store, forger.owner(store) as connection:
        connection.execute(text("UPDATE archives SET about = '{}', content = :none"), {"none": b""})
    code, output, _ = own.gep("verify")

    assert (code, "edition.dossier-differs" in output) == (1, True)


def test_an_export_alone_shows_a_history_against_the_rules(desks: Desks) -> None:
    """A book in which one person did it all, written past the rules: named without the database."""
    own = desks["own"]
    published(desks, "garze-1", "submit", str(own.folder / "first"))
    out = str(own.folder / "book.jsonl")
    assert own.gep("export", "journal", "-o", out)[0] == 0
    assert own.gep("verify", out)[0] == 0
    with open_store(own.url) as store:
        for number, (state, role) in enumerate((("draft", "compiler"), ("published", "publisher"))):
            said = {"action": ("draft", "publish")[number], "state": state, "role": role}
            item = Cite(WHAT, f"alone/{number + 1}", bytes(32), said)
            (outcome,) = submit(store, "main", Command((item,), None))
            assert outcome.error is None
    forged = str(own.folder / "forged.jsonl")
    assert own.gep("export", "journal", "-o", forged)[0] == 0
    code, output, _ = own.gep("verify", forged)

    assert (code, "edition.step-forbidden" in output) == (1, True)
