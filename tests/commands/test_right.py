"""`gep right` as the registry's keeper uses it: events from files, tables, and every refusal."""

import json
from pathlib import Path

import pytest

from api.commands.right import TEMPLATE
from ledger.rights import instrument
from ledger.rights.catalogue import CATALOGUE
from tests.commands.test_stranger import Desk


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Desk:
    """A book, a registry, one holder, and the example events of the command itself."""
    desk = Desk(sqlite_url, tmp_path)
    for words in (
        ("book", "new", "main", "--command-line"),
        ("right", "open", "1001", "--registry", "CRC", "--party", "plant", "--name", "电厂"),
    ):
        assert desk.gep(*words)[0] == 0
    return desk


def test_the_example_runs_and_runs_again(desk: Desk) -> None:
    """Five events post, then are replays; tables say where 900 t stand."""
    file = desk.file("events.csv", desk.gep("right", "post", "--template")[1])
    first, again = desk.gep("right", "post", file), desk.gep("right", "post", file)
    waterfall = desk.json("right", "waterfall")["rows"]
    compliance = desk.json("right", "compliance", "--on", "2025-01-01")["rows"]
    blocks = desk.json("right", "show", "CEA.2023")["blocks"]

    assert (first[:2], again[:2]) == ((0, "5 posted\n"), (0, "5 replayed\n"))
    assert {key: waterfall[0][key] for key in ("issued", "pools", "free", "surrendered")} == {
        "issued": "900", "pools": "400", "free": "200", "surrendered": "300",
    }  # fmt: skip
    assert waterfall[0]["difference"] == "0"
    assert (compliance[0]["operator"], compliance[0]["status"]) == ("1001", "met")
    assert [(each["account"], each["first"], each["last"]) for each in blocks] == [
        ("CRC:Holding:1001:Free", 301, 500), ("CRC:Pool:Total", 501, 900),
        ("CRC:Sink:Surrendered:2023", 1, 300),
    ]  # fmt: skip
    assert desk.gep("verify")[0] == 0


def test_each_refusal_names_its_row_and_the_others_post(desk: Desk) -> None:
    """Of four lines two are wrong: exit 2, and two are in the books."""
    lines = [line.split(",") for line in TEMPLATE.splitlines()]
    sent = [dict(zip(lines[0], cells, strict=True)) for cells in lines[1:]]
    sent[1]["amount"], sent[3]["colour"] = "1001", "green"
    text = "\n".join(json.dumps({k: v for k, v in each.items() if v}) for each in sent[:4])
    code, said, errors = desk.gep("right", "post", "-", given=text)

    assert (code, said) == (2, "1 posted, 3 refused\n")
    assert [line.partition(": ")[0] for line in errors.splitlines()] == ["-:2", "-:3", "-:4:colour"]
    assert "rights.over-cap" in errors


def test_a_default_is_exit_1(desk: Desk) -> None:
    """300 t owed after the last day of 2024."""
    file = desk.file("events.csv", "\n".join(TEMPLATE.splitlines()[:-1]))
    assert desk.gep("right", "post", file)[0] == 0

    assert desk.gep("right", "compliance", "--on", "2024-12-31")[0] == 0
    assert desk.gep("right", "compliance", "--on", "2025-01-01")[0] == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.toml", "x = 1", "post.unknown-format"),
        ("a.csv", "id,id\n1,2\n", "post.column-twice"),
        ("a.csv", "id\n1,2\n", "post.row-too-long"),
        ("a.csv", 'id\n"1', "post.broken-csv"),
        ("a.csv", b"\xff\xfe\x00", "post.encoding"),
        ("a.csv", "id,event\n1,issue\n", "ledger.malformed"),
        ("a.jsonl", b"\xff\n", "ledger.malformed"),
        ("a.jsonl", "[]\n{\n", "ledger.malformed"),
        ("a.jsonl", '{"id": {"a": 1}}', "ledger.malformed"),
        ("a.jsonl", '{"id": "0193e6c0-0000-7000-8000-000000000001", "on": []}', "ledger.malformed"),
        ("missing.csv", None, "file.unusable"),
    ],
)
def test_a_broken_file_is_refused_without_a_traceback(
    desk: Desk, name: str, content: str | bytes | None, told: str
) -> None:
    """Exit 2, one line that says what is wrong."""
    file = desk.file(name, content) if content is not None else str(desk.folder / name)
    code, _, errors = desk.gep("right", "post", file)

    assert code == 2
    assert told in errors


def test_rules_and_events_are_listed(desk: Desk) -> None:
    """Every instrument with its rules of a day; every event with what it needs."""
    listed = desk.json("right", "rules", "--on", "2024-12-31")["rows"]
    events = desk.json("right", "events")

    assert {row["instrument"] for row in listed} == set(instrument.catalogue())
    assert [each["event"] for each in events] == list(CATALOGUE)
    assert desk.gep("right", "events")[1].count("\n") == len(CATALOGUE)
    assert desk.gep("right", "rules", "gold")[0] == 2
    assert desk.gep("right", "show", "GOLD")[0] == 2


def test_a_key_that_keeps_another_registry_enters_nothing(desk: Desk) -> None:
    """An auditor of the book, and a registrar of another entity: refused, row by row."""
    file = desk.file("events.csv", TEMPLATE)
    for grant in (("--role", "auditor"), ("--role", "registrar", "--entity", "OTHER")):
        made = desk.gep("key", "new", "--user", "u", *grant)
        stranger = Desk(desk.url, desk.folder, made[1].strip())
        code, said, errors = stranger.gep("right", "post", file)

        assert (code, said) == (2, "5 refused\n")
        assert errors.count("ledger.not-permitted") == 5
