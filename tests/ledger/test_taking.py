"""Holds taken up without a posting: what was reserved is free again, and was used once."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from ledger.core import body as bodies
from ledger.core.account import Account, Side
from ledger.core.amount import CNY
from ledger.core.book import Book
from ledger.core.command import Annotate, Command, Declare, Item, Open, Place, Post, Take
from ledger.core.errors import DomainError
from ledger.core.state import Outcome
from ledger.store import Store
from ledger.store.memory import MemoryStore
from ledger.verification import verify_book
from ledger.writer import Desk, submit
from tests.ledger.test_journal import DEPOSIT, ISSUE, TRADE
from tests.ledger.worked import BOOK, PREPARER, body, code_of, post, worked_store

PLANT, CASH = "CRC:Holding:Plant:Free", "CLR:Client:Mill:Free"


def id_of(name: str) -> str:
    """Return the id of what is called so."""
    return str(uuid5(UUID(int=0), name))


def take(name: str, *consumes: tuple[str, int, str, bool]) -> Take:
    """Take of lines of holds: hold, line, amount, final."""
    lines = [
        {"hold": id_of(hold), "line": line, "amount": amount, "final": final}
        for hold, line, amount, final in consumes
    ]
    return Take(bodies.read_consume({"book": BOOK, "id": id_of(name), "consumes": lines}))


def hold(name: str, *lines: tuple[str, str, str, str]) -> Place:
    """Place a hold: account, amount, commodity, side."""
    names = ("account", "amount", "commodity", "side")
    sent: dict[str, Any] = {"book": BOOK, "id": id_of(name)}
    sent["lines"] = [dict(zip(names, line, strict=True)) for line in lines]
    return Place(bodies.read_hold(sent))


def do(store: Store, *items: Item, atomic: bool = False) -> list[Outcome]:
    """Submit items as the preparer."""
    return list(submit(store, BOOK, Command(items, PREPARER, atomic=atomic)))


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """The plant has 1,000 t of which 600 are reserved together with 500 yuan of the mill's."""
    with worked_store(database_url, tmp_path) as store:
        post(store, body(DEPOSIT), body(ISSUE))
        lines = ((PLANT, "600", "CEA.2024", "credit"), (CASH, "500.00", "CNY", "debit"))
        assert code_of(do(store, hold("order", *lines))[0]) == "held"
        yield store


def test_what_is_taken_is_no_longer_reserved(store: Store) -> None:
    """200 of 600 t are taken up: 400 stay reserved, so that 600 may go and 601 may not."""
    (outcome,) = do(store, take("first", ("order", 1, "200", False)))
    cheap = TRADE.replace("80,000.00", "100.00")
    sold = [cheap.replace("1,000 CEA", f"{tonnes} CEA") for tonnes in ("601", "600")]

    assert (outcome.status, outcome.id) == ("done", UUID(id_of("first")))
    assert [code_of(post(store, body(each))[0]) for each in sold] == ["ledger.floor", "posted"]
    assert verify_book(store, BOOK).findings == []


def test_the_last_of_it_consumes_the_hold(store: Store) -> None:
    """Line by line; final lets the remainder go, and then there is nothing more to take."""
    told = do(
        store,
        take("tonnes", ("order", 1, "600", False)),
        take("yuan", ("order", 2, "0", True)),
        take("more", ("order", 1, "1", False)),
    )

    assert [code_of(each) for each in told] == ["done", "done", "ledger.hold-not-pending"]
    assert verify_book(store, BOOK).findings == []


def test_the_same_again_takes_nothing(store: Store) -> None:
    """A replay answers as the first time, whoever asks; another body is a conflict."""
    asked = take("first", ("order", 1, "400", False))
    first, again, other = do(store, asked, asked, take("first", ("order", 1, "300", False)))
    with closing(Desk(store, BOOK)) as another_process:
        (later,) = another_process.submit(Command((asked,)))

    assert [code_of(each) for each in (first, again, later)] == ["done", "replayed", "replayed"]
    assert first.seq == again.seq == later.seq
    assert code_of(other) == "ledger.id-conflict"


