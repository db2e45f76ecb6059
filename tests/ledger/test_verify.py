"""Whoever changes the books behind the ledger's back is found, and the record is named."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from ledger.export import export
from ledger.proof.verify import verify
from ledger.store import Store, open_store
from ledger.store.load import find_book
from ledger.verification import verify_book
from tests.ledger.test_journal import DEPOSIT, ISSUE, TRADE, TRANSFER
from tests.ledger.worked import BOOK, body, post, worked_store

Json = dict[str, object]


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """A book in which a trade was settled and a transfer waits for approval."""
    with worked_store(database_url, tmp_path) as store:
        post(store, body(DEPOSIT), body(ISSUE), body(TRADE))
        post(store, body(TRANSFER, kind="fiscal.transfer"))
        yield store


def change(store: Store, statement: str) -> None:
    """Edit the database as its owner could, past the triggers and roles that protect it."""
    url = store.engine.url
    store.close()
    if url.get_backend_name() == "sqlite":
        connection = sqlite3.connect(str(url.database))
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        connection.commit()
        connection.close()
        return
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as owner:
        owner.execute(statement.encode())


CHANGES = (
    ("an amount", "UPDATE postings SET quanta = quanta + 1 WHERE seq = {trade} AND line = 3"),
    ("both sides", "UPDATE postings SET quanta = quanta - 1 WHERE seq = {trade} AND line > 2"),
    ("a side", "UPDATE postings SET side = 1 - side WHERE seq = {trade}"),
    ("an account", "UPDATE postings SET account_no = 1 WHERE seq = {trade} AND line = 1"),
    ("a balance after", "UPDATE postings SET balance_after = 5 WHERE seq = {trade} AND line = 1"),
    ("a date", "UPDATE transactions SET effective_on = '2025-06-29' WHERE seq = {trade}"),
    ("a narrative", "UPDATE transactions SET narrative = 'gift' WHERE seq = {trade}"),
    ("metadata", "UPDATE transactions SET metadata = '{{\"a\":\"b\"}}' WHERE seq = {trade}"),
    ("broken metadata", "UPDATE transactions SET metadata = '{{' WHERE seq = {trade}"),
    ("a period", "INSERT INTO entity_periods (book_id, seq, entity, period) "
                 "SELECT book_id, seq, 'CLR', '2025-05' FROM transactions WHERE seq = {trade}"),
    ("a deletion", "DELETE FROM transactions WHERE seq = {trade}"),
    ("a deleted record", "DELETE FROM records WHERE seq = {trade}"),
    ("a leaf", "UPDATE records SET leaf = (SELECT leaf FROM records WHERE seq = 1) "
               "WHERE seq = {trade}"),
    ("a booking time", "UPDATE records SET booked_at_us = booked_at_us + 1 WHERE seq = {trade}"),
)  # fmt: skip


@pytest.mark.parametrize(("what", "statement"), CHANGES, ids=[each[0] for each in CHANGES])
def test_a_changed_record_is_named(store: Store, what: str, statement: str) -> None:
    """One field of one record is edited in the database: verification names that record."""
    trade = seq_of_trade(store)
    change(store, statement.format(trade=trade))
    report = verify_book(store, BOOK)

    named = {finding.seq for finding in report.findings}
    if what in {"a deletion", "a deleted record"}:
        assert named & {trade, trade + 1}
    else:
        assert trade in named


PROJECTIONS = (
    ("a balance", "UPDATE balances SET dr_posted = dr_posted + 1 WHERE commodity = 'CNY'"),
    ("a missing balance", "DELETE FROM balances WHERE commodity = 'CNY'"),
    ("a turnover", "INSERT INTO turnovers SELECT book_id, account_no, commodity, "
                   "last_effective_on, last_effective_on, 1, 0 FROM balances"),
    ("an account's floor", "UPDATE accounts SET bounds = '[]'"),
    ("an account's bounds in the log", "UPDATE account_events SET bounds = '[]'"),
    ("a commodity's scale", "UPDATE commodities SET scale = 3 WHERE code = 'CNY'"),
    ("the scale in the log", "UPDATE commodity_uses SET scale = 3 WHERE code = 'CNY'"),
    ("the head", "UPDATE heads SET seq = seq - 1"),
    ("the policy", "UPDATE heads SET policy = '{}'"),
    ("what waits for approval", "UPDATE proposals SET state = 'approved'"),
    ("its digest", "UPDATE proposals SET preparer = NULL"),
    ("an account without a trace", "DELETE FROM account_events WHERE seq = 2"),
)  # fmt: skip


@pytest.mark.parametrize(("what", "statement"), PROJECTIONS, ids=[each[0] for each in PROJECTIONS])
def test_a_changed_projection_is_found(store: Store, what: str, statement: str) -> None:
    """What is derived from the log must follow from it."""
    assert verify_book(store, BOOK).findings == []
    change(store, statement)

    assert verify_book(store, BOOK).findings, what


def test_one_byte_of_the_database_file(sqlite_url: str, tmp_path: Path) -> None:
    """One byte of one posted amount is changed in the file itself: the record is named."""
    with worked_store(sqlite_url, tmp_path) as store:
        post(store, body(DEPOSIT), body(ISSUE), body(TRADE.replace("80,000.00", "77,777.77")))
        trade = seq_of_trade(store)
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    intact, amount = path.read_bytes(), (7_777_777).to_bytes(4, "big")[1:]
    places = [at for at in range(len(intact)) if intact.startswith(amount, at)]

    assert len(places) >= 4, "two postings, and the balances and turnovers they moved"
    for at in places:
        changed = bytearray(intact)
        changed[at + 2] ^= 1
        path.write_bytes(changed)
        with open_store(sqlite_url) as store:
            assert trade in {finding.seq for finding in verify_book(store, BOOK).findings}


def test_the_log_refuses_to_be_edited(store: Store) -> None:
    """On SQLite a trigger, on PostgreSQL the runtime role: neither updates nor deletes."""
    for statement in ("UPDATE postings SET quanta = 1", "DELETE FROM transactions"):
        with store.writing() as connection, pytest.raises(Exception, match=r"append-only|denied"):
            connection.exec_driver_sql(statement)


@pytest.fixture
def exported(store: Store) -> list[Json]:
    """The book as lines of JSON, read back from text."""
    with store.reading() as connection:
        lines = list(export(connection, find_book(connection, BOOK)))
    return [json.loads(json.dumps(line)) for line in lines]


def test_an_export_verifies_alone(exported: list[Json]) -> None:
    """Nothing but the lines is needed."""
    report = verify(exported)

    assert report.findings == []
    assert report.records == exported[-1]["head"]["seq"]  # type: ignore[index]


FORGERIES: tuple[tuple[str, Callable[[list[Json]], object]], ...] = (
    ("a line left out", lambda lines: lines.pop(5)),
    ("a line twice", lambda lines: lines.insert(5, lines[5])),
    ("two lines exchanged", lambda lines: lines.insert(5, lines.pop(6))),
    ("the last record left out", lambda lines: lines.pop(_last_record(lines))),
    ("no head", lambda lines: lines.pop()),
    ("no opening", lambda lines: lines.pop(0)),
    ("another root", lambda lines: lines[-1].update(head={"seq": 20, "root": "00" * 32})),
    ("a line of noise", lambda lines: lines.insert(3, {"noise": 1})),
    ("a record without fields", lambda lines: lines.insert(3, {"record": "transaction"})),
)


@pytest.mark.parametrize(("what", "forge"), FORGERIES, ids=[each[0] for each in FORGERIES])
def test_a_forged_export_does_not_verify(
    exported: list[Json], what: str, forge: Callable[[list[Json]], object]
) -> None:
    """Findings, never a traceback."""
    forge(exported)

    assert verify(exported).findings, what


def seq_of_trade(store: Store) -> int:
    """Return the record of the trade."""
    with store.reading() as connection:
        found = connection.exec_driver_sql(
            "SELECT seq FROM transactions WHERE narrative = 'Trade 1'"
        )
        return int(found.scalar_one())


def _last_record(lines: list[Json]) -> int:
    return max(index for index, line in enumerate(lines) if "record" in line)
