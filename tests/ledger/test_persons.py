"""Natural persons: what is personal is never in the log, is bound by it, and can be erased."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from api import session
from ledger import persons
from ledger.chart import party_id
from ledger.core.account import Account
from ledger.core.command import Command, Open, Party
from ledger.core.errors import DomainError
from ledger.core.person import Person, commitment
from ledger.export import export
from ledger.proof.person import check_person, commitment_of
from ledger.store import Store, tables
from ledger.store.load import find_book
from ledger.verification import verify_book
from ledger.writer import submit
from tests.ledger import forger
from tests.ledger.worked import BOOK, body, post, worked_store

ID = UUID("3f2b8c1e-5d64-4a7f-9c0b-2e1d3f4a5b6c")
ZHANG = Person("张翠花", "330102196501011234", "6222021202041234567")
PERSONAL = tuple(text.encode() for text in ZHANG)
ENTITY = "T1"
GOLDEN = "2e37ebbbce92146bbe9d9c1985888a610f410320ed553b0b93d4498aff603bec"
PAID = """
    2026-01-31 Care of the forest, 109 yuan
      T1:1001国库存款  -109.00 CNY
      T1:4002非税收入   109.00 CNY
"""


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """The worked book, which knows one villager."""
    with worked_store(database_url, tmp_path) as store:
        persons.entrust(store, BOOK, ID, ENTITY, ZHANG, actor=None)
        yield store


def known(store: Store, id: UUID = ID) -> persons.Known:
    """Return what is known of a person."""
    with store.reading() as connection:
        return persons.find(connection, find_book(connection, BOOK), id)


def exported(store: Store) -> list[dict[str, object]]:
    """Return the lines of the book's export."""
    with store.reading() as connection:
        return list(export(connection, find_book(connection, BOOK)))


def rows_of_every_table_but(store: Store, *left_out: str) -> bytes:
    """Return all that the database holds, but for some tables, as one text."""
    with store.reading() as connection:
        rows = [
            str([each.hex() if isinstance(each, bytes) else each for each in row])
            for table in tables.metadata.sorted_tables
            if table.name not in left_out
            for row in connection.execute(select(table))
        ]
    return "\n".join(rows).encode()


def refused(store: Store, person: Person, id: UUID = ID, *, restated: bool = False) -> str:
    """Return the code with which a statement is refused, or none."""
    try:
        persons.entrust(store, BOOK, id, ENTITY, person, actor=None, restated=restated)
    except DomainError as error:
        return error.code
    return ""


def test_no_byte_of_it_is_in_the_log_or_in_an_export(store: Store) -> None:
    """Not in an export, not in any table but the erasable one, not as a number in hexadecimal."""
    post(store, body(PAID, metadata={"party": str(ID)}))
    whole = "\n".join(json.dumps(line, ensure_ascii=False) for line in exported(store)).encode()
    beside = rows_of_every_table_but(store, "persons")

    assert str(ID).encode() in whole
    assert known(store).bindings[0].account.encode() in whole
    for personal in PERSONAL:
        for form in (personal, personal.hex().encode()):
            assert form not in whole
            assert form not in beside
    assert all(each in rows_of_every_table_but(store) for each in PERSONAL)
    assert verify_book(store, BOOK).findings == []


def test_who_is_shown_data_and_salt_can_check_them(store: Store) -> None:
    """With an export and the standard library: the same data hold, any other do not."""
    lines = exported(store)
    shown = persons.shown(known(store), unmasked=True)

    assert shown["name"] == "张翠花"
    assert check_person(shown, lines) == []
    for field, value in (
        ("name", "张翠华"), ("bank_account", ""), ("salt", "00" * 32),
        ("identity_number", shown["identity_number"] + shown["bank_account"]),
    ):  # fmt: skip
        (finding,) = check_person(shown | {field: value}, lines)
        assert finding.code == "person.not-bound"
    (stranger,) = check_person(shown | {"id": str(uuid4())}, lines)
    (masked,) = check_person(persons.shown(known(store)), lines)
    assert (stranger.code, masked.code) == ("person.unknown", "person.unreadable")


def test_masked_unless_it_is_asked_for(store: Store) -> None:
    """The surname and the last four digits; no salt, which would let the rest be guessed."""
    shown = persons.shown(known(store))

    assert (shown["name"], shown["masked"], shown["salt"]) == ("张*", True, None)
    assert (shown["identity_number"], shown["bank_account"]) == ("****1234", "****4567")
    assert Person("李", "1234567", "").masked == Person("李*", "****", "")


def test_erased_for_good_and_the_log_still_verifies(store: Store) -> None:
    """Data and salts go, commitments stay; a late duplicate does not bring them back."""
    with store.reading() as connection:
        book = find_book(connection, BOOK)
    moved = ZHANG._replace(bank_account="6222021202049876543")
    assert refused(store, moved) == "person.conflict"
    assert refused(store, moved, restated=True) == ""
    before = known(store)
    assert (before.stated and before.stated.person, len(before.bindings)) == (moved, 2)

    assert session.erase_person(store, book, ID) == 2
    assert session.erase_person(store, book, ID) == 0

    after = known(store)
    assert (after.stated, after.bindings) == (None, before.bindings)
    assert persons.shown(after, unmasked=True)["erased"] is True
    assert not any(each in rows_of_every_table_but(store) for each in PERSONAL)
    assert refused(store, ZHANG) == refused(store, ZHANG, restated=True) == "person.erased"
    assert verify_book(store, BOOK).findings == []


