"""A stranger starts: from an empty folder to a verified book, and through every kind of mistake."""

import csv
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from api.cli import app

CHART = """
[[commodity]]
code = "CNY"
unit = "CNY"
scale = 2
kind = "money"

[[account]]
code = "T1:1001国库存款"
class = "asset"
basis = "accrual"
floor = "0"

[[account]]
code = "T1:4002非税收入"
class = "income"
basis = "accrual"
"""
TREASURY, REVENUE = "T1:1001国库存款", "T1:4002非税收入"


class Desk:
    """Somebody at a terminal, with one database and one folder."""

    def __init__(self, url: str, folder: Path, key: str | None = None) -> None:
        self.url, self.folder, self.key = url, folder, key

    def gep(self, *words: str, given: str | None = None) -> tuple[int, str, str]:
        """Run a command; return exit code, output and errors."""
        env = {"GEP_DATABASE_URL": self.url, "GEP_KEY": self.key}
        result = CliRunner().invoke(app, list(words), env=env, input=given)
        assert result.exception is None or isinstance(result.exception, SystemExit), words
        return result.exit_code, result.stdout, result.stderr

    def file(self, name: str, content: str | bytes) -> str:
        """Write a file and return its path."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def json(self, *words: str) -> Any:
        """Run a command with --json and read what it printed."""
        _, output, _ = self.gep(*words, "--json")
        return json.loads(output)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Desk:
    """A desk before a book with the stranger's chart."""
    made = Desk(database_url, tmp_path)
    assert made.gep("migrate")[0] == 0
    assert made.gep("book", "new", "main")[0] == 0
    assert made.gep("chart", "load", made.file("chart.toml", CHART))[0] == 0
    return made


def line(id: str, amount: str, **more: object) -> str:
    """Write one transaction as a line of JSON."""
    postings = [
        {"account": TREASURY, "commodity": "CNY", "amount": amount},
        {"account": REVENUE, "commodity": "CNY", "amount": f"-{amount}".replace("--", "")},
    ]
    sent = {"id": id, "effective_on": "2026-01-31", "narrative": id, "postings": postings}
    return json.dumps(sent | more, ensure_ascii=False) + "\n"


def test_from_template_to_verified(desk: Desk) -> None:
    """The example file posts as it is, in all three forms, once; the books verify."""
    for number, form in enumerate(("jsonl", "csv", "xlsx")):
        path = str(desk.folder / f"example.{form}")
        assert desk.gep("post", path, "--template")[0] == 0
        code, output, _ = desk.gep("post", path)
        assert (code, output) == (0, "1 posted\n" if number == 0 else "1 replayed\n")

    trial = desk.json("trial-balance")
    assert [row["difference"] for row in trial["rows"]] == ["0.00"]
    assert desk.gep("verify")[1].startswith("verified")


def test_two_people(desk: Desk) -> None:
    """Whoever prepared cannot approve; the approver's key can, and cannot post."""
    sent = desk.file("t.jsonl", line("t", "100", kind="fiscal.transfer"))
    assert desk.gep("post", sent)[1] == "1 held\n"
    (waiting,) = desk.json("proposals")
    by_himself = desk.gep("approve", waiting["id"])
    _, key, _ = desk.gep("key", "new", "--user", "li", "--role", "finance.approver")
    approver = Desk(desk.url, desk.folder, key.strip())

    assert (by_himself[0], "ledger.self-approval" in by_himself[2]) == (2, True)
    assert approver.gep("post", sent)[0] == 2
    assert approver.gep("approve", waiting["id"])[0] == 0
    assert desk.gep("post", sent)[1] == "1 replayed\n"
    assert Desk(desk.url, desk.folder, "gep_nobody").gep("balance")[0] == 2


