"""Checkpoints and proofs at the terminal: made with a key, read by a stranger with nothing else."""

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ledger import journal
from ledger.core import body as bodies
from ledger.proof.note import (
    COSIGNATURE,
    Signer,
    body_of,
    cosigned,
    new_key,
    read_checkpoint,
    signed,
)
from ledger.store import open_store
from tests.commands.test_stranger import CHART, Desk, line
from tests.ledger import forger

ID = "0193e6f0-0000-7000-8000-000000000001"
OTHER_ID = "0193e6f0-0000-7000-8000-000000000002"
STRANGER = """
import sys
from ledger.proof.bundle import check_bundle, read_bundle
from ledger.proof.note import Verifier
with open(sys.argv[1], encoding="utf-8") as file:
    bundle = read_bundle(file.read())
trusted = [Verifier.read(text) for text in sys.argv[2:]]
print(*sorted({each.code for each in check_bundle(bundle, trusted=trusted)}))
known = {name.partition(".")[0] for name in sys.modules}
assert not known & {"sqlalchemy", "psycopg", "sqlite3", "pydantic", "api"}, known
assert not {"ledger.store", "ledger.core", "ledger.writer"} & {*sys.modules}
"""
Made = tuple[Desk, str]


@pytest.fixture
def made(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A desk with a book of two transactions, a signing key, a note, and the public key."""
    desk = Desk(database_url, tmp_path)
    assert desk.gep("book", "new", "main")[0] == 0
    assert desk.gep("chart", "load", desk.file("chart.toml", CHART))[0] == 0
    posted(desk, ID, "10")
    key = str(tmp_path / "key")
    code, public, _ = desk.gep("checkpoint", "--new-key", "gep.example/main", "-o", key)
    assert code == 0
    monkeypatch.setenv("GEP_SIGNING_KEY", key)
    assert desk.gep("checkpoint", "-o", str(tmp_path / "note"))[0] == 0
    posted(desk, OTHER_ID, "20")
    return desk, public.strip()


def posted(desk: Desk, id: str, amount: str) -> None:
    """Post a transaction to the book."""
    with open_store(desk.url) as store:
        sent = bodies.read({"book": "main", **json.loads(line(id, amount))})
        (outcome,) = journal.post_bodies(store, "main", [sent], actor=None)
        assert outcome.status == "posted"


def at(desk: Desk, name: str) -> str:
    """Return the path of a file on the desk."""
    return str(desk.folder / name)


def codes(desk: Desk, *words: str) -> tuple[int, set[str]]:
    """Run a command with --json; return the exit code and the codes of what it found."""
    code, output, _ = desk.gep(*words, "--json")
    return code, {each["code"] for each in json.loads(output)["findings"]}


def test_a_key_is_private_and_never_written_over(made: Made) -> None:
    """Mode 0600, no second time, not to a terminal; the public half is what is printed."""
    desk, public = made
    key = desk.folder / "key"
    before = key.read_bytes()

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert Signer.read(before.decode()).verifier.text == public
    assert desk.gep("checkpoint", "--new-key", "other", "-o", str(key))[0] == 2
    assert desk.gep("checkpoint", "--new-key", "other")[0] == 2
    assert desk.gep("checkpoint", "--new-key", "a name", "-o", at(desk, "k2"))[0] == 2
    assert key.read_bytes() == before
    assert not (desk.folder / "k2").exists()


def test_a_note_of_the_head(made: Made) -> None:
    """Printed or written; a note is not written over."""
    desk, public = made
    said = desk.json("checkpoint")
    code, printed, _ = desk.gep("checkpoint")
    book = desk.json("verify")

    assert (code, printed) == (0, said["note"])
    assert (said["size"], said["root"]) == (book["records"], book["root"])
    assert said["signer"] == public
    assert printed.startswith(f"gep-ledger/{said['origin'].partition('/')[2]}\n{said['size']}\n")
    assert desk.gep("checkpoint", "-o", at(desk, "note"))[0] == 2


def test_a_signer_goes_on_from_its_last_note(made: Made) -> None:
    """The book extends it: signed. Rewritten since: exit 1, nothing is written; so at a close."""
    desk, _ = made
    since = ("checkpoint", "--since", at(desk, "note"))
    assert desk.gep(*since, "-o", at(desk, "note2"))[0] == 0
    with open_store(desk.url) as store, forger.owner(store) as connection:
        connection.execute(text("UPDATE transactions SET narrative = 'gift'"))
        forger.reseal(connection)
    period = ("T1", "accrual", "2026-01")

    assert codes(desk, *since, "-o", at(desk, "note3")) == (1, {"checkpoint.not-grown"})
    assert codes(desk, "checkpoint", "-o", at(desk, "note3")) == (1, {"checkpoint.not-grown"})
    assert codes(desk, "period", "close", *period) == (2, {"checkpoint.not-grown"})
    assert not Path(at(desk, "note3")).exists()
    with open_store(desk.url) as store, forger.owner(store) as connection:
        connection.execute(text("DELETE FROM checkpoints"))
    assert codes(desk, *since) == (1, {"checkpoint.not-grown"})
    assert desk.gep("checkpoint")[0] == 0


def test_a_note_to_go_on_from_is_ones_own(made: Made) -> None:
    """Signed by another key it is refused, unless that key is trusted; no note is none."""
    desk, _ = made
    private, other = new_key("gep.example/old")
    sealed = read_checkpoint(body_of(Path(at(desk, "note")).read_text()))
    old = desk.file("old", signed(sealed.text, Signer.read(private)))

    assert codes(desk, "checkpoint", "--since", old) == (2, {"note.unknown-keys"})
    assert desk.gep("checkpoint", "--since", old, "--trust", other)[0] == 0
    assert codes(desk, "checkpoint", "--since", desk.file("no", "no note\n"))[0] == 2


@pytest.mark.parametrize("key", ["", "nothing", "PRIVATE+KEY+x", "witness", None])
def test_without_a_signing_key_nothing_is_signed(
    made: Made, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    """No file named, no file there, no key in it, a key of another kind."""
    desk, _ = made
    content = new_key("w.example", COSIGNATURE)[0] if key == "witness" else key
    if content is None:
        monkeypatch.delenv("GEP_SIGNING_KEY")
    else:
        monkeypatch.setenv("GEP_SIGNING_KEY", desk.file("k2", content))

    code, output, errors = desk.gep("checkpoint")
    assert (code, output) == (2, "")
    assert "GEP_SIGNING_KEY" in errors


def test_the_book_extends_its_note(made: Made) -> None:
    """The public key as text or in a file; an export alone; and what it says of it."""
    desk, public = made
    kept = desk.file("public", public + "\n")
    journal = at(desk, "journal.jsonl")
    assert desk.gep("export", "journal", "-o", journal)[0] == 0
    for words in (("verify",), ("verify", journal)):
        for trust in (public, kept):
            code, output, _ = desk.gep(
                *words, "--checkpoint", at(desk, "note"), "--trust", trust
            )  # fmt: skip
            assert (code, "are those that gep.example/main signed" in output) == (0, True)
    said = desk.json("verify", "--checkpoint", at(desk, "note"), "--trust", public)
    assert said["checkpoint"]["signers"] == ["gep.example/main"]
    assert said["checkpoint"]["size"] == said["records"] - 1


def test_a_note_that_is_not_to_be_believed_is_a_finding(made: Made) -> None:
    """Untrusted, changed, of no witness, no note at all: exit 1 and a code."""
    desk, public = made
    note, other = Path(at(desk, "note")).read_text(), new_key("gep.example/main")[1]
    changed = desk.file("changed", note.replace("\n5\n", "\n4\n"))
    witness = Signer("w.example", COSIGNATURE, bytes(32))
    seen = desk.file("seen", cosigned(note, witness, 5))
    trust, seer = ("--trust", public), ("--witness", witness.verifier.text)

    assert note.split("\n")[1] == "5"
    for words, code in (
        ((at(desk, "note"), "--trust", other), "note.unknown-keys"),
        ((changed, *trust), "note.bad-signature"),
        ((at(desk, "note"), *trust, *seer), "note.witnesses"),
        ((desk.file("no", "no note\n"), *trust), "note.malformed"),
    ):
        assert codes(desk, "verify", "--checkpoint", *words) == (1, {code})
    assert codes(desk, "verify", "--checkpoint", seen, *trust, *seer) == (0, set())
    assert codes(desk, "verify", "--checkpoint", seen, "--trust", other, *trust) == (0, set())


WRONG: tuple[tuple[str, ...], ...] = (
    ("verify", "--checkpoint", "note"),
    ("verify", "--trust", "PUBLIC"),
    ("verify", "--checkpoint", "note", "--trust", "no key"),
    ("verify", "--checkpoint", "no-such-note", "--trust", "PUBLIC"),
    ("verify", "--witness", "PUBLIC"),
    ("prove", "42"),
    ("prove", "0193e6f0-0000-7000-8000-000000000009"),
    ("prove", ID, "--checkpoint", "no-such-note"),
    ("prove", ID, "--checkpoint", "key"),
    ("prove", OTHER_ID, "--checkpoint", "note"),
    ("prove", ID, "-o", "note"),
)


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_words_are_bad_usage(made: Made, words: tuple[str, ...]) -> None:
    """Exit 2 and a code; the last transaction is later than the note."""
    desk, public = made
    named = {"PUBLIC": public, **{name: at(desk, name) for name in ("note", "key")}}
    code, found = codes(desk, *(named.get(word, word) for word in words))

    assert code == 2
    assert found


def stranger(file: str, *keys: str) -> str:
    """Check a proof in a process that has the verifier and no database; return what it finds."""
    words = [sys.executable, "-I", "-c", STRANGER, file, *keys]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def test_a_proof_is_checked_alone(made: Made) -> None:
    """By the command and by the verifier in a process of its own; without a key it says less."""
    desk, public = made
    proof = at(desk, "proof.json")
    assert desk.gep("prove", ID, "--checkpoint", at(desk, "note"), "-o", proof)[0] == 0
    alone = Desk("sqlite:////no/such/folder/x.db", desk.folder)

    code, output, _ = alone.gep("verify", proof, "--trust", public)
    assert (code, output.startswith(f"proven: transaction {ID} is record")) == (0, True)
    code, output, _ = alone.gep("verify", proof)
    assert (code, "bundle.not-authenticated" in output) == (0, True)
    assert alone.json("verify", proof)["authenticated"] is False
    assert alone.json("verify", proof, "--trust", public)["authenticated"] is True
    assert stranger(proof, public) == ""
    assert stranger(proof) == "bundle.not-authenticated"


def test_a_proof_without_a_note_is_given_one(made: Made) -> None:
    """With a key named, what nobody vouches for is a finding; a note of the same size helps."""
    desk, public = made
    proof, note = at(desk, "proof.json"), at(desk, "now")
    assert desk.gep("prove", OTHER_ID, "-o", proof)[0] == 0
    assert desk.gep("checkpoint", "-o", note)[0] == 0

    assert codes(desk, "verify", proof) == (0, set())
    assert codes(desk, "verify", proof, "--trust", public) == (1, {"bundle.no-checkpoint"})
    assert codes(desk, "verify", proof, "--checkpoint", note, "--trust", public) == (0, set())
    earlier = ("--checkpoint", at(desk, "note"), "--trust", public)
    assert codes(desk, "verify", proof, *earlier) == (1, {"bundle.checkpoint-differs"})


CHANGED: tuple[tuple[str, Any], ...] = (
    ("narrative", "gift"),
    ("effective_on", "2026-01-30"),
    ("seq", 6),
    ("postings", []),
)


@pytest.mark.parametrize(("field", "value"), CHANGED, ids=[each[0] for each in CHANGED])
def test_a_changed_proof_is_found(made: Made, field: str, value: object) -> None:
    """Whatever of the transaction is changed, by the command and by the stranger."""
    desk, public = made
    proof = at(desk, "proof.json")
    assert desk.gep("prove", ID, "--checkpoint", at(desk, "note"), "-o", proof)[0] == 0
    whole = json.loads(Path(proof).read_text())
    changed = {**whole, "record": {**whole["record"], field: value}}
    forged = desk.file("forged.json", json.dumps(changed))

    assert desk.gep("verify", forged)[0] == 1
    assert codes(desk, "verify", forged, "--trust", public)[0] == 1
    assert stranger(forged, public)


def test_a_changed_transaction_is_not_proven(made: Made) -> None:
    """Naively: the row does not give its leaf. Consistently: the log does not lead to the note."""
    desk, public = made
    note = at(desk, "note")
    gift = text("UPDATE transactions SET narrative = 'gift'")
    with open_store(desk.url) as store:
        with forger.owner(store) as connection:
            connection.execute(gift)
        assert codes(desk, "prove", ID, "--checkpoint", note) == (1, {"bundle.leaf", "bundle.root"})
        assert codes(desk, "prove", ID)[0] == 1
        with forger.owner(store) as connection:
            forger.reseal(connection)
    proof = at(desk, "proof.json")
    assert codes(desk, "prove", ID, "--checkpoint", note, "-o", proof) == (1, {"bundle.root"})
    assert not Path(proof).exists()

    assert codes(desk, "verify") == (0, set())
    trust = ("--checkpoint", note, "--trust", public)
    assert codes(desk, "verify", *trust) == (1, {"verify.checkpoint"})
    assert desk.gep("prove", ID, "-o", proof)[0] == 0
    assert codes(desk, "verify", proof, *trust) == (1, {"bundle.checkpoint-differs"})


def test_a_cut_book_is_shorter_than_its_note(made: Made) -> None:
    """The last records are taken away and everything is sealed again."""
    desk, public = made
    with open_store(desk.url) as store, forger.owner(store) as connection:
        forger.remove(connection, 6)
        forger.remove(connection, 5)
        forger.reseal(connection)
    trust = ("--checkpoint", at(desk, "note"), "--trust", public)

    assert codes(desk, "verify", *trust)[1] >= {"verify.checkpoint-ahead"}


@pytest.mark.parametrize("content", ["{", "[", '{"a": 1, "a": 2}', "\xff", "{}\n{"])
def test_what_is_no_proof_is_not_read(made: Made, content: str) -> None:
    """Exit 2 and the place, never a traceback."""
    desk, _ = made
    code, found = codes(desk, "verify", desk.file("odd.json", content.encode("latin-1")))

    assert (code, found) == (2, {"verify.not-json"})


def test_any_other_json_is_no_proof(made: Made) -> None:
    """A finding, since somebody gave it for one."""
    desk, _ = made
    for content in ("{}", "[]", "5", '{"format": "gep-ledger-proof"}'):
        code, found = codes(desk, "verify", desk.file("odd.json", content))
        assert (code, found) == (1, {"bundle.malformed"})
