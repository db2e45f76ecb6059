"""Two exports beside one another: what was paid arrived once, and each names the other rightly."""

import json
from collections.abc import Callable

import pytest

from ledger.export import export
from ledger.proof.crossing import crossed
from ledger.proof.layout import Json
from ledger.store import open_store
from ledger.store.load import find_book
from ledger.store.migration import migrate
from tests.ledger.test_transit import CLOSED, deliver, opened, paying, send

Books = tuple[list[Json], list[Json]]
Forge = Callable[[list[Json], list[Json]], object]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two books, of which one pays the other: accepted, refused, and still in transit."""
    url = f"sqlite:///{tmp_path_factory.mktemp('crossing')}/gep.db"
    migrate(url)
    with open_store(url) as store:
        for book, other in (("province", "county"), ("county", "province")):
            opened(store, book, other)
        send(store, paying("good"))
        send(store, paying("bad", payee=CLOSED))
        assert deliver(store) == [
            "received", "settled", "refused ledger.account-state", "returned",
        ]  # fmt: skip
        send(store, paying("later"))
        with store.reading() as connection:
            return json.dumps([
                list(export(connection, find_book(connection, book)))
                for book in ("province", "county")
            ])  # fmt: skip


@pytest.fixture
def books(told: str) -> Books:
    """A copy of both exports, to be forged."""
    province, county = json.loads(told)
    return province, county


def of_kind(lines: list[Json], kind: str) -> Json:
    """Find the first transaction of a kind."""
    return next(line for line in lines if line.get("kind") == kind)


def another_leaf(_: list[Json], county: list[Json]) -> None:
    """Give the twin another leaf, as who recomputes the county's book would."""
    of_kind(county, "transit.receive")["leaf"] = "00" * 32


def another_amount(_: list[Json], county: list[Json]) -> None:
    """Let less arrive than was sent."""
    for posting in of_kind(county, "transit.receive")["postings"]:
        posting["amount"] = posting["amount"].replace("109", "108")


def came_back_too(province: list[Json], _: list[Json]) -> None:
    """Let what arrived come back as well."""
    sent, back = of_kind(province, "transit.send"), of_kind(province, "transit.return")
    back["reverses"] = sent["id"]


FORGED: tuple[tuple[str, Forge], ...] = (
    ("crossing.leaf", another_leaf),
    ("crossing.amount", another_amount),
    ("crossing.twice", came_back_too),
    ("crossing.lost", lambda _, county: county.remove(of_kind(county, "transit.receive"))),
    ("crossing.missing", lambda _, county: county.remove(of_kind(county, "transit.receive"))),
    ("crossing.unsent", lambda province, _: province.remove(of_kind(province, "transit.send"))),
)


def test_exports_that_agree(books: Books) -> None:
    """Nothing is found, in either order; one of them alone says nothing of the other."""
    province, county = books

    assert crossed([lambda: province, lambda: county]) == []
    assert crossed([lambda: county, lambda: province]) == []
    assert crossed([lambda: province]) == []


@pytest.mark.parametrize(("code", "forge"), FORGED, ids=[each[0] for each in FORGED])
def test_what_does_not_agree_is_found(books: Books, code: str, forge: Forge) -> None:
    """Whatever one of them leaves out, changes or adds."""
    province, county = books
    forge(province, county)

    assert code in {each.code for each in crossed([lambda: province, lambda: county])}