def test_a_mistake_is_taken_back(desk: Desk) -> None:
    """Once, on a day, with a reason; again it is a replay."""
    desk.gep("post", desk.file("r.jsonl", line("r", "100", narrative="twice :id: :smile:")))
    register = desk.gep("register")[1]
    id = desk.json("register")["rows"][0]["id"]
    said = [
        desk.gep("reverse", id, "--on", "2026-02-01", "--narrative", "entered twice")[:2]
        for _ in range(2)
    ]

    assert "twice :id: :smile:" in register
    assert [(code, output.split()[0]) for code, output in said] == [(0, "posted"), (0, "replayed")]
    assert desk.gep("verify")[0] == 0
    assert desk.gep("reverse", id, "--on", "someday", "--narrative", "x")[0] == 2


def test_a_fault_of_the_heading_names_its_file(desk: Desk) -> None:
    """As every other finding does."""
    code, _, errors = desk.gep("post", desk.file("h.csv", "id,effective_on,colour\n1,2,3\n"))

    assert code == 2
    assert all(each.startswith("h.csv:1:") for each in errors.strip().splitlines())
    assert "colour" in errors


def test_a_key_of_one_entity_posts_to_no_other(desk: Desk) -> None:
    """The grant names T2: a line of T1 is refused by its row."""
    _, key, _ = desk.gep(
        "key", "new", "--user", "t2", "--role", "finance.preparer", "--entity", "T2"
    )
    code, _, errors = Desk(desk.url, desk.folder, key.strip()).gep(
        "post", desk.file("t.jsonl", line("t", "1"))
    )

    assert code == 2
    assert ":1: ledger.not-permitted" in errors


BAD = (
    line("good", "10"),
    line("unbalanced", "5").replace('"-5"', '"-4.99"'),
    line("unknown", "5").replace(TREASURY, "T1:9999"),
    line("overdrawn", "-500"),
    '{"id": "malformed", "effective_on":\n',
    line("number", "5").replace('"5"', "5"),
)
CODES = {
    2: "ledger.unbalanced",
    3: "ledger.unknown-account",
    4: "ledger.floor",
    5: "ledger.malformed",
    6: "ledger.malformed",
}


def test_bad_lines_are_named_and_the_mended_file_posts(desk: Desk) -> None:
    """Exit 2, each row with its code, nothing of those lines posted; --attempt 2 posts the rest."""
    bad = desk.file("bad.jsonl", "".join(BAD))
    code, output, errors = desk.gep("post", bad)
    assert (code, output) == (2, "1 posted, 5 refused\n")
    for row, refusal in CODES.items():
        assert f"bad.jsonl:{row}:" in errors
        assert refusal in errors.splitlines()[row - 2]

    mended = (
        BAD[0], line("unbalanced", "5"), line("unknown", "5"), line("overdrawn", "50"),
        line("malformed", "5"), line("number", "5"),
    )  # fmt: skip
    code, output, _ = desk.gep("post", desk.file("bad.jsonl", "".join(mended)), "--attempt", "2")
    assert (code, output) == (0, "1 replayed, 5 posted\n")
    assert desk.gep("post", bad, "--attempt", "3")[1] == "6 replayed\n"
    rows = desk.json("balance", TREASURY)["rows"]
    assert rows[0]["balance"] == "80.00"


def test_an_earlier_line_with_another_content_is_a_conflict(desk: Desk) -> None:
    """What attempt 1 posted cannot be posted differently by attempt 2."""
    desk.gep("post", desk.file("a.jsonl", line("a", "1")))
    code, _, errors = desk.gep("post", desk.file("a.jsonl", line("a", "2")), "--attempt", "2")

    assert (code, "ledger.id-conflict" in errors) == (2, True)


def test_all_or_nothing(desk: Desk) -> None:
    """--atomic posts nothing of a file with one bad line, and burns no id."""
    code, output, _ = desk.gep("post", "--atomic", desk.file("b.jsonl", "".join(BAD[:4])))
    assert (code, output) == (2, "4 refused\n")
    assert desk.gep("post", desk.file("b.jsonl", "".join(BAD[:1])))[1] == "1 posted\n"


