"""A server that ends connections between two posts: the next post is answered all the same."""

import threading
from pathlib import Path

from sqlalchemy import create_engine, text

from ledger.audit import verify_book
from ledger.core.body import Body
from ledger.store import Store
from tests.ledger.worked import BOOK, balance, body, code_of, post, worked_store

CALLERS, ANSWER_SECONDS_MAX = 4, 30
END_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def deposit(name: str) -> Body:
    """Make the body of a deposit of one yuan."""
    text = "2025-06-01 deposit\n CLR:Bank:Settlement 1 CNY\n CLR:Client:Mill:Free -1 CNY"
    return body(text, name=name)


def test_a_post_after_every_connection_was_ended(postgresql_url: str, tmp_path: Path) -> None:
    """Whatever the desk still holds is dead: it takes new connections, and serves all who come."""
    with worked_store(postgresql_url, tmp_path) as store:
        for number in range(3):
            assert [code_of(each) for each in post(store, deposit(f"{number}"))] == ["posted"]
        owner = create_engine(postgresql_url)
        with owner.connect() as connection:
            connection.execute(text(END_ALL))
        owner.dispose()

        assert _posted_at_once(store) == ["posted"] * CALLERS
        assert balance(store, "CLR:Client:Mill:Free", "CNY") == f"{3 + CALLERS}.00"
        assert verify_book(store, BOOK).findings == []


def _posted_at_once(store: Store) -> list[str]:
    """Post from several threads; one that is never answered leaves nothing in the list."""
    answers: list[str] = []

    def call(number: int) -> None:
        answers.extend(code_of(each) for each in post(store, deposit(f"later {number}")))

    threads = [
        threading.Thread(target=call, args=(number,), daemon=True) for number in range(CALLERS)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join(ANSWER_SECONDS_MAX)
    return answers
