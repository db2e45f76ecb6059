"""Checkpoints and proofs over REST: signed with the server's key, checked by a stranger."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert

from api import session
from ledger.proof.bundle import check_bundle
from ledger.proof.inclusion import check_consistency
from ledger.proof.note import Checkpoint, Signer, Verifier, checked, new_key, signed
from ledger.store import Store, tables
from ledger.store.load import find_book
from tests.api.conftest import BOOK, header
from tests.api.test_periods import JANUARY, PERIODS
from tests.api.test_rest import HERE, Keys, transfer

URL, PROOFS = f"{HERE}/checkpoints", f"{HERE}/proofs"
SIGN = {"auditor", "admin"}


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Verifier:
    """A signing key of the server, and its public half."""
    private, public = new_key("gep.example/main")
    (tmp_path / "key").write_text(private, "utf-8")
    monkeypatch.setenv("GEP_SIGNING_KEY", str(tmp_path / "key"))
    return Verifier.read(public)


def sign(client: TestClient, keys: Keys, **more: object) -> dict[str, Any]:
    """Sign the head as the auditor."""
    answer = client.post(URL, json=more or None, headers=keys["auditor"])
    said: dict[str, Any] = answer.json()
    return said | {"http": answer.status_code}


def post(client: TestClient, keys: Keys, number: int) -> None:
    """Post one more transaction."""
    sent = client.post(f"{HERE}/transactions", json=transfer(number),
                       headers=keys["finance.preparer"])  # fmt: skip
    assert sent.status_code == 201


def test_signed_kept_and_read(client: TestClient, keys: Keys, key: Verifier) -> None:
    """The same head has one note; each later one extends those before."""
    nothing = client.get(f"{URL}/latest", headers=keys["trader"])
    first, again = sign(client, keys), sign(client, keys)
    post(client, keys, 1)
    second = sign(client, keys, since=first["note"])
    pages = [
        client.get(f"{URL}?limit=1&cursor={at}", headers=keys["trader"]).json() for at in (0, 1)
    ]
    latest = client.get(f"{URL}/latest", headers=keys["trader"]).json()

    assert (nothing.status_code, nothing.json()["code"]) == (404, "checkpoint.none")
    assert (first["http"], again["note"]) == (201, first["note"])
    assert second["size"] == first["size"] + 1
    assert checked(second["note"], [key]).checkpoint.root.hex() == second["root"]
    assert [page["items"][0]["note"] for page in pages] == [first["note"], second["note"]]
    assert [bool(page["next"]) for page in pages] == [True, False]
    assert latest["note"] == second["note"]
    assert latest["made_at"].endswith("Z")


def test_who_signs(client: TestClient, keys: Keys, key: Verifier) -> None:
    """Auditors and admins, of the whole book; nobody without a key on the server."""
    for role, who in keys.items():
        answer = client.post(URL, headers=who)
        assert answer.status_code == (201 if role in SIGN else 403), role


@pytest.mark.parametrize("content", [None, "", "PRIVATE+KEY+x", "gone"])
def test_without_a_key_nothing_is_signed(
    client: TestClient, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    content: str | None,
) -> None:  # fmt: skip
    """None named, none in the file, no file: the server's place of it is not told."""
    monkeypatch.delenv("GEP_SIGNING_KEY", raising=False)
    if content is not None:
        monkeypatch.setenv("GEP_SIGNING_KEY", str(tmp_path / "key"))
    if content not in {None, "gone"}:
        (tmp_path / "key").write_text(str(content), "utf-8")
    said = sign(client, keys)

    assert (said["http"], said["at"]) == (422, "GEP_SIGNING_KEY")
    assert str(tmp_path) not in json.dumps(said)


def test_a_log_that_has_not_grown_is_not_signed(
    client: TestClient, keys: Keys, key: Verifier, store: Store, tmp_path: Path
) -> None:
    """Of a head that somebody signed with other records, or with more: 409, and no note."""
    first = sign(client, keys)
    signer = Signer.read((tmp_path / "key").read_text("utf-8"))
    for size, root in ((first["size"], bytes(32)), (first["size"] + 9, bytes(32))):
        note = signed(Checkpoint(first["origin"], size, root).text, signer)
        refused = sign(client, keys, since=note)
        assert (refused["http"], refused["code"]) == (409, "checkpoint.not-grown")
    strange = signed(Checkpoint(first["origin"], 1, bytes(32)).text,
                     Signer.read(new_key("other")[0]))  # fmt: skip
    assert sign(client, keys, since=strange)["at"] == "since"

    with store.reading() as connection:
        book = find_book(connection, BOOK)
    later = Checkpoint(first["origin"], first["size"] + 9, bytes(32))
    session.keep_note(store, book, later, signed(later.text, signer))
    post(client, keys, 1)
    assert sign(client, keys)["code"] == "checkpoint.not-grown"
    closing = client.post(PERIODS, json=JANUARY | {"state": "closed"},
                          headers=keys["finance.approver"])  # fmt: skip
    assert closing.json()["code"] == "checkpoint.not-grown"
    assert client.get(PERIODS, headers=keys["auditor"]).json() == []


