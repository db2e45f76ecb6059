"""Payments between two books: whatever stops when, each arrives once, or comes back once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from ledger import foreign_digests, journal, transit
from ledger.balances import balances
from ledger.core.account import Account, Side
from ledger.core.amount import CNY
from ledger.core.book import Book
from ledger.core.command import Change, Cite, Command, Declare, Open
from ledger.core.errors import DomainError
from ledger.core.refusals import Malformed, UnknownAccount
from ledger.core.transfer import RECORD, Transfer, conclusion_id, twin_id
from ledger.store import Store, open_store
from ledger.store.load import find_book
from ledger.store.migration import migrate
from ledger.verification import verify_book
from ledger.writer import submit
from tests.ledger.worked import APPROVER, PREPARER, code_of

PAYER, CHARGED = "T1:1001国库存款", "T1:5401补助支出"
PAYEE, CREDITED, CLOSED = "T2:1001国库存款", "T2:4401补助收入", "T2:1002旧户"


class Crash(BaseException):
    """The machine stops before a commit."""


def opened(store: Store, book: str, other: str, *, dual: str = "") -> Book:
    """Open a book in which both treasuries could be, with accounts for the transit."""
    found = journal.open_book(store, book, policy={"dual": dual})
    accounts = (
        Account(PAYER, "asset", "accrual"),
        Account(CHARGED, "expense", "accrual"),
        Account(PAYEE, "asset", "accrual"),
        Account(CREDITED, "income", "accrual", Side.CREDIT),
        Account(CLOSED, "asset", "accrual", state="closed"),
        *(
            Account(f"{entity}:Transit:{other}", "asset", "accrual", always_zero_days=5)
            for entity in ("T1", "T2")
        ),
    )
    outcomes = submit(store, book, Command((Declare(CNY), *map(Open, accounts))))
    assert all(each.error is None for each in outcomes)
    return found


def acting(_: Store, book: Book) -> UUID:
    """Let the preparer act in every book."""
    return PREPARER


def paying(name: str = "first", amount: str = "109.00", **more: str) -> Transfer:
    """Pay from the one treasury to the other."""
    id = uuid5(UUID(int=0), name)
    given = {"to": "county", "payer": PAYER, "charged": CHARGED, "payee": PAYEE,
             "credited": CREDITED, "narrative": "补偿金"}  # fmt: skip
    return Transfer(id, commodity="CNY", amount=amount, **(given | more))  # type: ignore[arg-type]


def send(store: Store, transfer: Transfer, book: str = "province") -> str:
    """Send as the preparer; return the status, or the code of the refusal."""
    try:
        return transit.send(store, book, transfer, actor=PREPARER).status
    except DomainError as error:
        return error.code


def deliver(store: Store, book: str = "province", other: Store | None = None) -> list[str]:
    """Deliver all; return what was told, step by step."""
    steps = transit.deliver(store, book, acting, receiving=other)
    return [f"{each.state} {each.code}".strip() for each in steps]


def standing(store: Store, book: str) -> dict[str, str]:
    """Return the balances that are not zero, on the normal side."""
    with store.reading() as connection:
        found = balances(connection, find_book(connection, book))
        return {each.account.code: str(each.normal) for each in found if each.balance.quanta}


def sound(store: Store, *books: str) -> bool:
    """Verify each book by the second implementation, and run every check."""
    return all(verify_book(store, book).findings == [] for book in books)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Two books in one database."""
    with open_store(database_url) as store:
        opened(store, "province", "county")
        opened(store, "county", "province")
        yield store


def test_a_payment_into_another_book(store: Store) -> None:
    """109 yuan leave one book, stand in transit, arrive in the other, and are charged."""
    assert send(store, paying()) == "posted"
    assert standing(store, "province") == {PAYER: "-109.00", "T1:Transit:county": "109.00"}
    assert deliver(store) == ["received", "settled"]

    assert standing(store, "province") == {PAYER: "-109.00", CHARGED: "109.00"}
    assert standing(store, "county") == {PAYEE: "109.00", CREDITED: "109.00"}
    assert deliver(store) == []
    assert send(store, paying()) == "replayed"
    assert sound(store, "province", "county")


