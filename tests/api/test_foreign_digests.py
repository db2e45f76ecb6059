"""Foreign digests over REST: who writes them, who reads them, each once."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.test_rest import HERE, Keys

URL = f"{HERE}/foreign-digests"


def sent(number: int = 1, **more: object) -> dict[str, Any]:
    """Say the digest of a GEP account."""
    return {"what": "gep-account", "reference": f"garze/{number}", "digest": "ab" * 32, **more}


def test_written_replayed_and_in_conflict(client: TestClient, keys: Keys) -> None:
    """201, then 200 with the same record; another digest under the reference is a conflict."""
    preparer, registrar = keys["finance.preparer"], keys["registrar"]
    answers = [
        client.post(URL, json=sent(metadata={"edition": "1"}), headers=preparer),
        client.post(URL, json=sent(metadata={"edition": "1"}), headers=registrar),
        client.post(URL, json=sent(digest="cd" * 32), headers=registrar),
    ]
    read = client.get(f"{URL}?what=gep-account", headers=keys["auditor"]).json()

    assert [each.status_code for each in answers] == [201, 200, 409]
    assert answers[0].json()["seq"] == answers[1].json()["seq"] == read["items"][0]["seq"]
    assert answers[2].json()["code"] == "ledger.foreign-digest-conflict"
    assert read["items"][0]["metadata"] == {"edition": "1"}


def test_pages_of_foreign_digests(client: TestClient, keys: Keys) -> None:
    """Each once, in booking order, by following ``next``; what and reference narrow them."""
    for number in range(5):
        client.post(URL, json=sent(number), headers=keys["registrar"])
    client.post(URL, json=sent(9, what="dossier"), headers=keys["registrar"])
    path, found = f"{URL}?limit=2&what=gep-account", []
    while path:
        page = client.get(path, headers=keys["auditor"]).json()
        found += [each["reference"] for each in page["items"]]
        path = page["next"]
    one = client.get(URL, params={"reference": "garze/9"}, headers=keys["auditor"]).json()

    assert found == [f"garze/{number}" for number in range(5)]
    assert [each["what"] for each in one["items"]] == ["dossier"]


def test_who_may(client: TestClient, keys: Keys) -> None:
    """Preparers and registrars write; whoever reads the whole book reads."""
    writes = {
        role for role, key in keys.items()
        if client.post(URL, json=sent(), headers=key).status_code in (200, 201)
    }  # fmt: skip
    reads = {role for role, key in keys.items() if client.get(URL, headers=key).is_success}

    assert writes == {"finance.preparer", "registrar"}
    assert reads == {"finance.preparer", "finance.approver", "registrar", "auditor"}


BAD: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("no SHA-256", sent(digest="ab"), "digest"),
    ("a field too many", sent(id="x"), "id"),
    ("a name of the transit's", sent(what="transit-record"), "what"),
    ("nothing", {}, "what"),
)


@pytest.mark.parametrize(("story", "body", "at"), BAD, ids=[each[0] for each in BAD])
def test_what_is_no_foreign_digest(
    client: TestClient, keys: Keys, story: str, body: dict[str, Any], at: str
) -> None:
    """422, and the field is named."""
    answer = client.post(URL, json=body, headers=keys["registrar"])

    assert (answer.status_code, answer.json()["at"]) == (422, at), story