def test_an_id_is_used_once(store: Store) -> None:
    """By a transaction, a hold or a consumption; and a consumption is nothing to annotate."""
    do(store, take("first", ("order", 1, "1", False)))
    told = do(
        store,
        Post(body(TRADE, name="first")),
        hold("first", (PLANT, "1", "CEA.2024", "credit")),
        take("order", ("order", 1, "1", False)),
        Annotate(UUID(id_of("first")), {"note": "x"}),
    )

    assert [code_of(each) for each in told] == [
        *["ledger.id-conflict"] * 3, "ledger.unknown-transaction",
    ]  # fmt: skip


REFUSED = (
    ("no such hold", [("nobody", 1, "1", False)], "ledger.unknown-hold"),
    ("no such line", [("order", 3, "1", False)], "ledger.malformed"),
    ("half a tonne", [("order", 1, "0.5", False)], "ledger.inexact-amount"),
    ("more than is reserved", [("order", 1, "601", False)], "ledger.hold-exceeded"),
    ("more in two parts", [("order", 1, "600", False), ("order", 1, "1", False)],
     "ledger.hold-exceeded"),
    ("after the last", [("order", 1, "1", True), ("order", 1, "1", False)],
     "ledger.hold-exceeded"),
)  # fmt: skip


@pytest.mark.parametrize(("story", "consumes", "code"), REFUSED, ids=[each[0] for each in REFUSED])
def test_what_cannot_be_taken(
    store: Store, story: str, consumes: list[tuple[str, int, str, bool]], code: str
) -> None:
    """Refused as a transaction that consumes it would be; nothing of it is taken."""
    (outcome,) = do(store, take("refused", *consumes))
    (whole,) = do(store, take("whole", ("order", 1, "600", False)))

    assert code_of(outcome) == code, story
    assert code_of(whole) == "done"


def test_a_hold_that_came_too_late_is_not_taken_by_a_late_duplicate(store: Store) -> None:
    """Refused for want of the hold: that stays with the id; all or nothing burns no id."""
    early = take("early", ("later", 1, "1", False))
    assert code_of(do(store, early)[0]) == "ledger.unknown-hold"
    together = take("together", ("later", 1, "1", False))
    do(store, Post(body(TRADE)), together, atomic=True)
    do(store, hold("later", (CASH, "2.00", "CNY", "debit")))

    assert code_of(do(store, early)[0]) == "ledger.unknown-hold"
    assert code_of(do(store, together)[0]) == "done"


def test_what_falls_with_others_takes_nothing(store: Store) -> None:
    """Taken up, and then the other item of the request is refused: reserved as before."""
    told = do(
        store, take("first", ("order", 1, "600", True)), take("x", ("nobody", 1, "1", False)),
        atomic=True,
    )  # fmt: skip
    (again,) = do(store, take("first", ("order", 1, "600", True)))

    assert [code_of(each) for each in told] == ["ledger.chain-broken", "ledger.unknown-hold"]
    assert code_of(again) == "done"
    assert verify_book(store, BOOK).findings == []


@pytest.mark.parametrize("sent", [{"consumes": []}, {"consumes": None}, {"lines": []}, {"id": "x"}])
def test_what_is_no_consumption(sent: dict[str, object]) -> None:
    """Without lines, with fields of something else, without an id."""
    whole = {"book": BOOK, "id": id_of("x"), "consumes": [{"hold": id_of("y"), "line": 1,
                                                           "amount": "1"}]}  # fmt: skip
    with pytest.raises(DomainError, match=r"ledger\.malformed"):
        bodies.read_consume(whole | sent)


def test_in_memory_as_in_a_database() -> None:
    """The same rules on the store without one."""
    memory = MemoryStore(lambda: 1_770_000_000_000_000)
    memory.add_book(Book(1, BOOK, UUID(int=7)))
    desk = Desk(memory, BOOK)
    account = Account("CLR:Client:1", "liability", "clearing", Side.CREDIT)
    desk.submit(Command((Declare(CNY), Open(account))))
    placed = hold("order", ("CLR:Client:1", "5.00", "CNY", "credit"))
    asked = take("first", ("order", 1, "2.00", True))
    desk.submit(Command((placed,)))
    first = desk.submit(Command((asked,)))[0]
    again = Desk(memory, BOOK).submit(Command((asked,)))[0]

    assert (code_of(first), code_of(again)) == ("done", "replayed")
    assert memory.shelves[BOOK].holds[UUID(id_of("order"))].state == "consumed"
