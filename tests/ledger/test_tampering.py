"""Ten ways of tampering, each twice: naively, and by one who seals everything again.

The first is found by verification alone and named; the second leaves books that agree with
themselves, and is found with a signed note that was taken away before.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, text

from ledger.checkpoint import Nodes, checkpoint, consistency, proof_of, verify_export
from ledger.core.body import Body
from ledger.core.errors import InputRefused
from ledger.export import export
from ledger.proof.bundle import check_bundle
from ledger.proof.inclusion import check_consistency, node_hash
from ledger.proof.note import (
    ED25519,
    Checkpoint,
    NoteRefused,
    Signer,
    checked,
    signed,
)
from ledger.proof.verify import verify
from ledger.store import Store, tables
from ledger.store.load import find_book
from ledger.verification import verify_book
from tests.ledger import forger
from tests.ledger.test_journal import DEPOSIT, ISSUE, TRADE, TRANSFER
from tests.ledger.worked import BOOK, body, post, worked_store

KEY = Signer("gep.example/main", ED25519, bytes(range(32)))
TRUST = (KEY.verifier,)
TAXES, LATER = 280, 5
Forge = Callable[[Connection, int], None]


class Books(NamedTuple):
    """A book, the note that its auditor took away, and the record of one of its transactions."""

    store: Store
    note: str
    seq: int
    id: UUID

    @property
    def sealed(self) -> Checkpoint:
        """What the note says, to whoever trusts the right key."""
        return checked(self.note, TRUST).checkpoint


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Books]:
    """Enough records for a kept node of the tree; a note; and some records after it."""
    with worked_store(database_url, tmp_path) as store:
        post(store, body(DEPOSIT), body(ISSUE), body(TRADE))
        post(store, body(TRANSFER, kind="fiscal.transfer"))
        taxes = [tax(number) for number in range(TAXES + LATER)]
        post(store, *taxes[:TAXES])
        with store.reading() as connection:
            note = signed(checkpoint(connection, find_book(connection, BOOK)).text, KEY)
            made = tables.transactions.c
            found = connection.execute(select(made.seq, made.id).where(made.narrative == "Tax 99"))
            seq, id = found.one()
        post(store, *taxes[TAXES:])
        yield Books(store, note, seq, id)


def tax(number: int) -> Body:
    """Write one of many small transactions."""
    amount = f"{10 + number}.00 CNY"
    told = f"2025-07-01 Tax {number}\n T1:1001国库存款 {amount}\n T1:4002非税收入 -{amount}"
    return body(told, metadata={"source": "desk"})


def by(*statements: str) -> Forge:
    """Run statements on the record ``:seq``."""

    def forge(connection: Connection, seq: int) -> None:
        for statement in statements:
            bound = {"seq": seq} if ":seq" in statement else {}
            connection.execute(text(statement), bound)

    return forge


def cut(connection: Connection, seq: int) -> None:
    """Take away the end of the log, back to before the note."""
    last = connection.scalar(select(tables.heads.c.seq)) or 0
    for each in range(last, last - LATER - 1, -1):
        forger.remove(connection, each)


AMOUNT = "UPDATE postings SET quanta = quanta + 100 WHERE seq = :seq"
DATE = "UPDATE transactions SET effective_on = '2025-07-02' WHERE seq = :seq"
NARRATIVE = "UPDATE transactions SET narrative = 'Gift' WHERE seq = :seq"
METADATA = """UPDATE transactions SET metadata = '{"source":"nobody"}' WHERE seq = :seq"""
BOUND = """SET bounds = '[["*","0","9000"]]' WHERE code = 'CRC:Holding:Mill:Free'"""
EXCHANGE = (
    "UPDATE transactions SET seq = -1 WHERE seq = :seq",
    "UPDATE transactions SET seq = :seq WHERE seq = :seq + 1",
    "UPDATE transactions SET seq = :seq + 1 WHERE seq = -1",
)
DOUBLE = (
    "INSERT INTO postings SELECT book_id, seq, 3, account_no, commodity, side, red, quanta, "
    "balance_after FROM postings WHERE seq = :seq AND line = 2"
)
WAYS: dict[str, tuple[Forge, str, Forge]] = {
    "amount": (by(AMOUNT + " AND line = 1"), "verify.leaf", by(AMOUNT)),
    "date": (by(DATE), "verify.leaf", by(DATE)),
    "narrative": (by(NARRATIVE), "verify.leaf", by(NARRATIVE)),
    "order": (
        by(*EXCHANGE),
        "verify.leaf",
        lambda connection, seq: forger.exchange(connection, seq, seq + 1),
    ),
    "deletion in the middle": (
        by("DELETE FROM records WHERE seq = :seq"), "verify.sequence", forger.remove,
    ),
    "deletion at the end": (
        by("DELETE FROM records WHERE seq = (SELECT max(seq) FROM records)"), "verify.head", cut,
    ),
    "duplicated row": (by(DOUBLE), "verify.leaf", forger.double),
    "bound": (
        by(f"UPDATE accounts {BOUND}"), "audit.account", by(f"UPDATE account_events {BOUND}"),
    ),
    "metadata": (by(METADATA), "verify.leaf", by(METADATA)),
}  # fmt: skip


BESIDE = (
    "INSERT INTO annotations SELECT book_id, seq, id, '{}', NULL FROM transactions WHERE seq = :seq"
)


def test_a_second_row_beside_a_record_is_named(books: Books) -> None:
    """Whoever reads that table takes the transaction for an annotation."""
    with forger.owner(books.store) as connection:
        by(BESIDE)(connection, books.seq)

    findings = verify_book(books.store, BOOK).findings
    assert "audit.records" in {each.code for each in findings}


def test_a_day_that_is_none_is_named(books: Books) -> None:
    """A date that nobody can read, in a database that keeps dates as text."""
    if books.store.engine.dialect.name != "sqlite":
        return
    with forger.owner(books.store) as connection:
        by("UPDATE transactions SET effective_on = 'garbage' WHERE seq = :seq")(
            connection, books.seq
        )

    (finding,) = verify_book(books.store, BOOK).findings
    assert finding.seq == books.seq


@pytest.mark.parametrize("way", WAYS)
def test_naive_tampering_is_named_without_any_note(books: Books, way: str) -> None:
    """One row is changed and nothing else."""
    forge, code, _ = WAYS[way]
    with forger.owner(books.store) as connection:
        forge(connection, books.seq)
    found = [each for each in verify_book(books.store, BOOK).findings if each.code == code]

    assert found
    if way == "bound":
        assert "CRC:Holding:Mill:Free" in found[0].why
    elif way == "deletion at the end":
        assert str(books.sealed.size + LATER) in found[0].why
    else:
        assert {each.seq for each in found} & {books.seq, books.seq + 1}


@pytest.mark.parametrize("way", WAYS)
def test_consistent_tampering_is_found_against_the_note(books: Books, way: str) -> None:
    """Everything is derived again: verification alone has nothing to say, the note has."""
    with forger.owner(books.store) as connection:
        WAYS[way][2](connection, books.seq)
        forger.reseal(connection)
    assert verify_book(books.store, BOOK).findings == []

    (found,) = verify_book(books.store, BOOK, checkpoint=books.sealed).findings
    if way == "deletion at the end":
        assert found.code == "verify.checkpoint-ahead"
        assert f"{books.sealed.size} of which {books.sealed.size - 1} are left" in found.why
    else:
        assert found.code == "verify.checkpoint"
        assert "does not extend it" in found.why
        assert books.sealed.root.hex() in found.why


def test_consistent_tampering_is_found_in_an_export_too(books: Books) -> None:
    """The lines alone and the note are enough."""
    with forger.owner(books.store) as connection:
        by(AMOUNT)(connection, books.seq)
        forger.reseal(connection)
    with books.store.reading() as connection:
        lines = list(export(connection, find_book(connection, BOOK)))

    assert verify(lines).findings == []
    (found,) = verify_export(lines, books.sealed).findings
    assert found.code == "verify.checkpoint"


def test_a_note_changed_without_a_key_is_refused(books: Books) -> None:
    """The naive way of replacing the checkpoint: another size in the same note."""
    size = books.sealed.size
    with pytest.raises(NoteRefused) as refused:
        checked(books.note.replace(f"\n{size}\n", f"\n{size - 1}\n"), TRUST)

    assert refused.value.code == "note.bad-signature"


def test_a_note_of_the_forgers_own_is_refused(books: Books) -> None:
    """The consistent way: forged books, and a note that fits them, under the same name."""
    own = replace(KEY, seed=bytes(32))
    with forger.owner(books.store) as connection:
        by(AMOUNT)(connection, books.seq)
        forger.reseal(connection)
    with books.store.reading() as connection:
        note = signed(checkpoint(connection, find_book(connection, BOOK)).text, own)
    to_his_friends = checked(note, [own.verifier]).checkpoint
    assert verify_book(books.store, BOOK, checkpoint=to_his_friends).findings == []

    with pytest.raises(NoteRefused) as refused:
        checked(note, TRUST)
    assert refused.value.code == "note.unknown-keys"
    disguised = note.replace(note.rsplit(" ", 1)[1], books.note.rsplit(" ", 1)[1])
    with pytest.raises(NoteRefused) as refused:
        checked(disguised, TRUST)
    assert refused.value.code == "note.bad-signature"


def test_untouched_books_extend_their_note(books: Books) -> None:
    """Records after the note are growth; sealing again what was not changed changes nothing."""
    assert verify_book(books.store, BOOK, checkpoint=books.sealed).findings == []
    with forger.owner(books.store) as connection:
        forger.reseal(connection)

    report = verify_book(books.store, BOOK, checkpoint=books.sealed)
    assert report.findings == []
    assert report.records == books.sealed.size + LATER


def test_a_note_of_another_book_is_no_note_of_this_one(books: Books) -> None:
    """However well it is signed."""
    other = replace(books.sealed, origin="gep-ledger/another")
    (found,) = verify_book(books.store, BOOK, checkpoint=other).findings

    assert found.code == "verify.checkpoint-origin"


@pytest.mark.parametrize("kept", [True, False], ids=["with kept nodes", "a database before them"])
def test_nodes_are_those_of_the_leaves(books: Books, *, kept: bool) -> None:
    """Every node of the tree, and every proof, whether or not the database keeps some."""
    if not kept:
        with forger.owner(books.store) as connection:
            assert connection.execute(tables.tree_nodes.delete()).rowcount == 1
    with books.store.reading() as connection:
        book, record = find_book(connection, BOOK), tables.records.c
        level = [bytes(run) for run in connection.scalars(select(record.leaf).order_by(record.seq))]
        node, height = Nodes(connection, book), 0
        while level:
            assert [node(height, place) for place in range(len(level))] == level
            pairs = zip(level[::2], level[1::2], strict=False)
            level, height = [node_hash(*pair) for pair in pairs], height + 1
        now = checkpoint(connection, book)
        path = consistency(connection, book, books.sealed.size)
        proof = proof_of(connection, book, books.id, books.note)
        unsigned = proof_of(connection, book, books.id)

    assert height > 8
    assert check_consistency(books.sealed.size, books.sealed.root, now.size, now.root, path)
    assert check_bundle(proof, trusted=TRUST) == []
    assert [each.code for each in check_bundle(unsigned)] == ["bundle.no-checkpoint"]


FORGED: tuple[tuple[str, Forge, str], ...] = (
    ("naively", by(NARRATIVE), "bundle.leaf"),
    ("consistently", by(NARRATIVE), "bundle.root"),
)


@pytest.mark.parametrize(("how", "forge", "code"), FORGED, ids=[each[0] for each in FORGED])
def test_a_changed_transaction_has_no_proof(
    books: Books, how: str, forge: Forge, code: str
) -> None:
    """Neither under the note nor, where the row alone was changed, under the root of now."""
    with forger.owner(books.store) as connection:
        forge(connection, books.seq)
        if how == "consistently":
            forger.reseal(connection)
    with books.store.reading() as connection:
        book = find_book(connection, BOOK)
        found = check_bundle(proof_of(connection, book, books.id, books.note), trusted=TRUST)
        alone = check_bundle(proof_of(connection, book, books.id))

    assert code in {each.code for each in found}
    assert ("bundle.leaf" in {each.code for each in alone}) == (how == "naively")


def test_no_proof_under_a_note_that_does_not_reach(books: Books) -> None:
    """Of another book, of more records than there are, or of a time before the transaction."""
    other = signed(replace(books.sealed, origin="gep-ledger/another").text, KEY)
    ahead = signed(replace(books.sealed, size=1_000).text, KEY)
    early = signed(replace(books.sealed, size=5).text, KEY)
    told = []
    with books.store.reading() as connection:
        book = find_book(connection, BOOK)
        for note in (other, ahead, early, "nothing"):
            with pytest.raises(InputRefused) as refused:
                proof_of(connection, book, books.id, note)
            told += [each.code for each in refused.value.findings]

    assert told == ["note.origin", "checkpoint.ahead", "checkpoint.later", "note.malformed"]
