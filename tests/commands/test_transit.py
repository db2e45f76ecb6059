"""At a terminal: a payment into another book, and the digest of what is kept elsewhere."""

from hashlib import sha256
from pathlib import Path

import pytest

from tests.commands.test_stranger import CHART, REVENUE, TREASURY, Desk

TRANSIT = '\n[[account]]\ncode = "T1:Transit:{}"\nclass = "asset"\nbasis = "accrual"\n'
PAY = (
    "transit", "send", "109.00", "CNY", "--to", "county", "--payer", REVENUE, "--charged",
    REVENUE, "--payee", TREASURY, "--credited", REVENUE, "--book", "province",
)  # fmt: skip


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Desk:
    """A desk before two books, each with an account of the transit to the other."""
    made = Desk(database_url, tmp_path)
    assert made.gep("migrate")[0] == 0
    for book, other in (("province", "county"), ("county", "province")):
        chart = made.file(f"{book}.toml", CHART + TRANSIT.format(other))
        assert made.gep("book", "new", book)[0] == 0
        assert made.gep("chart", "load", chart, "--book", book)[0] == 0
    return made


def test_sent_listed_and_delivered(desk: Desk) -> None:
    """Once, however often it is sent and delivered; both books verify."""
    id = "0193e6c0-0000-7000-8000-000000000001"
    first, again = (desk.json(*PAY, "--id", id) for _ in range(2))
    (waits,) = desk.json("transit", "list", "--book", "province")
    said = desk.gep("transit", "list", "--book", "province")[1]
    code, output, _ = desk.gep("transit", "deliver", "--book", "province")

    assert (first["status"], again["status"], waits["id"]) == ("posted", "replayed", id)
    assert f"{id}  county  109.00 CNY  since " in said or f"{id}  county  -109.00 CNY" in said
    assert (code, "received as record" in output, "0 in transit" in output) == (0, True, True)
    assert desk.gep("transit", "deliver", "--book", "province")[1] == "0 in transit\n"
    for book in ("province", "county"):
        assert desk.gep("verify", "--book", book)[0] == 0


def test_exports_are_compared(desk: Desk) -> None:
    """Two exports and no database: they agree, until one of them is changed."""
    desk.gep(*PAY)
    desk.gep("transit", "deliver", "--book", "province")
    files = [str(desk.folder / f"{book}.jsonl") for book in ("province", "county")]
    for file, book in zip(files, ("province", "county"), strict=True):
        assert desk.gep("export", "journal", "--book", book, "-o", file)[0] == 0
    agreed = desk.gep("transit", "compare", *files)
    whole = Path(files[1]).read_text("utf-8")
    Path(files[1]).write_text(whole.replace("109.00", "108.00"), "utf-8")
    said = desk.json("transit", "compare", *files)

    assert agreed[:2] == (0, "0 findings in 2 exports\n")
    assert said["agree"] is False
    assert {"verify.leaf", "crossing.amount"} <= {each["code"] for each in said["findings"]}


def test_what_is_still_in_transit_is_a_finding(desk: Desk) -> None:
    """Exit 1, and the reason; in JSON too."""
    assert desk.gep(*PAY)[0] == 0
    revenue = ("account", "change", REVENUE, "--state", "frozen", "--book", "province")
    assert desk.gep(*revenue)[0] == 0
    code, output, _ = desk.gep("transit", "deliver", "--book", "province")
    said = desk.json("transit", "deliver", "--book", "province")

    assert (code, "waiting  ledger.account-state" in output) == (1, True)
    assert (said["waiting"], said["steps"][0]["code"]) == (1, "ledger.account-state")


def test_digests(desk: Desk) -> None:
    """Of a file or as given; the same again is a replay, another one exit 2."""
    path = desk.file("account.json", "{}")
    named = ("digest", "add", "gep-account", "garze-2010/2010", "--book", "county")
    known = sha256(b"{}").hexdigest()
    first = desk.json(*named, "--file", path, "--metadata", "edition=1")
    again = desk.gep(*named, known, "--metadata", "edition=1")
    (found,) = desk.json("digest", "list", "--book", "county", "--what", "gep-account")

    assert (first["status"], first["digest"]) == ("done", known)
    assert again[:2] == (0, f"replayed {known} as record {first['seq']}\n")
    assert (found["digest"], found["metadata"]) == (known, {"edition": "1"})
    assert known in desk.gep("digest", "list", "--book", "county")[1]
    for words, code in (
        ((*named, "00" * 32), "ledger.foreign-digest-conflict"),
        (named, "ledger.malformed"),
        ((*named, known, "--metadata", "edition"), "ledger.malformed"),
        ((*named, "--file", str(desk.folder / "none")), "file.unusable"),
    ):
        exit_code, _, errors = desk.gep(*words)
        assert (exit_code, code in errors) == (2, True)
