"""The export of a long book: straight from the rows, and in a process of its own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ledger import export_apart, verification
from ledger.balances import commodities
from ledger.core.record import CommodityUsed, Transaction
from ledger.export_apart import NotExported, exported
from ledger.proof.export import record_line
from ledger.store import Store
from ledger.store.load import find_book
from ledger.store.log import read_log
from ledger.verification import verify_book
from tests.ledger.proof import history
from tests.ledger.proof.history import BOOK


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """A book in which everything happens that a book can hold."""
    with history.told(database_url) as told:
        yield told


def test_a_line_is_what_its_record_gives(store: Store) -> None:
    """The rows of a transaction give the line that the record read from them gives."""
    with store.reading() as connection:
        book = find_book(connection, BOOK)
        scales = commodities(connection)
        lines = []
        for entry, leaf in read_log(connection, book):
            if isinstance(entry.record, CommodityUsed):
                scales[entry.record.commodity.code] = entry.record.commodity
            lines.append(record_line(entry, leaf, scales))
        others = [entry.seq for entry, _ in read_log(connection, book, transactions=False)]
    exported_lines = [line for line in history.exported(store) if "record" in line]

    assert exported_lines == lines
    assert [list(each) for each in exported_lines] == [list(each) for each in lines]
    assert others == [line["seq"] for line in lines if line["record"] != Transaction.NAME]


def test_another_process_exports_the_same(store: Store) -> None:
    """Line by line, in the same order."""
    with exported(store, BOOK) as lines:
        assert list(lines) == history.exported(store)


def test_a_book_exported_apart_verifies_like_any(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same root, and no finding."""
    here = verify_book(store, BOOK)
    monkeypatch.setattr(verification, "APART_MIN", 1)

    assert verify_book(store, BOOK) == here
    assert not here.findings


def test_what_cannot_be_read_is_named_from_the_other_process_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A posting of an account that was never opened: its record is found by number."""
    last = max(line["seq"] for line in history.exported(store) if line.get("postings"))
    engine = create_engine(store.engine.url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            triggers = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
            for (name,) in connection.exec_driver_sql(triggers).all():
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        forged = text("UPDATE postings SET account_no = 999999 WHERE seq = :seq")
        connection.execute(forged, {"seq": last})
    engine.dispose()
    (here,) = verify_book(store, BOOK).findings
    monkeypatch.setattr(verification, "APART_MIN", 1)

    (apart,) = verify_book(store, BOOK).findings
    assert apart == here
    assert here.seq == last


def test_leaving_early_ends_the_process(store: Store) -> None:
    """Who reads no further waits for nothing."""
    with exported(store, BOOK) as lines:
        next(lines)


def test_a_book_that_is_not_there(store: Store) -> None:
    """Said by the process as by anybody."""
    with exported(store, "nowhere") as lines, pytest.raises(NotExported, match="nowhere"):
        next(lines)


@pytest.mark.parametrize("program", ["", "print('Z', end='')", "print('\\0\\0\\0\\x09L[', end='')"])
def test_a_process_that_ends_early_is_told_of(
    store: Store, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    """Before its first frame, within its head, within what it says: never a book that verifies."""
    monkeypatch.setattr(export_apart, "COMMAND", (sys.executable, "-c", program))
    monkeypatch.setattr(verification, "APART_MIN", 1)

    with pytest.raises(NotExported):
        verify_book(store, BOOK)
