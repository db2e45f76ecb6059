"""GEP over REST: who uploads, runs, submits, reviews and publishes; what each is refused."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from accounting import archive, edition, pack
from api import cases, session
from api.app import create_app
from ledger import journal
from ledger.store import Store, open_store
from tests.accounting.dossiers.forger import GARZE
from tests.api.conftest import BOOK, header

GEP = "/v1/gep"
ROLES = ("compiler", "reviewer", "publisher")
Keys = dict[str, dict[str, str]]
STEPS = (("submit", "compiler"), ("review", "reviewer"), ("approve", "publisher"),
         ("publish", "publisher"))  # fmt: skip


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """An empty book."""
    with open_store(sqlite_url) as store:
        journal.open_book(store, BOOK)
        yield store


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    """A client without a key."""
    with TestClient(create_app(store), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def people(store: Store) -> Keys:
    """Three people with one role each, and one with all of them, and two without any."""
    named = {role: header(session.new_key(store, role, f"gep.{role}", BOOK)) for role in ROLES}
    keys = [session.new_key(store, "all", f"gep.{role}", BOOK) for role in ROLES]
    others = {role: header(session.new_key(store, role, role, BOOK)) for role in
              ("auditor", "trader", "admin")}  # fmt: skip
    return {**named, "all": header(keys[0]), **others}


def garze(**changed: str) -> bytes:
    """Pack the case of Garzê, perhaps with other readings."""
    files = archive.of_folder(GARZE)
    for before, after in changed.items():
        files["readings.csv"] = files["readings.csv"].replace(before.encode(), after.encode())
    return archive.packed({f"garze/{name}": content for name, content in files.items()})


def run(client: TestClient, people: Keys, case: str = "garze-2010", **more: Any) -> str:
    """Run a case and return the digest of its dossier."""
    asked = {"case": case, **more}
    answer = client.post(f"{GEP}/runs", json=asked, headers=people["compiler"])
    assert answer.status_code == 201, answer.text
    return str(answer.json()["dossier"])


def published(client: TestClient, people: Keys, id: str, dossier: str, **more: str) -> None:
    """Draft an edition and take it through every step."""
    sent = {"id": id, "dossier": dossier, "reason": "first", **more}
    assert client.post(f"{GEP}/accounts", json=sent, headers=people["compiler"]).status_code == 201
    for action, role in STEPS:
        answer = step(client, people[role], id, action)
        assert answer.status_code == 200, answer.text


def step(client: TestClient, key: dict[str, str], id: str, action: str, **more: Any) -> Any:
    """Take a step."""
    return client.post(
        f"{GEP}/accounts/{id}/{action}", json={"reason": f"{action} it", **more}, headers=key
    )


def test_a_case_that_was_uploaded_is_run(client: TestClient, people: Keys) -> None:
    """The same files are the same case, the same run the same dossier; the total is Garzê's."""
    compiler = people["compiler"]
    sent = [client.post(f"{GEP}/cases", content=garze(), headers=compiler) for _ in range(2)]
    id = sent[0].json()["id"]
    listed = client.get(f"{GEP}/cases", headers=people["auditor"]).json()["items"]
    dossiers = {run(client, people, id), run(client, people, id)}
    account = client.get(f"{GEP}/runs/{dossiers.pop()}", headers=compiler).json()["account"]

    assert [each.status_code for each in sent] == [201, 201]
    assert sent[1].json()["id"] == id
    assert [(each["id"], each["shipped"]) for each in listed] == [
        ("garze-2010", True), (id, False),
    ]  # fmt: skip
    assert dossiers == set()
    assert account["totals"][0]["gep"] == "7548.95"
    assert client.get(f"{GEP}/cases/{id}", headers=compiler).json()["case"] == "garze-2010"


def test_only_what_a_case_names_is_kept(client: TestClient, people: Keys) -> None:
    """A note beside the case is none of it; a name that begins with ./ is."""
    files = archive.of_folder(GARZE) | {"note.txt": b"private"}
    files["case.toml"] = files["case.toml"].replace(b'"readings.csv"', b'"./readings.csv"')
    sent = client.post(f"{GEP}/cases", content=archive.packed(files), headers=people["compiler"])
    dossier = run(client, people, sent.json()["id"])
    kept = client.get(f"{GEP}/runs/{dossier}/dossier", headers=people["auditor"]).content

    assert {name for name in archive.unpacked(kept) if name.startswith("inputs/")} == {
        f"inputs/{name}" for name in files if name != "note.txt"
    }