def test_each_book_names_the_other_s_record(store: Store) -> None:
    """By its place in the log and its leaf; a book that changes afterwards is found by the other.

    And nobody can write such a name by hand: it is what keeps a transfer from arriving twice.
    """
    send(store, paying())
    deliver(store)
    with store.reading() as connection:
        province, county = (find_book(connection, code) for code in ("province", "county"))
        (there,) = foreign_digests.read(connection, county, what=RECORD)
        (here,) = foreign_digests.read(connection, province, what=RECORD)
    sent, _ = journal.find(store, "province", paying().id)
    twin, record = journal.find(store, "county", twin_id(paying().id, county))

    assert (there.reference, there.metadata) == (f"province/{sent.seq}", {"transit": "received"})
    assert (here.reference, here.metadata) == (f"county/{twin.seq}", {"transit": "settled"})
    assert record.metadata["transit"] == f"province/{sent.seq}"
    with pytest.raises(Malformed):
        foreign_digests.write(store, "county", Cite(RECORD, "province/9", bytes(32)), actor=None)


def test_what_the_other_book_refuses_comes_back(store: Store) -> None:
    """The payee's account is closed: the refusal is in both logs, and the payer is whole again.

    It stays refused when the account is opened afterwards.
    """
    send(store, paying(payee=CLOSED))
    assert deliver(store) == ["refused ledger.account-state", "returned"]
    submit(store, "county", Command((Change(Account(CLOSED, "asset", "accrual")),)))

    assert deliver(store) == []
    assert (standing(store, "province"), standing(store, "county")) == ({}, {})
    _, back = journal.find(store, "province", conclusion_id(paying().id))
    assert (back.kind, back.reverses) == ("transit.return", paying().id)
    assert back.metadata["transit_code"] == "ledger.account-state"
    assert sound(store, "province", "county")


def test_a_refusal_binds_even_whoever_died_before_taking_it_back(store: Store) -> None:
    """Refused, then a crash, then the account is opened: the money still comes back."""
    send(store, paying(payee=CLOSED))
    steps = transit.deliver(store, "province", acting)
    assert next(steps).state == "refused"
    steps.close()  # type: ignore[attr-defined]
    submit(store, "county", Command((Change(Account(CLOSED, "asset", "accrual")),)))

    assert deliver(store) == ["returned"]
    assert (standing(store, "province"), standing(store, "county")) == ({}, {})


def test_it_waits_for_ever_for_its_own_book(store: Store) -> None:
    """The account that it is charged to is frozen: in transit until that is over."""
    send(store, paying())
    frozen = Account(CHARGED, "expense", "accrual", state="frozen")
    submit(store, "province", Command((Change(frozen),)))
    assert deliver(store) == ["received", "waiting ledger.account-state"]
    assert deliver(store) == ["waiting ledger.account-state"]
    assert [each.id for each in transit.waiting(store, "province")] == [paying().id]
    submit(store, "province", Command((Change(Account(CHARGED, "expense", "accrual")),)))

    assert deliver(store) == ["settled"]
    assert standing(store, "county")[PAYEE] == "109.00"


def test_it_waits_for_a_book_that_is_not_there_yet(store: Store) -> None:
    """Another transfer is not kept waiting by it."""
    account = Account("T1:Transit:village", "asset", "accrual", always_zero_days=5)
    submit(store, "province", Command((Open(account),)))
    send(store, paying("to the village", to="village"))
    send(store, paying())

    assert deliver(store) == ["waiting ledger.unknown-book", "received", "settled"]
    opened(store, "village", "province")
    assert deliver(store) == ["received", "settled"]