HEAD = "id,effective_on,kind,narrative,reference,account,commodity,amount\n"
ROWS = "r1,2026-01-31,transaction,税,1,T1:1001国库存款,CNY,1.00\nr1,,,,,T1:4002非税收入,CNY,-1.00\n"
ODD: tuple[tuple[str, str, bytes, int, str], ...] = (
    ("a mark and CRLF", "f.csv", ("\ufeff" + HEAD + ROWS).replace("\n", "\r\n").encode(), 0, ""),
    ("GBK", "f.csv", (HEAD + ROWS).encode("gbk"), 0, ""),
    ("no account column", "f.csv", b"id,commodity,amount\n", 2, "post.missing-column"),
    ("an unknown column", "f.csv", (HEAD.strip() + ",memo\n").encode(), 2, "post.unknown-column"),
    ("an id again", "f.csv", (HEAD + ROWS + ROWS.replace("r1", "r2") + ROWS).encode(), 2, ":6:id"),
    ("two dates", "f.csv", (HEAD + ROWS.replace("r1,,", "r1,2026-02-01,")).encode(), 2,
     ":2:effective_on"),
    ("a comma in an amount", "f.csv", (HEAD + ROWS.replace("1.00\n", '"1,000"\n', 1)).encode(), 2,
     "amount"),
    ("too many cells", "f.csv", (HEAD + ROWS.replace("1.00\n", "1.00,,,\n", 1)).encode(), 2,
     ":2:row"),
    ("an open quote", "f.csv", (HEAD + '"r1,').encode(), 2, "post.broken-csv"),
    ("nothing", "f.csv", b"", 2, "post.missing-column"),
    ("no workbook", "f.xlsx", b"PK not really", 2, "post.broken-xlsx"),
    ("another form", "f.pdf", b"%PDF", 2, "post.unknown-format"),
    ("a key twice", "f.jsonl", b'{"id": "a", "id": "b"}\n', 2, ":1:line"),
    ("NaN", "f.jsonl", b'{"id": NaN}\n', 2, ":1:line"),
    ("deep", "f.jsonl", b"[" * 100_000, 2, ":1:line"),
    ("a list", "f.jsonl", b"[]\n", 2, ":1:line"),
    ("not UTF-8", "f.jsonl", b'{"id": "\xff"}\n', 2, ":1:line"),
    ("huge", "f.jsonl", b'{"id": "' + b"x" * (5 << 20) + b'"}\n' + line("ok", "1").encode(), 2,
     ":1:line"),
    ("no id", "f.jsonl", b'{"postings": []}\n', 2, ":1:id"),
    ("blank lines", "f.jsonl", b"\n\n" + line("ok", "1").encode() + b"\n", 0, ""),
)  # fmt: skip


@pytest.mark.parametrize(("story", "name", "content", "code", "told"), ODD, ids=[o[0] for o in ODD])
def test_odd_files(
    sqlite_url: str, tmp_path: Path, story: str, name: str, content: bytes, code: int, told: str
) -> None:
    """Read, or refused with the place; never a traceback."""
    desk = Desk(sqlite_url, tmp_path)
    desk.gep("book", "new")
    desk.gep("chart", "load", desk.file("chart.toml", CHART))
    exit_code, _, errors = desk.gep("post", desk.file(name, content))

    assert exit_code == code, (story, errors)
    assert told in errors
    assert desk.gep("verify")[0] == 0


