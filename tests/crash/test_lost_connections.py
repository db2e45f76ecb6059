"""The server ends every connection while a batch is being read: all callers are answered."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from ledger.core.body import Body
from ledger.core.position import Totals
from ledger.store import Store, bulk_postgresql, open_store
from ledger.verification import verify_book
from ledger.writer import Desk, desk
from tests.ledger.worked import BOOK, body, code_of, post, worked_store

CALLERS, ANSWER_SECONDS_MAX = 4, 20
ACCOUNTS = ("CLR:Client:Mill:Free", "CLR:Client:Plant:Free")
END_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def deposit(name: str, account: str) -> Body:
    """Make the body of a deposit of one yuan."""
    return body(f"2025-06-01 deposit\n CLR:Bank:Settlement 1 CNY\n {account} -1 CNY", name=name)


def ended_once(patch: pytest.MonkeyPatch, url: str) -> None:
    """Let the server end every connection just before balances are read the next time."""
    right, told = bulk_postgresql.totals, threading.Event()

    def totals(
        connection: Connection, book_id: int, pairs: Sequence[tuple[int, str]]
    ) -> list[tuple[int, str, Totals]]:
        if not told.is_set():
            told.set()
            owner = create_engine(url)
            with owner.connect() as other:
                other.execute(text(END_ALL))
            owner.dispose()
        return right(connection, book_id, pairs)

    patch.setattr(bulk_postgresql, "totals", totals)


@pytest.mark.parametrize("ahead", [True, False], ids=["decided ahead", "under the lock"])
def test_all_callers_are_answered_when_connections_are_lost(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, ahead: bool
) -> None:
    """Nobody waits for ever, nobody hears that something failed inside, nothing is posted twice."""
    worked_store(postgresql_url, tmp_path).close()
    with open_store(postgresql_url) as store:
        for number in range(3):
            (outcome,) = post(store, deposit(f"{number}", ACCOUNTS[0]))
            assert code_of(outcome) == "posted"
        standing = verify_book(store, BOOK).records
        found = desk(store, BOOK)
        assert isinstance(found, Desk)
        found.contended = not ahead
        ended_once(monkeypatch, postgresql_url)

        assert _posted_at_once(store) == ["posted"] * CALLERS
        report = verify_book(store, BOOK)
        assert report.findings == []
        assert report.records == standing + CALLERS


def _posted_at_once(store: Store) -> list[str]:
    """Post from several threads; one that is never answered leaves nothing in the list."""
    answers: list[str] = []

    def call(number: int) -> None:
        sent = deposit(f"later {number}", ACCOUNTS[1])
        answers.extend(code_of(each) for each in post(store, sent))

    threads = [
        threading.Thread(target=call, args=(number,), daemon=True) for number in range(CALLERS)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join(ANSWER_SECONDS_MAX)
    return answers
