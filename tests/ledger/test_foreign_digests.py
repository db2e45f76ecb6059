"""Foreign digests: what is kept elsewhere has one digest in a book's log, and no other."""

import json
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from ledger import foreign_digests, journal
from ledger.core.book import Book
from ledger.core.citing import read_cite
from ledger.core.command import Cite, Command, Post
from ledger.core.errors import DomainError
from ledger.core.refusals import ForeignDigestConflict, Malformed
from ledger.export import export
from ledger.proof.verify import verify
from ledger.store import Store
from ledger.store.load import find_book
from ledger.store.memory import MemoryStore
from ledger.verification import verify_book
from ledger.writer import Desk, submit
from tests.ledger.test_journal import DEPOSIT
from tests.ledger.test_verify import change
from tests.ledger.worked import APPROVER, BOOK, PREPARER, body, code_of, post, worked_store

DIGEST = sha256(b"the account of Garze, 2010").digest()
ACCOUNT = Cite("gep-account", "garze-2010/2010", DIGEST, {"edition": "1"})


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """The worked book."""
    with worked_store(database_url, tmp_path) as store:
        yield store


def test_the_digest_of_a_gep_account_is_in_the_log(store: Store) -> None:
    """Written, read back, exported, and verified by the second implementation."""
    outcome = foreign_digests.write(store, BOOK, ACCOUNT, actor=PREPARER)
    with store.reading() as connection:
        book = find_book(connection, BOOK)
        (found,) = foreign_digests.read(connection, book)
        lines = [json.loads(json.dumps(each)) for each in export(connection, book)]
    (line,) = [each for each in lines if each.get("record") == "foreign-digest"]

    assert found == (outcome.seq, *ACCOUNT[:2], DIGEST, {"edition": "1"}, PREPARER)
    assert (line["seq"], line["digest"]) == (outcome.seq, DIGEST.hex())
    assert verify(lines).findings == []
    assert verify_book(store, BOOK).findings == []


def test_the_same_again_is_answered_as_the_first_time(store: Store) -> None:
    """By whomever, and by another process; nothing is written."""
    first = foreign_digests.write(store, BOOK, ACCOUNT, actor=PREPARER)
    again = foreign_digests.write(store, BOOK, ACCOUNT, actor=APPROVER)
    with closing(Desk(store, BOOK)) as another_process:
        (later,) = another_process.submit(Command((ACCOUNT,)))

    assert [each.status for each in (first, again, later)] == ["done", "replayed", "replayed"]
    assert first.seq == again.seq == later.seq


OTHERS = (
    ("another digest", ACCOUNT._replace(digest=bytes(32))),
    ("other metadata", ACCOUNT._replace(metadata={})),
)


@pytest.mark.parametrize(("story", "item"), OTHERS, ids=[each[0] for each in OTHERS])
def test_a_reference_has_one_digest(store: Store, story: str, item: Cite) -> None:
    """What was written cannot be exchanged; another thing may have the same reference."""
    foreign_digests.write(store, BOOK, ACCOUNT, actor=PREPARER)
    with pytest.raises(ForeignDigestConflict):
        foreign_digests.write(store, BOOK, item, actor=PREPARER)
    other = item._replace(what="dossier")

    assert foreign_digests.write(store, BOOK, other, actor=PREPARER).status == "done", story


def test_it_stands_or_falls_with_what_it_is_written_with(store: Store) -> None:
    """A digest beside a transaction that is refused is not written."""
    bad = Post(body(DEPOSIT.replace("CNY", "EUR")))
    told = submit(store, BOOK, Command((ACCOUNT, bad)))
    with store.reading() as connection:
        assert list(foreign_digests.read(connection, find_book(connection, BOOK))) == []

    assert [code_of(each) for each in told] == ["ledger.chain-broken", "ledger.unknown-commodity"]
    assert foreign_digests.write(store, BOOK, ACCOUNT, actor=PREPARER).status == "done"


MALFORMED = (
    {"what": ""}, {"what": "x" * 121}, {"reference": " "}, {"digest": "00"},
    {"digest": DIGEST.hex().upper()}, {"metadata": {"a": 1}}, {"id": "x"}, {"digest": None},
)  # fmt: skip


@pytest.mark.parametrize("sent", MALFORMED, ids=str)
def test_what_is_no_foreign_digest(sent: dict[str, object]) -> None:
    """Empty, too long, no SHA-256, a field too many."""
    whole = {"what": "gep-account", "reference": "garze", "digest": DIGEST.hex()}
    with pytest.raises(Malformed):
        read_cite(whole | sent)


UNREAD = (
    ACCOUNT._replace(what="e\u0301"),
    ACCOUNT._replace(reference=""),
    ACCOUNT._replace(digest=b"short"),
)


@pytest.mark.parametrize("item", UNREAD, ids=["not in NFC", "no reference", "no SHA-256"])
def test_the_rules_hold_for_who_comes_past_the_reader(store: Store, item: Cite) -> None:
    """The log never holds what could not be encoded."""
    (outcome,) = submit(store, BOOK, Command((item,)))

    assert code_of(outcome) == "ledger.malformed"


def test_another_book_that_changes_afterwards_is_found(store: Store) -> None:
    """A book names a record of another one by its leaf; who recomputes that one is found here."""
    journal.open_book(store, "other")
    (posted,) = post(store, body(DEPOSIT))
    with store.reading() as connection:
        lines = export(connection, find_book(connection, BOOK))
        leaf = next(each["leaf"] for each in lines if each.get("seq") == posted.seq)
    named = Cite("book-record", f"{BOOK}/{posted.seq}", bytes.fromhex(leaf))
    foreign_digests.write(store, "other", named, actor=None)
    assert verify_book(store, "other").findings == []
    change(store, "DELETE FROM records WHERE book_id = 1")

    assert "audit.foreign-record" in {each.code for each in verify_book(store, "other").findings}


def test_the_log_of_them_is_closed_to_change(store: Store) -> None:
    """Neither table can be edited by the program."""
    foreign_digests.write(store, BOOK, ACCOUNT, actor=PREPARER)
    for statement in ("UPDATE foreign_digests SET what = 'x'", "DELETE FROM consumptions WHERE 1=1",
                      "DELETE FROM foreign_digests"):  # fmt: skip
        if "consumptions" in statement and store.engine.dialect.name == "sqlite":
            continue
        with store.writing() as connection, pytest.raises(Exception, match=r"append-only|denied"):
            connection.exec_driver_sql(statement)


def test_in_memory_as_in_a_database() -> None:
    """The same rules on the store without one."""
    memory = MemoryStore(lambda: 1_770_000_000_000_000)
    memory.add_book(Book(1, BOOK, UUID(int=7)))
    first, again = (Desk(memory, BOOK).submit(Command((ACCOUNT,)))[0] for _ in range(2))
    (other,) = Desk(memory, BOOK).submit(Command((ACCOUNT._replace(digest=bytes(32)),)))

    assert (first.status, again.status) == ("done", "replayed")
    assert isinstance(other.error, DomainError)
    assert other.error.code == "ledger.foreign-digest-conflict"
