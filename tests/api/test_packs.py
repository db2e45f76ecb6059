"""Packs over REST: every edition that ships, what it says, and what parts two of them."""

from fastapi.testclient import TestClient

from accounting import pack
from api.resources.gep_packs import router

Keys = dict[str, dict[str, str]]
HERE = router.prefix


def test_packs_are_listed_shown_and_compared(client: TestClient, keys: Keys) -> None:
    """A variant changes carbon and the oxygen from it; a pack and itself differ in nothing."""
    reader = keys["auditor"]
    listed = client.get(HERE, headers=reader).json()["items"]
    shown = client.get(f"{HERE}/garze-2010", headers=reader).json()
    asked = f"{HERE}/gbt46869-2025-draft/difference"
    other = {"other": "gbt46869-2025-draft-carbon-rate"}
    parted = client.get(asked, params=other, headers=reader).json()
    same = client.get(asked, params={"other": "gbt46869-2025-draft"}, headers=reader).json()

    assert {each["id"] for each in listed} == set(pack.known())
    assert shown["digest"] == pack.load("garze-2010").digest
    assert {each["service"] for each in parted} == {"carbon", "oxygen"}
    assert same == []


def test_an_unknown_pack_is_named(client: TestClient, keys: Keys) -> None:
    """404, with its code."""
    answer = client.get(f"{HERE}/garze-2010/difference?other=none", headers=keys["auditor"])

    assert (answer.status_code, answer.json()["code"]) == (404, "pack.unknown")
