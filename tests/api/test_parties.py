"""Natural persons over REST: who entrusts, who sees all, who erases; masked for everybody else."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from api import session
from api.auth import ROLES
from ledger.store import Store
from tests.api.conftest import BOOK, header
from tests.api.test_rest import HERE, Keys

URL = "/v1/parties"
HERE_ONLY = {"book": BOOK}
ID = "3f2b8c1e-5d64-4a7f-9c0b-2e1d3f4a5b6c"
ZHANG = {
    "id": ID, "entity": "T330700", "name": "张翠花",
    "identity_number": "330102196501011234", "bank_account": "6222021202041234567",
}  # fmt: skip
ENTRUST, UNMASK, ERASE = (
    {"finance.preparer", "registrar"},
    {"finance.preparer", "finance.approver", "auditor"},
    {"finance.approver", "registrar"},
)
READ = ENTRUST | UNMASK | ERASE


def entrusted(client: TestClient, keys: Keys, **more: object) -> dict[str, Any]:
    """Entrust a person and return the answer."""
    answer = client.post(URL, params=HERE_ONLY, json=ZHANG | more, headers=keys["finance.preparer"])
    said: dict[str, Any] = answer.json()
    return said | {"http": answer.status_code}


def shown(client: TestClient, who: Mapping[str, str], **more: bool) -> dict[str, Any]:
    """Ask for the person."""
    answer = client.get(f"{URL}/{ID}", params={**HERE_ONLY, **more}, headers=who)
    said: dict[str, Any] = answer.json()
    return said | {"http": answer.status_code}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_does_what(client: TestClient, keys: Keys, role: str) -> None:
    """One table: entrust, see masked, see all, erase."""
    entrusted(client, keys)
    who = keys[role]
    added = client.post(URL, params=HERE_ONLY, json=ZHANG | {"id": str(uuid4())}, headers=who)
    masked, whole = shown(client, who), shown(client, who, unmasked=True)
    erased = client.delete(f"{URL}/{ID}", params=HERE_ONLY, headers=who)

    assert added.status_code == (201 if role in ENTRUST else 403)
    assert masked["http"] == (200 if role in READ else 403)
    assert whole["http"] == (200 if role in UNMASK else 403)
    assert erased.status_code == (200 if role in ERASE else 403)
    if role in READ:
        assert (masked["name"], masked["bank_account"], masked["salt"]) == ("张*", "****4567", None)
    if role in UNMASK:
        assert (whole["name"], len(whole["salt"]), whole["holds"]) == ("张翠花", 64, True)


def test_the_commitment_is_in_the_log_and_the_person_is_not(client: TestClient, keys: Keys) -> None:
    """The record that the answer names opened the account that carries the commitment."""
    said = entrusted(client, keys)
    person = shown(client, keys["auditor"])
    accounts = client.get(f"{HERE}/accounts", headers=keys["auditor"]).text

    assert (said["http"], said["status"]) == (201, "done")
    assert person["bindings"] == [{"seq": said["seq"], "commitment": person["commitment"]}]
    assert person["commitment"] in accounts
    assert not any(part in accounts for part in ("张翠花", "19650101", "20204123"))


def test_the_same_again_other_data_and_a_change(client: TestClient, keys: Keys) -> None:
    """A replay, a conflict, and a change that says it is one; an id that is not random."""
    entrusted(client, keys)
    again = entrusted(client, keys)
    other = entrusted(client, keys, bank_account="1" * 19)
    changed = entrusted(client, keys, bank_account="1" * 19, restated=True)
    derived = entrusted(client, keys, id="5b0d1a52-6f5e-5b0c-9a6e-1d8b2b8a7c01")
    nameless = entrusted(client, keys, id=str(uuid4()), name=" ")

    assert (again["status"], other["code"]) == ("replayed", "person.conflict")
    assert (changed["status"], shown(client, keys["auditor"])["bank_account"]) == (
        "done", "****1111",
    )  # fmt: skip
    assert (derived["code"], nameless["code"]) == ("ledger.malformed", "ledger.malformed")


def test_after_erasure_the_commitments_are_left(client: TestClient, keys: Keys) -> None:
    """Twice changes nothing; an auditor sees that it was erased; it does not come back."""
    entrusted(client, keys)
    before = shown(client, keys["auditor"])["bindings"]
    answers = [
        client.delete(f"{URL}/{ID}", params=HERE_ONLY, headers=keys["registrar"]).json()
        for _ in range(2)
    ]
    after = shown(client, keys["auditor"], unmasked=True)

    assert [each["erased"] for each in answers] == [1, 0]
    assert (after["erased"], after["name"], after["salt"]) == (True, "", None)
    assert after["bindings"] == before
    assert entrusted(client, keys)["code"] == "person.erased"


def test_only_of_the_entity_and_ones_own(client: TestClient, keys: Keys, store: Store) -> None:
    """Finance of another entity sees, changes and erases nothing; the person sees the mask."""
    entrusted(client, keys)
    other = header(session.new_key(store, "x", "finance.approver", BOOK, entity="XS-CLR"))
    own = header(session.new_key(store, "z", "trader", BOOK, party=UUID(ID)))
    listed = [
        [each["id"] for each in client.get(URL, params=HERE_ONLY, headers=who).json()["items"]]
        for who in (other, own, keys["auditor"])
    ]

    assert shown(client, other)["http"] == 403
    assert client.delete(f"{URL}/{ID}", params=HERE_ONLY, headers=other).status_code == 403
    assert (shown(client, own)["name"], shown(client, own, unmasked=True)["http"]) == ("张*", 403)
    assert listed == [[], [ID], [ID]]


def test_another_entity_restates_with_both_rights(
    client: TestClient, keys: Keys, store: Store
) -> None:
    """Who may act for one entity only cannot take a person over from another, nor try data out."""
    entrusted(client, keys)
    narrow = header(session.new_key(store, "x", "finance.preparer", BOOK, entity="XS-CLR"))
    asked = ZHANG | {"entity": "XS-CLR"}
    answers = [
        client.post(URL, params=HERE_ONLY, json=sent, headers=who).json()
        for sent, who in (
            (asked, narrow), (asked | {"restated": True}, narrow),
            (asked, keys["finance.preparer"]),
            (asked | {"restated": True}, keys["finance.preparer"]),
        )
    ]  # fmt: skip
    person = shown(client, keys["auditor"])

    assert [each.get("code", each["status"]) for each in answers] == [
        "ledger.not-permitted", "ledger.not-permitted", "person.conflict", "done",
    ]  # fmt: skip
    assert person["entities"] == ["T330700", "XS-CLR"]


def test_pages_of_persons(client: TestClient, keys: Keys) -> None:
    """Followed to the end, each person once; an unknown one is not found."""
    ids = {entrusted(client, keys, id=str(uuid4()))["id"] for _ in range(5)}
    found: list[str] = []
    url: str | None = f"{URL}?book={BOOK}&limit=2"
    while url:
        page = client.get(url, headers=keys["auditor"]).json()
        found += [each["id"] for each in page["items"]]
        url = page["next"]

    assert (len(found), set(found)) == (5, ids)
    assert shown(client, keys["auditor"])["code"] == "person.unknown"
    assert client.get(URL, headers=keys["auditor"]).status_code == 422
