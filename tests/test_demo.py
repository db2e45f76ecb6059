"""The demonstration: the published figures to the last digit, on both databases, once."""

from collections.abc import Iterator

import pytest

from api.demo.run import Demonstration, run
from ledger.audit import audit
from ledger.statements import CATALOGUE, trial_balance
from ledger.store import Store, open_store
from ledger.store.load import find_book

BOOK, LENGTH_OF_ID = "main", 36
FIGURES = {
    ("xiangshan-blue-carbon", "248050.60", "computed"),
    ("jingzhou-discharge-auction", "96473.55", "booked"),
    ("jingzhou-discharge-auction", "4685.00", "booked"),
    ("jingzhou-discharge-auction", "50463.15", "booked"),
    ("jingzhou-discharge-auction", "36379.20", "booked"),
    ("jingzhou-discharge-auction", "188000.90", "checked"),
    ("yinchuan-water", "364000.00", "computed"),
    ("yinchuan-water", "1092000.00", "computed"),
    ("yunhe-cod", "110.40", "computed"),
    ("cea-2021-08-11", "1118000.00", "computed"),
    ("chishui-compensation", "40000000.00", "computed"),
    ("chishui-compensation", "-20000000.00", "computed"),
    ("yunhe-gep-purchase", "6948666.67", "inferred"),
    ("yunhe-gep-purchase", "4864066.67", "inferred"),
    ("yunhe-gep-purchase", "2084600.00", "inferred"),
    ("yunhe-gep-purchase", "2084400.00", "checked"),
    ("jinhua-water-source", "7029000.00", "computed"),
}


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty, migrated database."""
    with open_store(database_url) as store:
        yield store


def shown(store: Store) -> Demonstration:
    """Run the demonstration."""
    return run(store, BOOK)


def trial(store: Store) -> list[tuple[object, ...]]:
    """Return the trial balance's rows."""
    with store.reading() as connection:
        return list(trial_balance(connection, find_book(connection, BOOK)).rows)


def test_every_published_figure_to_the_last_digit(store: Store) -> None:
    """Deals, payments and the energy budget, each with its status; the books verify."""
    demonstration = shown(store)

    assert {(each.example, each.amount, each.status) for each in demonstration.told} >= FIGURES
    assert any(each.quantity == "9680.000 tce" for each in demonstration.told)
    assert f"{demonstration.account.gep_cny / 1e8:.4f}" == "7548.9501"
    assert demonstration.report.findings == []


def test_three_people_published_the_account(store: Store) -> None:
    """The account of Garzê is an edition in the log, by a compiler, a reviewer and a publisher."""
    edition = shown(store).edition

    assert (edition.id, edition.state) == ("garze-2010-1", "published")
    assert len({each.person for each in edition.steps}) == 3


def test_run_twice_nothing_is_booked_twice(store: Store) -> None:
    """The second run is all replays: same records, same root, same trial balance."""
    first, before = shown(store), trial(store)
    second = shown(store)

    assert (first.posted, second.posted) == (43, 0)
    assert (second.report.records, second.report.root) == (
        first.report.records, first.report.root,
    )  # fmt: skip
    assert trial(store) == before


def test_the_trial_balance_is_zero_and_dues_agree(store: Store) -> None:
    """Per entity, basis and commodity; what Yunnan is due is what Guizhou and Sichuan owe."""
    shown(store)

    assert {row[5] for row in trial(store)} == {0}
    assert len(trial(store)) == 28
    assert audit(store, BOOK) == []


def test_both_databases_show_the_same(sqlite_url: str, postgresql_url: str) -> None:
    """Figures, trial balance and every statement are equal, digit for digit."""
    seen = []
    for url in (sqlite_url, postgresql_url):
        with open_store(url) as store:
            told = shown(store).told
            with store.reading() as connection:
                book = find_book(connection, BOOK)
                statements = {
                    name: [_without_ids(row) for row in make(connection, book).rows]
                    for name, make in CATALOGUE.items()
                }
            seen.append((told, statements))

    assert seen[0] == seen[1]


def test_every_transfer_has_two_people_and_its_evidence(store: Store) -> None:
    """Prepared by one, approved by another, resting on an assessment."""
    shown(store)
    with store.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT preparer, approver, metadata FROM transactions WHERE kind = 'fiscal.transfer'"
        ).all()

    assert len(rows) == 8
    assert all(preparer != approver and approver for preparer, approver, _ in rows)
    assert all('"evidence"' in metadata for _, _, metadata in rows)


def _without_ids(row: tuple[object, ...]) -> tuple[object, ...]:
    """Leave out the ids of transactions, which follow from each book's own id."""
    return tuple(cell for cell in row if not (isinstance(cell, str) and len(cell) == LENGTH_OF_ID))
