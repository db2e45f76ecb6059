"""Several processes on one book: no error, no gap, no double, and a trial balance of zero."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid5

import pytest
from sqlalchemy import create_engine, text

from ledger import journal
from ledger.core.body import Body, read
from ledger.verification import verify_book
from tests.ledger.worked import BOOK, balance, body, post, worked_store

WAITING = """
SELECT pid FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database()
"""
POSTER = """
import sys
from uuid import UUID, uuid5
from ledger import journal
from ledger.core import body
from ledger.store import open_store

url, name, shared = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open_store(url) as store:
    for number in range(60):
        mine = "common" if number < shared else name
        sent = body.read({
            "book": "main", "id": str(uuid5(UUID(int=3), f"{mine} {number}")),
            "effective_on": "2025-06-01", "narrative": "deposit", "postings": [
                {"account": "CLR:Bank:Settlement", "commodity": "CNY", "amount": "1.00"},
                {"account": "CLR:Client:Mill:Free", "commodity": "CNY", "amount": "-1.00"},
            ]})
        (outcome,) = journal.post_bodies(store, "main", [sent], actor=None)
        print(outcome.status, outcome.seq)
"""


@pytest.mark.parametrize("processes", [2, 4])
def test_processes_posting_at_once(database_url: str, tmp_path: Path, processes: int) -> None:
    """Each posts 60 deposits of 1 yuan, the first 20 under ids that all of them use."""
    with worked_store(database_url, tmp_path) as store:
        opened = verify_book(store, BOOK).records
        running = [
            subprocess.Popen(
                [sys.executable, "-c", POSTER, database_url, str(each), "20"],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for each in range(processes)
        ]
        answers = []
        for process in running:
            printed, errors = process.communicate(timeout=120)
            assert (process.returncode, errors) == (0, "")
            answers += [line.split() for line in printed.splitlines()]
        report = verify_book(store, BOOK)

        posted = [seq for status, seq in answers if status == "posted"]
        assert len(posted) == len(set(posted)) == 20 + 40 * processes
        assert {status for status, _ in answers} == {"posted", "replayed"}
        assert balance(store, "CLR:Client:Mill:Free", "CNY") == f"{len(posted)}.00"
        assert report.findings == []
        assert report.records == opened + 1 + len(posted)


def test_a_lost_connection_is_tried_again(postgresql_url: str, tmp_path: Path) -> None:
    """The server ends the connection of a waiting post: it is posted all the same, once."""
    deposit = "2025-06-01 deposit\n CLR:Bank:Settlement 1 CNY\n CLR:Client:Mill:Free -1 CNY"
    with (
        worked_store(postgresql_url, tmp_path) as store,
        ThreadPoolExecutor() as threads,
        create_engine(postgresql_url).connect() as owner,
    ):
        owner.execute(text("SELECT * FROM heads FOR UPDATE"))
        posting = threads.submit(post, store, body(deposit))
        while not (waiting := owner.execute(text(WAITING)).scalars().all()):
            assert not posting.done()
        owner.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": waiting[0]})
        owner.rollback()

        assert [each.status for each in posting.result(timeout=60)] == ["posted"]
        assert balance(store, "CLR:Client:Mill:Free", "CNY") == "1.00"
        assert verify_book(store, BOOK).findings == []
    owner.engine.dispose()


def test_threads_share_batches(database_url: str, tmp_path: Path) -> None:
    """Twelve callers of one process, some batches refused and some replayed: all of it stands."""
    with worked_store(database_url, tmp_path) as store:
        post(store, body("2025-06-01 in\nCLR:Bank:Settlement 5.00 CNY\n" + MILL + " -5.00 CNY"))
        sent = [deposit(number % 200, "-1.00" if number % 9 else "600.00") for number in range(600)]
        with ThreadPoolExecutor(12) as callers:
            answers = list(callers.map(lambda each: journal.post_bodies(
                store, BOOK, [each], actor=None
            )[0], sent))  # fmt: skip

        assert {each.status for each in answers} <= {"posted", "replayed", "refused"}
        posted = [each for each in answers if each.status == "posted"]
        assert len({each.id for each in posted}) == len(posted)
        assert verify_book(store, BOOK).findings == []
        assert balance(store, MILL, "CNY") == f"{5 + len(posted)}.00"


MILL = "CLR:Client:Mill:Free"


def deposit(number: int, amount: str) -> Body:
    """Deposit one yuan, or (a large amount) take out what is not there."""
    return read({
        "book": BOOK, "id": str(uuid5(UUID(int=9), f"{number} {amount}")),
        "effective_on": "2025-06-01", "narrative": "deposit", "postings": [
            {"account": MILL, "commodity": "CNY", "amount": amount},
            {"account": "CLR:Bank:Settlement", "commodity": "CNY",
             "amount": "1.00" if amount == "-1.00" else "-600.00"},
        ],
    })  # fmt: skip
