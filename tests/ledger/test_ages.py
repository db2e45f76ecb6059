"""Always-zero accounts and their age: since which booking day they are not zero."""

import datetime as dt
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ledger import chart, periods
from ledger.core.command import Turn
from ledger.core.period_refusals import NotZero
from ledger.store import Store
from ledger.store.load import find_book
from tests.ledger.worked import BOOK, body, post, worked_store

ALWAYS_ZERO = """
[[account]]
code = "T1:Transit:other"
class = "asset"
basis = "accrual"
always_zero_days = 10
"""
NOON = dt.datetime(2100, 3, 1, 4, tzinfo=dt.UTC)
"""Noon in Shanghai, later than any clock under which the book was opened."""


class Desk:
    """The worked book with an account that must be zero within ten days, and a clock."""

    def __init__(self, store: Store) -> None:
        self.store, self.now, self.names = store, NOON, count()
        store.clock = lambda: int(self.now.timestamp()) * 1_000_000

    def go_on(self, days: int) -> None:
        """Let days pass."""
        self.now += dt.timedelta(days=days)

    def moves(self, *amounts: str) -> None:
        """Post to the transit account and back, all in one transaction."""
        told = "2026-03-01 Transit"
        for each in amounts:
            back = each.removeprefix("-") if each.startswith("-") else f"-{each}"
            told += f"\n T1:Transit:other {each} CNY\n T1:4002非税收入 {back} CNY"
        (outcome,) = post(self.store, body(told, name=f"transit {next(self.names)}"))
        assert outcome.status == "posted"

    def ages(self) -> list[tuple[str, str, int, int]]:
        """Return balance, day, days and days over of each account that is not zero."""
        with self.store.reading() as connection:
            book = find_book(connection, BOOK)
            found = list(periods.ages(connection, book, book.day_of(self.store.clock())))
        assert {each.account.code for each in found} <= {"T1:Transit:other"}
        return [(str(each.balance), f"{each.since:%d}", each.days, each.over) for each in found]


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk on the first of March."""
    path = tmp_path / "more.toml"
    path.write_text(ALWAYS_ZERO, "utf-8")
    with worked_store(database_url, tmp_path) as store:
        made = Desk(store)
        chart.load(store, BOOK, chart.read(path), actor=None)
        yield made


def test_since_the_first_booking_that_left_zero(desk: Desk) -> None:
    """Ten days are allowed, on the eleventh it is one over; more on top makes it no younger."""
    assert desk.ages() == []
    desk.moves("100.00")
    assert desk.ages() == [("100.00", "01", 0, 0)]
    desk.go_on(10)
    desk.moves("50.00", "-20.00")
    assert desk.ages() == [("130.00", "01", 10, 0)]
    desk.go_on(1)
    assert desk.ages() == [("130.00", "01", 11, 1)]


def test_zero_in_between_begins_anew(desk: Desk) -> None:
    """Empty on the third, even for a moment; it counts from the next booking, of either sign."""
    desk.moves("100.00")
    desk.go_on(2)
    desk.moves("-100.00")
    assert desk.ages() == []
    desk.moves("-7.00")
    desk.go_on(12)
    assert desk.ages() == [("-7.00", "03", 12, 2)]
    desk.moves("7.00")
    assert desk.ages() == []


def test_within_one_transaction_zero_is_no_pause(desk: Desk) -> None:
    """Lines that pass through zero on their way leave it as old as it is."""
    desk.moves("100.00")
    desk.go_on(3)
    desk.moves("-100.00", "40.00")
    assert desk.ages() == [("40.00", "01", 3, 0)]
    desk.moves("60.00", "-100.00")
    assert desk.ages() == []


def test_a_day_is_one_of_the_books_time_zone(desk: Desk) -> None:
    """Seventeen hours UTC is the next morning in Shanghai."""
    desk.now = dt.datetime(2100, 3, 1, 17, tzinfo=dt.UTC)
    desk.moves("1.00")
    assert desk.ages() == [("1.00", "02", 0, 0)]


def test_a_close_refuses_while_it_is_not_zero(desk: Desk) -> None:
    """However young: the seal is made over an empty account."""
    asked: Any = Turn("T1", "accrual", "2026-03", "closed")
    desk.moves("100.00")
    with pytest.raises(NotZero):
        periods.turn(desk.store, BOOK, asked, actor=None)
    desk.moves("-100.00")
    assert periods.turn(desk.store, BOOK, asked, actor=None).seq is not None