def test_a_case_with_findings_is_refused_whole(client: TestClient, people: Keys) -> None:
    """422 with file, row and field; nothing is kept."""
    wrong = garze(**{"water_use_domestic,1.36": "water_use_domestic,many"})
    answer = client.post(f"{GEP}/cases", content=wrong, headers=people["compiler"])
    listed = client.get(f"{GEP}/cases", headers=people["auditor"]).json()["items"]

    assert answer.status_code == 422
    (found,) = answer.json()["findings"]
    assert (found["code"], found["file"], found["row"], found["field"]) == (
        "figure.not-a-number", "readings.csv", 6, "value",
    )  # fmt: skip
    assert [each["id"] for each in listed] == ["garze-2010"]


def hostile() -> dict[str, bytes]:
    """Pack what somebody might send who means harm."""
    toml = (GARZE / "case.toml").read_bytes()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("case.toml", b"0" * (20 << 20))
    outside = toml.replace(b'"readings.csv"', b'"../../../../etc/passwd"')
    absolute = toml.replace(b'"readings.csv"', b'"/etc/passwd"')
    return {
        "no archive": b"case",
        "a bomb": out.getvalue(),
        "a file outside": archive.packed({"case.toml": outside}),
        "a file of the machine": archive.packed({"case.toml": absolute}),
        "no case": archive.packed({"a.csv": b"1"}),
        "no readings": archive.packed({"case.toml": toml}),
        "beyond the limit": b"0" * (9 << 20),
    }


@pytest.mark.parametrize("how", list(hostile()))
def test_a_hostile_upload_is_refused(client: TestClient, people: Keys, how: str) -> None:
    """422, nothing of the machine's own files in the answer, nothing kept."""
    answer = client.post(f"{GEP}/cases", content=hostile()[how], headers=people["compiler"])

    assert answer.status_code == 422, answer.text
    assert "root:" not in answer.text
    assert client.get(f"{GEP}/cases", headers=people["auditor"]).json()["items"][1:] == []


def test_three_keys_publish_and_anybody_verifies(client: TestClient, people: Keys) -> None:
    """Every step is in the answer with person, time and reason; the dossier verifies."""
    published(client, people, "garze-1", run(client, people))
    auditor = people["auditor"]
    found = client.get(f"{GEP}/accounts/garze-1", headers=auditor).json()
    verified = client.get(f"{GEP}/accounts/garze-1/verification", headers=auditor).json()
    content = client.get(f"{GEP}/accounts/garze-1/dossier", headers=auditor).content
    tables = client.get(f"{GEP}/accounts/garze-1/statements", headers=auditor).json()
    csv = client.get(f"{GEP}/accounts/garze-1/statements/monetary?format=csv", headers=auditor)

    assert [(each["state"], each["name"]) for each in found["steps"]] == [
        ("draft", "compiler"), ("submitted", "compiler"), ("reviewed", "reviewer"),
        ("approved", "publisher"), ("published", "publisher"),
    ]  # fmt: skip
    assert all(each["at"] and each["seq"] and each["reason"] for each in found["steps"])
    assert (verified["digest"], verified["findings"]) == (found["digest"], [])
    assert verified["reports"] == ["report.en.pdf", "report.pdf"]
    assert archive.unpacked(content)["report.pdf"].startswith(b"%PDF")
    assert verified["figures"] > 2000
    assert json.loads(archive.unpacked(content)["dossier.json"])["digest"] == found["digest"]
    assert {"physical", "monetary", "totals", "by_type"} <= set(tables)
    assert csv.status_code == 200
    assert csv.content.startswith("\ufeff".encode()) or b"," in csv.content


def test_a_figure_is_explained_down_to_its_reading(client: TestClient, people: Keys) -> None:
    """1.36 亿 m3 that households used, at 2.6 CNY/m3; what is not in the account is 404."""
    published(client, people, "garze-1", run(client, people))
    at, auditor = f"{GEP}/accounts/garze-1/explain", people["auditor"]
    cell = {"cell": "513300/all/water-supply/domestic/2010"}
    told = client.get(at, params=cell, headers=auditor).json()
    wrong = client.get(at, params={"cell": "1/2/3/2010"}, headers=auditor)

    assert told["value_cny"] == pytest.approx(353_600_000)
    assert [each["reading"]["typed"] for each in told["steps"] if each["reading"]] == ["1.36"]
    assert (wrong.status_code, wrong.json()["code"]) == (404, "explain.unknown-cell")


def test_one_person_with_three_grants_is_refused(client: TestClient, people: Keys) -> None:
    """403 for a second role on one edition, whatever the grants."""
    everybody = people["all"]
    sent = {"id": "garze-1", "dossier": run(client, people), "reason": "first"}
    client.post(f"{GEP}/accounts", json=sent, headers=everybody)
    submitted = step(client, everybody, "garze-1", "submit")
    own = step(client, everybody, "garze-1", "review")
    step(client, people["reviewer"], "garze-1", "review")
    approved = step(client, everybody, "garze-1", "approve")

    assert submitted.status_code == 200
    assert [(each.status_code, each.json()["code"]) for each in (own, approved)] == [
        (403, "edition.same-person")
    ] * 2