def test_a_workbook_with_numbers_dates_and_a_formula(desk: Desk) -> None:
    """Numbers and dates are read as typed; a formula is no amount."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD.strip().split(","))
    day = dt.datetime(2026, 1, 31)  # noqa: DTZ001 (a day in a sheet has no zone)
    sheet.append(["x1", day, "transaction", "n", None, TREASURY, "CNY", 0.1])
    sheet.append(["x1", None, None, None, None, REVENUE, "CNY", -0.1])
    sheet.append(["x2", day, "transaction", "n", None, TREASURY, "CNY", "=1+1"])
    sheet.append(["x2", None, None, None, None, REVENUE, "CNY", -2])
    path = desk.folder / "book.xlsx"
    book.save(path)
    code, output, errors = desk.gep("post", str(path))

    assert (code, output) == (2, "1 posted, 1 refused\n")
    assert ":4:postings[0].amount" in errors


def test_exports_read_back(desk: Desk) -> None:
    """Every statement in every form; the journal verifies alone; nothing is written over."""
    desk.gep("post", desk.file("t.jsonl", line("=1+1", "100") + line("b", "1.5")))
    for name in ("trial-balance", "balances", "register", "holdings"):
        for form in ("csv", "json", "xlsx"):
            path = str(desk.folder / f"{name}.{form}")
            assert desk.gep("export", name, "-o", path, "--locale", "en")[0] == 0
    register = (desk.folder / "register.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(register.splitlines()))
    assert [row["Narrative"] for row in rows] == ["'=1+1", "'=1+1", "b", "b"]
    assert [row["Debit"] for row in rows] == ["100.00", "", "1.50", ""]
    assert json.loads((desk.folder / "register.json").read_text())["rows"][0][7] == "100.00"
    sheet = openpyxl.load_workbook(desk.folder / "register.xlsx").active
    assert sheet is not None
    assert sheet["H2"].value == 100

    journal = str(desk.folder / "journal.jsonl")
    assert desk.gep("export", "journal", "-o", journal)[0] == 0
    assert desk.gep("export", "journal", "-o", journal)[0] == 2
    assert desk.gep("verify", journal)[0] == 0
    forged = Path(journal).read_text().replace('"100.00"', '"900.00"')
    code, output, _ = desk.gep("verify", desk.file("forged.jsonl", forged))
    assert (code, "verify.leaf" in output) == (1, True)


WRONG = (
    ("balance", "--database", "nonsense"),
    ("balance", "--database", "mysql://x"),
    ("balance", "--database", "sqlite:////no/such/folder/x.db"),
    ("balance", "--database", "postgresql+psycopg://nobody@127.0.0.1:1/x"),
    ("balance", "--book", "nobody's"),
    ("balance", "--as-of", "yesterday"),
    ("register", "--known-at", "then"),
    ("export", "poem"),
    ("export", "register", "--format", "poem"),
    ("export", "trial-balance", "--from", "2026-01-01"),
    ("post", "no-such-file.csv"),
    ("approve", "42"),
    ("approve", "00000000-0000-0000-0000-000000000001"),
    ("chart", "load", "no-such-file.toml"),
    ("key", "new", "--user", "x", "--role", "emperor"),
    ("verify", "no-such-file.jsonl"),
    ("book", "new", "other", "--time-zone", "Moon/Crater"),
    ("case", "run", "no-such-case"),
    ("bench", "poem"),
)


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_words_are_refused_in_a_line(
    sqlite_url: str, tmp_path: Path, words: list[str]
) -> None:
    """Exit 2 and a message with a code; as JSON too."""
    desk = Desk(sqlite_url, tmp_path)
    desk.gep("book", "new")
    code, _, errors = desk.gep(*words)
    as_json, output, _ = desk.gep(*words, "--json")

    assert (code, as_json) == (2, 2)
    assert errors.strip()
    assert json.loads(output)["findings"][0]["code"]


def test_killed_half_way_and_run_again(desk: Desk) -> None:
    """`kill -9` in the middle of a file of 3,000 lines: run again, everything once."""
    lines = "".join(line(f"k{number}", "1") for number in range(3_000))
    path = desk.file("k.jsonl", lines)
    words = [sys.executable, "-c", "from api.cli import main; main()", "post", path]
    env = {**os.environ, "GEP_DATABASE_URL": desk.url}
    process = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL)
    while process.poll() is None and desk.json("balance", TREASURY)["rows"] == []:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    code, output, _ = desk.gep("post", path)

    assert code == 0
    assert "posted" in output or "replayed" in output
    rows = desk.json("balance", TREASURY)["rows"]
    assert rows[0]["balance"] == "3000.00"
    assert desk.gep("verify")[0] == 0
