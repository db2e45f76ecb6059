"""What the description of the interface says of every route, and what all of them refuse."""

import re

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import BOOK

Keys = dict[str, dict[str, str]]
ROLES = re.compile(
    r"needs |roles? |any key|traders|whoever|open to anybody|anybody with", re.IGNORECASE
)


def test_every_route_says_who_may_call_it(client: TestClient) -> None:
    """The description of a route names its roles; that of one open to anybody says so."""
    paths = client.get("/openapi.json").json()["paths"]
    for path, verbs in paths.items():
        for verb, described in verbs.items():
            said = described.get("description", "")
            assert ROLES.search(said), (verb, path)


@pytest.mark.parametrize("name", ["cursor", "known_at", "first", "second"])
def test_a_number_that_no_record_has_is_refused(client: TestClient, keys: Keys, name: str) -> None:
    """422, not an error of the database, wherever a list is read on from a record."""
    paths = client.get("/openapi.json").json()["paths"]
    asked = [
        path.replace("{book}", BOOK)
        for path, verbs in paths.items()
        for each in verbs.get("get", {}).get("parameters", ())
        if each["name"] == name and each["schema"].get("type", "integer") == "integer"
    ]

    assert asked
    for path in asked:
        answer = client.get(path, params={name: 2**63}, headers=keys["auditor"])
        assert answer.status_code == 422, (path, answer.text)