def test_nothing_of_it_is_left_in_the_file(sqlite_url: str, tmp_path: Path) -> None:
    """On SQLite the bytes themselves are gone, from the file and from the log in front of it."""
    with worked_store(sqlite_url, tmp_path) as store:
        persons.entrust(store, BOOK, ID, ENTITY, ZHANG, actor=None)
        with store.reading() as connection:
            book = find_book(connection, BOOK)
        held = b"".join(each.read_bytes() for each in tmp_path.glob("gep.db*"))
        session.erase_person(store, book, ID)
        left = b"".join(each.read_bytes() for each in tmp_path.glob("gep.db*"))

    assert all(each in held for each in PERSONAL)
    assert not any(each in left for each in PERSONAL)


def test_the_program_may_erase_and_not_rewrite(postgresql_url: str, tmp_path: Path) -> None:
    """The runtime role deletes from the erasable table only, and changes nothing in it."""
    with worked_store(postgresql_url, tmp_path) as store, store.reading() as connection:
        may = "SELECT has_table_privilege('{}', '{}')"
        rights = [
            connection.exec_driver_sql(may.format(table, right)).scalar_one()
            for table in ("persons", "checkpoints", "records")
            for right in ("INSERT", "DELETE", "UPDATE")
        ]

    assert rights == [True, True, False, True, False, False, True, False, False]


def test_the_same_again_changes_nothing(store: Store) -> None:
    """A replay; an unknown person is not found."""
    seq = known(store).bindings[0].seq
    outcome = persons.entrust(store, BOOK, ID, ENTITY, ZHANG, actor=None)

    assert (outcome.status, outcome.seq) == ("replayed", None)
    assert [each.seq for each in known(store).bindings] == [seq]
    with pytest.raises(DomainError, match=r"person\.unknown"):
        known(store, uuid4())


def test_an_id_is_random_and_a_name_is_no_partys(store: Store) -> None:
    """An id made of the identity number could be tried out; a person's party has no name."""
    assert refused(store, ZHANG, uuid5(ID, ZHANG.identity_number)) == "ledger.malformed"
    named = submit(store, BOOK, Command((Party(uuid4(), "person", "张翠花"),), None))[0]
    assert named.error is not None
    for wrong in (("", "", ""), ("张\x00", "", ""), ("张", "1" * 200, "")):
        with pytest.raises(DomainError):
            persons.read(*wrong)
    assert refused(store, ZHANG, uuid4(), restated=True) == ""
    with pytest.raises(DomainError):
        persons.entrust(store, BOOK, uuid4(), "no entity", ZHANG, actor=None)


def test_data_that_are_exchanged_are_a_finding(store: Store) -> None:
    """Somebody changes the bank account behind the ledger's back: it is said, without the data."""
    with forger.owner(store) as connection:
        connection.execute(tables.persons.update().values(bank_account="1"))
    findings = verify_book(store, BOOK).findings

    assert [each.code for each in findings] == ["audit.person"]
    assert str(ID) in str(findings[0])
    assert "张" not in str(findings[0])


def test_a_persons_own_account(store: Store) -> None:
    """A member's account names the random id; what binds the data takes no posting."""
    account = Account("T1:Payable:1", "liability", "accrual", party=ID)
    binding = known(store).bindings[0].account
    (opened,) = submit(store, BOOK, Command((Open(account),), None))
    (paid,) = post(store, body(f"2026-01-31 Wrong\n {binding} 1.00 CNY\n {binding} -1.00 CNY"))

    assert opened.status == "done"
    assert party_id(str(ID)) == ID
    assert (paid.error and paid.error.code) == "ledger.account-state"
    assert len(known(store).bindings) == 1


def test_the_golden_commitment() -> None:
    """The bytes of docs/encoding-v1.md, hashed by hand: a fixed salt, a fixed person."""
    texts = b"".join(len(each).to_bytes(4) + each for each in PERSONAL)
    by_hand = sha256(b"gep-ledger person 1\n" + bytes(range(32)) + ID.bytes + texts).hexdigest()

    assert commitment(ID, bytes(range(32)), ZHANG).hex() == by_hand == GOLDEN


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


@given(st.uuids(version=4), st.binary(min_size=32, max_size=32), TEXT, TEXT, TEXT)
def test_two_implementations_commit_alike(
    id: UUID, salt: bytes, name: str, number: str, account: str
) -> None:
    """The ledger's own and the auditor's, which knows nothing of it."""
    person = Person(name, number, account)
    shown = {**person._asdict(), "id": str(id), "salt": salt.hex()}

    assert commitment(id, salt, person).hex() == commitment_of(shown)