def test_a_liability_pays_a_liability(store: Store) -> None:
    """A client's cash falls here and rises there: each on its own normal side."""
    for book, other in (("province", "county"), ("county", "province")):
        cash = ("CLR:Client:1001", "CLR:Between", f"CLR:Transit:{other}")
        submit(store, book, Command(tuple(
            Open(Account(code, "liability", "clearing", Side.CREDIT)) for code in cash
        )))  # fmt: skip
    send(store, paying(payer="CLR:Client:1001", charged="CLR:Between", payee="CLR:Client:1001",
                       credited="CLR:Between"))  # fmt: skip

    assert deliver(store) == ["received", "settled"]
    assert standing(store, "province") == {"CLR:Client:1001": "-109.00", "CLR:Between": "109.00"}
    assert standing(store, "county") == {"CLR:Client:1001": "109.00", "CLR:Between": "-109.00"}


def test_two_people_in_the_receiving_book(database_url: str) -> None:
    """What is received waits for its approver; a rejection is a refusal like any other."""
    with open_store(database_url) as store:
        opened(store, "province", "county")
        county = opened(store, "county", "province", dual="transit.receive")
        for name in ("good", "bad"):
            send(store, paying(name))
        assert deliver(store) == ["pending", "pending", "pending", "pending"]
        good, bad = (twin_id(paying(name).id, county) for name in ("good", "bad"))
        journal.approve(store, "county", good, actor=APPROVER)
        journal.reject(store, "county", bad, "not ours", actor=APPROVER)

        assert deliver(store) == ["settled", "returned"]
        assert standing(store, "province") == {PAYER: "-109.00", CHARGED: "109.00"}
        assert standing(store, "county") == {PAYEE: "109.00", CREDITED: "109.00"}
        assert sound(store, "province", "county")


def test_books_in_two_databases(database_url: str, tmp_path: Path) -> None:
    """Nothing is shared between them but the names of the books."""
    url = f"sqlite:///{tmp_path / 'other.db'}"
    migrate(url)
    with open_store(database_url) as store, open_store(url) as other:
        opened(store, "province", "county")
        opened(other, "county", "province")
        send(store, paying())

        assert deliver(store, other=other) == ["received", "settled"]
        assert standing(other, "county") == {PAYEE: "109.00", CREDITED: "109.00"}
        assert sound(store, "province")
        assert sound(other, "county")


def test_two_deliver_at_once(store: Store) -> None:
    """Ten payments, of which every fifth is refused: each is received or returned once."""
    for number in range(10):
        payee = CLOSED if number % 5 == 0 else PAYEE
        assert send(store, paying(str(number), payee=payee)) == "posted"
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: deliver(store), range(2)))

    assert deliver(store) == []
    assert standing(store, "province") == {PAYER: "-872.00", CHARGED: "872.00"}
    assert standing(store, "county") == {PAYEE: "872.00", CREDITED: "872.00"}
    assert sound(store, "province", "county")


REFUSED: tuple[tuple[str, Transfer, str], ...] = (
    ("to itself", paying(to="province"), Malformed.code),
    ("a book that no account can name", paying(to="a b"), Malformed.code),
    ("of another entity", paying(charged=CREDITED), Malformed.code),
    ("charged to nothing", paying(charged="T1:none"), UnknownAccount.code),
    ("without an account of the transit", paying(to="village"), UnknownAccount.code),
    ("less than nothing", paying(amount="-1.00"), Malformed.code),
    ("nothing", paying(amount="0"), "ledger.zero-amount"),
    ("half a fen", paying(amount="0.005"), "ledger.inexact-amount"),
)


@pytest.mark.parametrize(("story", "transfer", "code"), REFUSED, ids=[each[0] for each in REFUSED])
def test_what_could_never_be_concluded_is_not_sent(
    store: Store, story: str, transfer: Transfer, code: str
) -> None:
    """Refused before anything is in transit."""
    assert send(store, transfer) == code, story
    assert transit.waiting(store, "province") == []


@pytest.mark.parametrize("arrived", [False, True], ids=["before it arrived", "after it arrived"])
def test_nobody_takes_back_by_hand_what_is_in_transit(store: Store, *, arrived: bool) -> None:
    """It would come back and arrive: only the other book's refusal takes it back."""
    send(store, paying())
    if arrived:
        steps = transit.deliver(store, "province", acting)
        assert next(steps).state == "received"
        steps.close()  # type: ignore[attr-defined]
    _, sent = journal.find(store, "province", paying().id)
    for id in (None, conclusion_id(paying().id)):
        outcome = journal.reverse(
            store, "province", sent.id, actor=PREPARER, on=sent.effective_on, narrative="a mistake",
            reversal_id=id,
        )  # fmt: skip
        assert code_of(outcome) == "ledger.in-transit"

    assert deliver(store)[-1] == "settled"


