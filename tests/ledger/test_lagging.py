"""Balances and turnovers that lag behind the log: every reader sees where the log has come to."""

import datetime as dt
from collections import Counter
from pathlib import Path
from random import Random
from uuid import UUID, uuid5

import pytest

from ledger.balances import balances
from ledger.core import body as bodies
from ledger.core.body import Body
from ledger.core.command import Command, Item, Place, Post, Release
from ledger.store import Store, open_store, turnover, write
from ledger.store.load import find_book
from ledger.verification import verify_book
from ledger.writer import submit
from tests.ledger.worked import BOOK, PREPARER, worked_store

BANK, MILL, PLANT = "CLR:Bank:Settlement", "CLR:Client:Mill:Free", "CLR:Client:Plant:Free"
TREASURY, INCOME = "T1:1001国库存款", "T1:4002非税收入"
FIRST = dt.date(2025, 1, 1)
DAYS, BATCHES, MOST = 6, 60, 9
SUMS = Counter[tuple[str, dt.date]]


class Traffic:
    """Batches of random transactions, and a plain sum of what was posted by account and day."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.names = iter(range(10**6))
        self.posted: SUMS = Counter()
        self.held: list[UUID] = []
        self.sent: list[Body] = []
        self.day = 0

    def id(self) -> UUID:
        """Return a new id."""
        return uuid5(UUID(int=2), str(next(self.names)))

    def batch(self) -> Command:
        """Make a batch: income of a treasury on any day, client money on days in order."""
        items = [self.item() for _ in range(self.random.randrange(1, MOST))]
        chained = self.random.random() < 0.3
        return Command(tuple(items), PREPARER, (), atomic=chained)

    def item(self) -> Item:
        """Make one item."""
        chance = self.random.random()
        if chance < 0.1:
            return Place(self.hold())
        if chance < 0.15 and self.held:
            return Release(self.held.pop(), "no longer needed")
        if chance < 0.6:
            return Post(self.body(TREASURY, INCOME, self.random.randrange(DAYS)))
        self.day = min(self.day + (self.random.random() < 0.02), DAYS)
        taken, given = self.random.choice(
            [(BANK, MILL), (BANK, PLANT), (MILL, PLANT), (PLANT, MILL)]
        )
        return Post(self.body(taken, given, self.day))

    def body(self, taken: str, given: str, day: int) -> Body:
        """Make a transaction."""
        amount = self.random.randrange(1, 300)
        return bodies.read({
            "book": BOOK, "id": str(self.id()), "effective_on": str(FIRST + dt.timedelta(day)),
            "postings": [
                {"account": taken, "commodity": "CNY", "amount": str(amount)},
                {"account": given, "commodity": "CNY", "amount": str(-amount)},
            ],
        })  # fmt: skip

    def hold(self) -> bodies.HoldBody:
        """Make a hold of client money."""
        id = self.id()
        self.held.append(id)
        line = {"account": MILL, "commodity": "CNY", "amount": "1", "side": "debit"}
        return bodies.read_hold({"book": BOOK, "id": str(id), "lines": [line]})

    def note(self, command: Command, statuses: list[str]) -> None:
        """Add up what was posted."""
        for item, status in zip(command.items, statuses, strict=True):
            if isinstance(item, Post) and status == "posted":
                self.sent.append(item.body)
                for line in item.body.postings:
                    assert item.body.effective_on is not None
                    self.posted[line.account, item.body.effective_on] += int(line.amount)


@pytest.mark.parametrize("seed", range(4))
def test_every_reader_sees_where_the_log_has_come_to(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Balances written now and then, turnovers folded now and then, two processes in turn.

    Now and then the one that does not write looks in, with batches that add nothing.
    """
    monkeypatch.setattr(write, "SETTLED", 2)
    monkeypatch.setattr(write, "FEW", 1)
    monkeypatch.setattr(write, "BEHIND_MAX", 25)
    monkeypatch.setattr(turnover, "STEP", 40)
    traffic = Traffic(seed)
    behind = []
    with worked_store(database_url, tmp_path) as one, open_store(database_url) as other:
        writer = one
        for number in range(BATCHES):
            if not number % 20:
                writer = other if writer is one else one
            visitor = other if writer is one else one
            command = traffic.batch()
            if not number % 9:
                _replayed(visitor, traffic.sent)
                _replayed(writer, traffic.sent)
            outcomes = submit(writer, BOOK, command)
            traffic.note(command, [each.status for each in outcomes])
            behind.append(_behind(one))
            if not number % 7:
                _agree(one, traffic.posted)
        _agree(one, traffic.posted)
        assert verify_book(one, BOOK).findings == []
    lagged, followed = max(each[0] for each in behind), min(each[1] for each in behind[-20:])
    assert 0 < lagged < 25 + MOST * 2
    assert followed < 40 + MOST * 2


def _replayed(store: Store, sent: list[Body]) -> None:
    """Send again what was posted, one by one: batches that add nothing to the log."""
    for body in sent[-4:]:
        (outcome,) = submit(store, BOOK, Command((Post(body),), PREPARER))
        assert outcome.status == "replayed"


def _behind(store: Store) -> tuple[int, int]:
    """Return how many records balances and turnovers are behind."""
    with store.reading() as connection:
        row = connection.exec_driver_sql("SELECT seq, balanced_seq, turned_seq FROM heads").one()
    return row[0] - row[1], row[0] - row[2]


def _agree(store: Store, posted: SUMS) -> None:
    """Hold today's balances, and those of every day, against the plain sum."""
    with store.reading() as connection:
        book = find_book(connection, BOOK)
        for as_of in (None, *(FIRST + dt.timedelta(day) for day in range(DAYS + 1))):
            sums: Counter[str] = Counter()
            for (account, on), amount in posted.items():
                sums[account] += amount * 100 if as_of is None or on <= as_of else 0
            found = {
                each.account.code: each.balance.quanta
                for each in balances(connection, book, as_of=as_of)
            }
            assert {code: quanta for code, quanta in found.items() if quanta} == {
                code: quanta for code, quanta in sums.items() if quanta
            }
