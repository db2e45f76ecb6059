"""What must hold for every history: random books, checked by the auditor's own checks."""

import datetime as dt
import itertools
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid5

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger import journal
from ledger.core import body as bodies
from ledger.core.body import Body
from ledger.store.migration import migrate
from ledger.verification import verify_book
from tests.ledger.worked import APPROVER, BOOK, PREPARER, balance, code_of, worked_store

CASH = ("CLR:Bank:Settlement", "CLR:Client:Plant:Free", "CLR:Client:Mill:Free")
RIGHTS = ("CRC:Issued", "CRC:Holding:Plant:Free", "CRC:Holding:Mill:Free")
FLOORS = {
    "CRC:Holding:Plant:Free": 0, "CRC:Holding:Mill:Free": 0,
    "CLR:Client:Plant:Free": 0, "CLR:Client:Mill:Free": -10_000,
}  # fmt: skip
CREDIT_NORMAL = ("CLR:Client:Plant:Free", "CLR:Client:Mill:Free", "CRC:Issued")
POSITION_LIMIT = ("CRC:Holding:Mill:Free", 5_000)
FIRST_DAY = dt.date(2025, 1, 1)
quanta = st.integers(1, 4_000)


class BookOfAnyHistory(RuleBasedStateMachine):
    """Posts at random beside a plain model that knows only a dictionary of balances."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        url = f"sqlite:///{self.folder.name}/gep.db"
        migrate(url)
        self.store = worked_store(url, Path(self.folder.name))
        self.model: dict[str, int] = dict.fromkeys((*CASH, *RIGHTS), 0)
        self.posted: dict[UUID, Body] = {}
        self.waiting: dict[UUID, Body] = {}
        self.reversed: set[UUID] = set()
        self.numbers = itertools.count(1)

    def teardown(self) -> None:
        """Close the book and remove it."""
        self.store.close()
        self.folder.cleanup()

    @initialize()
    def fund(self) -> None:
        """Give each side something to trade with."""
        self.post([(RIGHTS[0], -9_000), (RIGHTS[1], 9_000)], "transaction")
        self.post([(CASH[0], 900_000), (CASH[2], -900_000)], "transaction")

    @rule(given=st.sampled_from(RIGHTS), taken=st.sampled_from(RIGHTS), moved=quanta,
          price=quanta, kind=st.sampled_from(["transaction", "fiscal.transfer"]))  # fmt: skip
    def trade(self, given: str, taken: str, moved: int, price: int, kind: str) -> None:
        """Move rights one way and money the other, or be refused as the model says."""
        if given != taken:
            money = [(CASH[2], price), (CASH[1], -price)]
            self.post([(given, -moved), (taken, moved), *money], kind)

    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """Send something again: nothing happens twice."""
        if self.posted:
            body = data.draw(st.sampled_from(list(self.posted.values())))
            assert self.sent(body) == "replayed"

    @rule(data=st.data())
    def approve(self, data: st.DataObject) -> None:
        """Approve something that waits."""
        if self.waiting:
            id = data.draw(st.sampled_from(list(self.waiting)))
            outcome = journal.approve(self.store, BOOK, id, actor=APPROVER)
            moved = self.moves(self.waiting[id])
            assert code_of(outcome) == self.expected(moved)
            if outcome.error is None:
                self.apply(moved)
                self.posted[id] = self.waiting.pop(id)

    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        """Take something back, once."""
        simple = {id: body for id, body in self.posted.items() if body.kind == "transaction"}
        if simple:
            id = data.draw(st.sampled_from(list(simple)))
            moved = [(account, -change) for account, change in self.moves(simple[id])]
            again = id in self.reversed
            expected = "ledger.already-reversed" if again else self.expected(moved)
            outcome = journal.reverse(self.store, BOOK, id, actor=PREPARER, on=FIRST_DAY,
                                      narrative="", reversal_id=self.new_id())  # fmt: skip
            assert code_of(outcome) == expected
            if outcome.error is None:
                self.apply(moved)
                self.reversed.add(id)

    @invariant()
    def balances_are_the_model_s(self) -> None:
        """Every balance is what the plain model adds up to."""
        for account, signed in self.model.items():
            commodity = "CNY" if account in CASH else "CEA.2024"
            found = balance(self.store, account, commodity)
            normal = -signed if account in CREDIT_NORMAL else signed
            shown = f"{normal / 100:.2f}" if commodity == "CNY" else str(normal)
            assert found == shown or (found, signed) == ("none", 0)

    @invariant()
    def the_books_verify(self) -> None:
        """The second implementation and every check find nothing."""
        assert verify_book(self.store, BOOK).findings == []

    def post(self, moved: list[tuple[str, int]], kind: str) -> None:
        """Send a transaction and hold the answer against the model."""
        body = bodies.read({
            "book": BOOK, "id": str(self.new_id()), "kind": kind, "effective_on": str(FIRST_DAY),
            "postings": [
                {"account": account, "commodity": "CNY" if account in CASH else "CEA.2024",
                 "amount": f"{change / 100:.2f}" if account in CASH else str(change)}
                for account, change in moved
            ],
        })  # fmt: skip
        if kind == "fiscal.transfer":
            assert self.sent(body) == "held"
            self.waiting[body.id] = body
            return
        assert self.sent(body) == self.expected(moved)
        if self.expected(moved) == "posted":
            self.apply(moved)
            self.posted[body.id] = body

    def sent(self, body: Body) -> str:
        """Post one body and return the code of its outcome."""
        return code_of(journal.post_bodies(self.store, BOOK, [body], actor=PREPARER)[0])

    def moves(self, body: Body) -> list[tuple[str, int]]:
        """Return a body's changes in quanta."""
        scales = {"CNY": 100, "CEA.2024": 1}
        return [(line.account, int(line.value * scales[line.commodity])) for line in body.postings]

    def expected(self, moved: list[tuple[str, int]]) -> str:
        """Say what the ledger must answer: floors in the order of the lines, then ceilings."""
        for account, change in moved:
            sign = -1 if account in CREDIT_NORMAL else 1
            after = sign * (self.model[account] + change)
            if account in FLOORS and sign * change < 0 and after < FLOORS[account]:
                return "ledger.floor"
        for account, change in moved:
            above = self.model[account] + change > POSITION_LIMIT[1]
            if account == POSITION_LIMIT[0] and change > 0 and above:
                return "ledger.ceiling"
        return "posted"

    def apply(self, moved: list[tuple[str, int]]) -> None:
        """Move the model's balances."""
        for account, change in moved:
            self.model[account] += change

    def new_id(self) -> UUID:
        """Return an id that was not used."""
        return uuid5(UUID(int=1), str(next(self.numbers)))


TestBookOfAnyHistory = BookOfAnyHistory.TestCase
TestBookOfAnyHistory.settings = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