def test_a_close_makes_the_note_of_its_seal(client: TestClient, keys: Keys, key: Verifier) -> None:
    """Of the head with the close in it; a replay makes none, a reopening neither."""
    approver = keys["finance.approver"]
    turned = client.post(PERIODS, json=JANUARY | {"state": "closed"}, headers=approver).json()
    client.post(PERIODS, json=JANUARY | {"state": "closed"}, headers=approver)
    said = JANUARY | {"state": "reopened", "reason": "a late bill"}
    client.post(PERIODS, json=said, headers=approver)
    (kept,) = client.get(URL, headers=keys["auditor"]).json()["items"]

    assert kept["size"] == turned["seq"]
    assert checked(kept["note"], [key]).checkpoint.size == turned["seq"]


def test_without_a_key_a_close_makes_no_note(
    client: TestClient, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As before."""
    monkeypatch.delenv("GEP_SIGNING_KEY", raising=False)
    approver = keys["finance.approver"]
    closed = client.post(PERIODS, json=JANUARY | {"state": "closed"}, headers=approver)

    assert closed.status_code == 200
    assert client.get(URL, headers=approver).json()["items"] == []


def test_a_proof_is_what_a_stranger_checks(client: TestClient, keys: Keys, key: Verifier) -> None:
    """Under the checkpoint kept last, everything is shown; without, nobody vouches for the root."""
    post(client, keys, 1)
    url = f"{PROOFS}/{UUID(int=1)}"
    early = client.get(f"{url}?signed=true", headers=keys["auditor"])
    sign(client, keys)
    proof = client.get(f"{url}?signed=true", headers=keys["auditor"]).json()
    bare = client.get(url, headers=keys["auditor"]).json()

    assert early.json()["code"] == "checkpoint.none"
    assert check_bundle(proof, trusted=[key]) == []
    assert [each.code for each in check_bundle(bare)] == ["bundle.no-checkpoint"]
    post(client, keys, 2)
    later = client.get(f"{PROOFS}/{UUID(int=2)}?signed=true", headers=keys["auditor"])
    assert later.status_code == 422


def test_who_sees_a_proof(client: TestClient, keys: Keys, store: Store) -> None:
    """Whoever reads every entity in it; an unknown transaction is not found."""
    post(client, keys, 1)
    url = f"{PROOFS}/{UUID(int=1)}"
    own = header(session.new_key(store, "y", "auditor", BOOK, entity="T330700"))
    other = header(session.new_key(store, "x", "auditor", BOOK, entity="XS-CLR"))

    assert [client.get(url, headers=who).status_code for who in (own, other, keys["trader"])] == [
        200, 403, 403,
    ]  # fmt: skip
    unknown = client.get(f"{PROOFS}/{UUID(int=9)}", headers=keys["auditor"])
    assert unknown.json()["code"] == "ledger.unknown-transaction"


def test_a_changed_row_proves_nothing(client: TestClient, keys: Keys, store: Store) -> None:
    """The stored leaf is not that of the record: 409 instead of a proof."""
    post(client, keys, 1)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER transactions_no_update")
        connection.exec_driver_sql("UPDATE transactions SET narrative = 'gift'")
        connection.exec_driver_sql("COMMIT")
    said = client.get(f"{PROOFS}/{UUID(int=1)}", headers=keys["auditor"]).json()

    assert (said["status"], said["code"]) == (409, "checkpoint.unprovable")
    assert "bundle.leaf" in said["found"]


def test_the_log_only_grew(client: TestClient, keys: Keys) -> None:
    """Between any two sizes, each with its root; not beyond the head, not backwards."""
    for number in range(1, 6):
        post(client, keys, number)
    url, who = f"{URL}/consistency", keys["trader"]
    size = client.get(f"{HERE}/transactions?limit=500", headers=keys["auditor"]).json()["items"][
        -1
    ]["seq"]
    for first in range(size - 4, size + 1):
        said = client.get(f"{url}?first={first}&second={size}", headers=who).json()
        path = [bytes.fromhex(step) for step in said["path"]]
        roots = [bytes.fromhex(said[name]["root"]) for name in ("first", "second")]
        assert check_consistency(first, roots[0], size, roots[1], path)
    for first, second in ((size, size - 1), (0, size + 1)):
        assert client.get(f"{url}?first={first}&second={second}", headers=who).status_code == 422
    empty = client.get(f"{url}?first=0&second=1", headers=who).json()
    assert (empty["path"], empty["first"]["size"]) == ([], 0)


def test_notes_stay(store: Store) -> None:
    """A note that was kept cannot be changed or taken away by the program."""
    kept = {"book_id": 1, "size": 1, "made_at_us": 1, "root": bytes(32), "note": "x"}
    with store.engine.connect() as connection:
        connection.execute(insert(tables.checkpoints), kept)
        for statement in ("UPDATE checkpoints SET note = ''", "DELETE FROM checkpoints"):
            with pytest.raises(Exception, match="append-only"):
                connection.exec_driver_sql(statement)
