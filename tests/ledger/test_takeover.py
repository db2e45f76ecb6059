"""One desk after another: what takeovers, failures half way, refusals elsewhere must not leave."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn
from uuid import UUID, uuid5

import pytest

from ledger import balances
from ledger.core import rules
from ledger.core.body import Body
from ledger.core.command import Change, Command, Post, Reject
from ledger.queueing import Ticket, Turn
from ledger.store import Store, bulk_postgresql, open_store, write
from ledger.store.load import find_book
from ledger.store.prepared import Prepared
from ledger.store.session import SqlSession
from ledger.verification import verify_book
from ledger.writer import Desk, desk, submit
from tests.ledger.worked import BOOK, PREPARER, balance, body, code_of, post, worked_store

PLANT = "\nCLR:Bank:Settlement {0} CNY\nCLR:Client:Plant:Free -{0} CNY"
MILL = "\nCLR:Bank:Settlement {0} CNY\nCLR:Client:Mill:Free -{0} CNY"
TREASURY = "\nT1:1001国库存款 {0} CNY\nT1:4002非税收入 -{0} CNY"
PAYMENT = "\nCLR:Client:Plant:Free 50.00 CNY\nCLR:Bank:Settlement -50.00 CNY"


def moved(lines: str, amount: str, name: str) -> Body:
    """Make the body of a movement."""
    return body("2025-06-01 moved" + lines.format(amount), name=name)


def the_desk(store: Store) -> Desk:
    """Return the desk of a store for the worked book."""
    found = desk(store, BOOK)
    assert isinstance(found, Desk)
    return found


def test_nobody_decides_on_what_is_caught_up_and_not_committed(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second process takes over a book whose balances are behind, with two callers at once."""
    with worked_store(database_url, tmp_path) as one, open_store(database_url) as other:
        post(one, moved(TREASURY, "1.00", "a"), moved(MILL, "1.00", "b"))
        with monkeypatch.context() as lagging:
            lagging.setattr(write, "SETTLED", 0)
            lagging.setattr(write, "FEW", 0)
            post(one, moved(TREASURY, "100.00", "c"))
            post(one, moved(MILL, "100.00", "d"))
        right, second = SqlSession.write, []

        def slowly(session: SqlSession, prepared: Prepared) -> None:
            monkeypatch.setattr(SqlSession, "write", right)
            right(session, prepared)
            calling = threading.Thread(target=post, args=(other, moved(MILL, "5.00", "f")))
            calling.start()
            second.append(calling)
            calling.join(0.3)

        monkeypatch.setattr(SqlSession, "write", slowly)
        post(other, moved(TREASURY, "5.00", "e"))
        second[0].join()

        assert balance(other, "CLR:Client:Mill:Free", "CNY") == "106.00"
        assert verify_book(other, BOOK).findings == []


def test_what_failed_half_way_is_not_built_upon(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch decided ahead fails in its midst; another that was failing before goes on first."""

    def unforeseen(*_: object) -> None:
        raise RuntimeError

    with worked_store(database_url, tmp_path) as store:
        post(store, moved(PLANT, "1.00", "a"))
        half = Command((Post(moved(PLANT, "50.00", "b")), Reject(UUID(int=9), "x")), atomic=False)
        with monkeypatch.context() as failing:
            failing.setitem(rules.VERBS, Reject, unforeseen)
            with pytest.raises(RuntimeError):
                the_desk(store)._ahead((half,))
        assert code_of(post(store, moved(PLANT, "2.00", "c"))[0]) == "posted"

        assert balance(store, "CLR:Client:Plant:Free", "CNY") == "3.00"
        assert verify_book(store, BOOK).findings == []


def test_a_closed_account_stays_closed_when_its_balance_is_loaded_again(
    database_url: str, tmp_path: Path
) -> None:
    """Two processes in turn; one closes an account whose balance it remembers from before."""
    with worked_store(database_url, tmp_path) as one, open_store(database_url) as other:
        post(one, moved(PLANT, "1.00", "a"), moved(TREASURY, "1.00", "b"))
        for number in range(3):
            post(other, moved(TREASURY, "1.00", f"other {number}"))
            post(one, moved(TREASURY, "1.00", f"one {number}"))
        with one.reading() as connection:
            plant = balances.account(
                connection, find_book(connection, BOOK), "CLR:Client:Plant:Free"
            )
        submit(one, BOOK, Command((Change(replace(plant, state="closed")),), PREPARER))

        assert code_of(post(one, moved(PLANT, "7.00", "c"))[0]) == "ledger.account-state"


def test_an_id_that_another_process_refused_is_not_posted(
    database_url: str, tmp_path: Path
) -> None:
    """It was decided ahead, behind a deposit that covers it; meanwhile it was refused elsewhere."""
    with worked_store(database_url, tmp_path) as one, open_store(database_url) as other:
        post(one, moved(PLANT, "1.00", "a"))
        payment = body("2025-06-01 paid" + PAYMENT, name=str(uuid5(UUID(int=3), "x")))
        deposit = Post(moved(PLANT, "60.00", "b"))
        ready = the_desk(one)._ahead((Command((deposit, Post(payment)), atomic=False),))
        assert ready is not None
        assert code_of(post(other, payment)[0]) == "ledger.floor"

        assert the_desk(one)._kept(ready) is None
        assert code_of(post(one, payment)[0]) == "ledger.floor"
        assert verify_book(one, BOOK).findings == []


def test_a_leader_that_is_interrupted_tells_those_behind(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever; the next who comes leads."""

    def interrupted(desk: Desk, commands: Sequence[Command]) -> NoReturn:
        desk._hand_over()
        raise KeyboardInterrupt

    with worked_store(database_url, tmp_path) as store:
        one, other = (Ticket(Command((Post(moved(PLANT, "1.00", name)),))) for name in "ab")
        the_desk(store).led = True
        the_desk(store).waiting.append(other)
        with monkeypatch.context() as pressed:
            pressed.setattr(Desk, "_turn", interrupted)
            with pytest.raises(KeyboardInterrupt):
                the_desk(store)._lead(one)

        assert other.called.is_set()
        assert isinstance(other.error, KeyboardInterrupt)
        assert post(store, moved(PLANT, "1.00", "c"))[0].status == "posted"


def test_what_is_given_up_does_not_hold_the_turn() -> None:
    """A batch decided ahead counts until it is written, or somebody interrupts it."""
    turn = Turn()
    turn.began_us = time.monotonic_ns() // 1000
    with suppress(KeyboardInterrupt), turn.join() as ahead:
        assert (ahead.joined, turn.ahead) == (True, 1)
        raise KeyboardInterrupt

    assert turn.ahead == 0


def test_a_record_is_one_row_alone_and_among_many() -> None:
    """A few are packed one by one, many together: the same bytes."""
    record = SimpleNamespace(KIND=1)
    entries = [SimpleNamespace(seq=n, record=record, booked_at_us=n << 40) for n in range(1, 301)]
    leaves = [bytes([n % 256]) * 32 for n in range(1, 301)]
    (many,) = bulk_postgresql._records(7, entries, leaves)  # type: ignore[arg-type]
    runs = [(entries[n : n + 100], leaves[n : n + 100]) for n in range(0, 300, 100)]
    few = [row for run in runs for row in bulk_postgresql._records(7, *run)]  # type: ignore[arg-type]

    assert b"".join(few) == many