def test_writes_are_idempotent_and_conflicts_are_told(client: TestClient, people: Keys) -> None:
    """Drafted and submitted again: the same. Another dossier under the name: 409."""
    dossier, other = run(client, people), run(client, people, draws=10_000)
    sent = {"id": "garze-1", "dossier": dossier, "reason": "first"}
    posts = [
        client.post(f"{GEP}/accounts", json=each, headers=people["compiler"])
        for each in (sent, sent, sent | {"dossier": other}, sent | {"reason": "second"})
    ]
    steps = [step(client, people["compiler"], "garze-1", "submit") for _ in range(2)]
    stale = step(client, people["reviewer"], "garze-1", "review", after=1)

    assert [each.status_code for each in posts] == [201, 200, 409, 409]
    assert posts[2].json()["code"] == "edition.exists"
    assert [len(each.json()["steps"]) for each in steps] == [2, 2]
    assert (stale.status_code, stale.json()["code"]) == (409, "edition.moved-on")


def test_a_revision_tells_its_difference_and_supersedes(client: TestClient, people: Keys) -> None:
    """10.4 million of data; the old edition stays readable, and can be revised no more."""
    published(client, people, "garze-1", run(client, people))
    changed = garze(**{"water_use_domestic,1.36": "water_use_domestic,1.40"})
    case = client.post(f"{GEP}/cases", content=changed, headers=people["compiler"]).json()["id"]
    dossier = run(client, people, case)
    published(client, people, "garze-2", dossier, replaces="garze-1")
    auditor = people["auditor"]
    told = client.get(f"{GEP}/accounts/garze-2/difference", headers=auditor).json()
    old = client.get(f"{GEP}/accounts/garze-1", headers=auditor).json()
    again = {"id": "garze-3", "dossier": dossier, "reason": "x", "replaces": "garze-1"}
    late = client.post(f"{GEP}/accounts", json=again, headers=people["compiler"])
    none = client.get(f"{GEP}/accounts/garze-1/difference", headers=auditor)

    (row,) = told["difference"]["rows"]
    assert (row["service"], row["data"], row["parameter"]) == (
        "water-supply/domestic", "10400000.00", "0.00",
    )  # fmt: skip
    assert (old["state"], old["steps"][-1]["by"]) == ("superseded", "garze-2")
    assert client.get(f"{GEP}/accounts/garze-1/verification", headers=auditor).json()[
        "findings"
    ] == []  # fmt: skip
    assert (late.status_code, late.json()["code"]) == (409, "edition.not-published")
    assert (none.status_code, none.json()["code"]) == (404, "gep.not-a-revision")


def test_a_pack_that_is_not_as_shipped_needs_an_override(client: TestClient, people: Keys) -> None:
    """A case that brings its own pack is published only with a reason, which stays in the log."""
    files = archive.of_folder(GARZE)
    shipped = Path(pack.__file__).parent / "packs" / "garze-2010" / "2010.toml"
    files["pack.toml"] = shipped.read_bytes().replace(b'value = "2.6"', b'value = "3.0"', 1)
    named = files["case.toml"].replace(b"years =", b'pack_file = "pack.toml"\nyears =')
    sent = archive.packed({**files, "case.toml": named})
    case = client.post(f"{GEP}/cases", content=sent, headers=people["compiler"]).json()["id"]
    draft = {"id": "garze-1", "dossier": run(client, people, case), "reason": "first"}
    client.post(f"{GEP}/accounts", json=draft, headers=people["compiler"])
    for action, role in STEPS[:3]:
        step(client, people[role], "garze-1", action)
    refused = step(client, people["publisher"], "garze-1", "publish")
    done = step(client, people["publisher"], "garze-1", "publish", override="trial, meeting 12")

    assert (refused.status_code, refused.json()["code"]) == (422, "edition.needs-override")
    assert refused.json()["why"] == "not a pack as shipped"
    assert done.json()["state"] == "published"
    assert done.json()["steps"][-1]["override"] == "trial, meeting 12"


def test_pages_of_editions_and_runs(client: TestClient, people: Keys) -> None:
    """Each once, by following ``next``."""
    dossier = run(client, people)
    run(client, people, draws=10_000)
    run(client, people, draws=10_000, seed=2)
    for number in range(3):
        sent = {"id": f"garze-{number}", "dossier": dossier, "reason": "x"}
        client.post(f"{GEP}/accounts", json=sent, headers=people["compiler"])
    found: dict[str, list[str]] = {}
    for name, key in (("accounts", "id"), ("runs", "dossier"), ("packs", "id"), ("cases", "id")):
        path, found[name] = f"{GEP}/{name}?limit=2", []
        while path:
            page = client.get(path, headers=people["auditor"]).json()
            found[name] += [each[key] for each in page["items"]]
            path = page["next"]

    assert found["accounts"] == [f"garze-{number}" for number in range(3)]
    assert len(set(found["runs"])) == len(found["runs"]) == 3
    assert "garze-2010" in found["packs"]
    assert found["cases"] == ["garze-2010"]