def dying_before(store: Store, commits: int) -> Callable[[object], None]:
    """Stop the machine before the commit after so many."""
    left = [commits]

    def commit(_: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Crash

    event.listen(store.engine, "commit", commit)
    return commit


@pytest.mark.parametrize("payee", [PAYEE, CLOSED], ids=["accepted", "refused"])
@pytest.mark.parametrize("commits", [0, 1, 2, 3])
@pytest.mark.parametrize("before", [True, False], ids=["before the commit", "after it"])
def test_a_crash_between_any_two_steps(
    database_url: str, payee: str, commits: int, *, before: bool
) -> None:
    """Another process completes it: nothing is lost, nothing comes twice."""
    with open_store(database_url) as store:
        opened(store, "province", "county")
        opened(store, "county", "province")
        send(store, paying(payee=payee))
        if before:
            dying_before(store, commits)
            with suppress(Crash):
                deliver(store)
        else:
            list(islice(transit.deliver(store, "province", acting), commits))
    with open_store(database_url) as store:
        deliver(store)

        arrived = {PAYEE: "109.00", CREDITED: "109.00"} if payee == PAYEE else {}
        charged = {PAYER: "-109.00", CHARGED: "109.00"} if payee == PAYEE else {}
        assert standing(store, "county") == arrived
        assert standing(store, "province") == charged
        assert deliver(store) == []
        assert sound(store, "province", "county")


@pytest.fixture(scope="module")
def shared_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One database for many histories, each with two books of its own."""
    url = f"sqlite:///{tmp_path_factory.mktemp('transit')}/gep.db"
    migrate(url)
    return url


PAYMENT = st.tuples(st.integers(1, 10_000), st.sampled_from((PAYEE, PAYEE, CLOSED)))
EVENT = st.one_of(
    PAYMENT, st.tuples(st.just("crash"), st.integers(0, 5)), st.tuples(st.just("stop"),
                                                                      st.integers(0, 5))
)  # fmt: skip
NUMBERS = iter(range(1_000_000))


@settings(max_examples=15, deadline=None)
@given(st.lists(EVENT, min_size=1, max_size=12))
def test_money_over_both_books_is_conserved(
    shared_url: str, history: list[tuple[int | str, int | str]]
) -> None:
    """Payments both ways, deliveries that die anywhere: in the end all arrived or came back."""
    number = next(NUMBERS)
    codes = f"one{number}", f"two{number}"
    with open_store(shared_url) as store:
        opened(store, codes[0], codes[1])
        opened(store, codes[1], codes[0])
    arrived = [Decimal(0), Decimal(0)]
    for at, (what, how) in enumerate(history):
        way = at % 2
        with open_store(shared_url) as store:
            if what == "crash":
                dying_before(store, int(how))
                try:
                    deliver(store, codes[way])
                except Crash:
                    continue
            elif what == "stop":
                list(islice(transit.deliver(store, codes[way], acting), int(how)))
            else:
                amount = Decimal(what) / 100
                transfer = paying(f"{number} {at}", str(amount), to=codes[1 - way], payee=str(how))
                assert send(store, transfer, codes[way]) == "posted"
                arrived[1 - way] += amount if how == PAYEE else 0
    with open_store(shared_url) as store:
        for code in codes:
            deliver(store, code)
        for way, code in enumerate(codes):
            found = {name: Decimal(value) for name, value in standing(store, code).items()}
            paid, came = arrived[1 - way], arrived[way]
            wanted = {PAYER: -paid, CHARGED: paid, PAYEE: came, CREDITED: came}
            assert found == {name: value for name, value in wanted.items() if value}
        assert sound(store, *codes)