REFUSED = (
    ("runs", {"case": "nobody"}, 404, "gep.unknown-case"),
    ("runs", {"case": "../garze-2010"}, 404, "gep.unknown-case"),
    ("runs", {"case": "garze-2010", "pack": "x"}, 404, "pack.unknown"),
    ("runs", {"case": "garze-2010", "year": 1999}, 422, "run.unknown-year"),
    ("runs", {"case": "garze-2010", "draws": 20_001}, 422, "http.invalid"),
    ("runs", {"case": "garze-2010", "draws": 5}, 422, "uncertainty.too-few-draws"),
    ("runs", {"case": "garze-2010", "more": 1}, 422, "http.invalid"),
    ("accounts", {"id": "A b", "dossier": "00" * 32, "reason": "x"}, 422, "http.invalid"),
    ("accounts", {"id": "a", "dossier": "00" * 32, "reason": "x"}, 404, "archive.unknown"),
    ("accounts", {"id": "a", "dossier": "00", "reason": "x"}, 422, "http.invalid"),
    ("accounts/none/submit", {"reason": "x"}, 404, "edition.unknown"),
    ("accounts/none/eat", {"reason": "x"}, 422, "http.invalid"),
    ("accounts/none/submit", {"reason": ""}, 422, "http.invalid"),
)  # fmt: skip


@pytest.mark.parametrize(("path", "sent", "status", "code"), REFUSED)
def test_what_is_refused(
    client: TestClient, people: Keys, path: str, sent: dict[str, Any], status: int, code: str
) -> None:
    """Each with its status and its code, as a problem object."""
    answer = client.post(f"{GEP}/{path}", json=sent, headers=people["compiler"])

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_who_may(client: TestClient, people: Keys, store: Store) -> None:
    """Readers of GEP read, compilers compute and draft; a key of another book sees nothing."""
    journal.open_book(store, "other")
    stranger = header(session.new_key(store, "stranger", "gep.compiler", "other"))
    dossier = run(client, people)
    published(client, people, "garze-1", dossier)
    reads = ("cases", "cases/garze-2010", "runs", f"runs/{dossier}", f"runs/{dossier}/dossier",
             "accounts", "accounts/garze-1", "accounts/garze-1/account", "packs/garze-2010",
             "accounts/garze-1/dossier", "accounts/garze-1/statements")  # fmt: skip
    writes: tuple[tuple[str, Any], ...] = (
        ("cases", None), ("runs", {"case": "garze-2010"}),
        ("accounts", {"id": "b", "dossier": dossier, "reason": "x"}),
    )  # fmt: skip

    for path in reads:
        said = {name: client.get(f"{GEP}/{path}", headers=key).status_code
                for name, key in people.items()}  # fmt: skip
        assert {name for name, status in said.items() if status == 200} == {
            "compiler", "reviewer", "publisher", "all", "auditor",
        }, path  # fmt: skip
        assert client.get(f"{GEP}/{path}").status_code == 401
        if not path.startswith("packs"):
            assert client.get(f"{GEP}/{path}", headers=stranger).status_code == 403, path
    for path, sent in writes:
        for name in ("reviewer", "publisher", "auditor", "trader", "admin"):
            answer = client.post(f"{GEP}/{path}", json=sent, headers=people[name])
            assert answer.status_code == 403, (path, name)


def test_one_account_is_computed_at_a_time(
    client: TestClient, people: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another is computed, the next is told to come again."""
    monkeypatch.setattr(cases, "WAITED_S", 0)
    with cases.COMPUTING:
        answer = client.post(f"{GEP}/runs", json={"case": "garze-2010"}, headers=people["compiler"])

    assert (answer.status_code, answer.json()["code"]) == (409, "gep.busy")
    assert run(client, people)


def test_nobody_writes_a_step_by_hand(client: TestClient, store: Store) -> None:
    """A preparer who writes foreign digests cannot write the step of an edition."""
    key = header(session.new_key(store, "preparer", "finance.preparer", BOOK))
    sent = {"what": edition.WHAT, "reference": "garze-1/1", "digest": "ab" * 32}
    answer = client.post(f"/v1/books/{BOOK}/foreign-digests", json=sent, headers=key)

    assert (answer.status_code, answer.json()["code"]) == (422, "ledger.malformed")
