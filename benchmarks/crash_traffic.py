"""Mixed traffic that can be made again: the same caller's name gives the same commands.

So whoever looks after a crash knows every body that may have been sent, without asking the dead.
"""

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from ledger import chart, journal
from ledger.core import body as bodies
from ledger.core.account import Account, Bound, Side
from ledger.core.amount import CNY, Commodity
from ledger.core.body import Body
from ledger.core.command import Approve, Command, Evidence, Place, Post, Release
from ledger.store import Store

SPACE = UUID("0f2f6a5c-4be8-5d0c-8c57-1f8f4f0d9e11")
PREPARER, APPROVER = UUID(int=1), UUID(int=2)
CEA = Commodity("CEA.2024", "t.CO2", 0, "allowance")
CLIENTS = 12
BULK = 20
DEADLINE_US_MAX = 2_000_000
DAY = dt.date(2025, 6, 2)
BANK, MISSING = "CLR:Bank:Settlement", "CLR:Client:Nobody:Free"
TREASURY, REVENUE = "T1:1001国库存款", "T1:4002非税收入"
POLICY = {"dual": "fiscal.transfer", "voucher": "记"}
REPEATED = frozenset({"posted", "replayed"})
BOUNDED = REPEATED | {"ledger.floor"}


class Step(NamedTuple):
    """One command, and every answer that is right for one of its items."""

    command: Command
    may: frozenset[str]


def client(number: int) -> str:
    """Name a client's cash account."""
    return f"CLR:Client:{number}:Free"


def holding(number: int) -> str:
    """Name a client's allowances."""
    return f"CRC:Holding:{number}:Free"


def opened(store: Store, book: str) -> None:
    """Open a book with a bank, clients whose cash and allowances have a floor, and a treasury."""
    journal.open_book(store, book, policy=POLICY)
    floor = (Bound("*", Decimal(0)),)
    accounts = [
        Account(BANK, "asset", "clearing"),
        Account("CRC:Issued", "equity", "registry", Side.CREDIT),
        Account(TREASURY, "asset", "accrual"),
        Account(REVENUE, "income", "accrual", Side.CREDIT),
    ]
    for number in range(CLIENTS):
        accounts += [
            Account(client(number), "liability", "clearing", Side.CREDIT, bounds=floor),
            Account(holding(number), "asset", "registry", bounds=floor),
        ]
    chart.load(store, book, chart.Chart((CNY, CEA), (), tuple(accounts)), actor=None)


class Caller:
    """One caller who sends one command after another, each made without asking for answers."""

    def __init__(self, book: str, name: str, clock: Callable[[], int]) -> None:
        self.book, self.clock = book, clock
        self.random = Random(f"{book} {name}")  # noqa: S311 - a load, not a secret
        self.space, self.made = uuid5(SPACE, f"{book} {name}"), 0
        self.deposits: deque[Body] = deque(maxlen=50)
        self.holds: deque[tuple[UUID, int]] = deque(maxlen=10)
        self.waiting: deque[UUID] = deque()

    def steps(self) -> Iterator[Step]:
        """Yield commands without end."""
        yield deposit(self)
        while True:
            yield self.random.choices(VERBS, WEIGHTS)[0](self)

    def id(self) -> UUID:
        """Return the next id of this caller's."""
        self.made += 1
        return uuid5(self.space, str(self.made))

    def two(self) -> tuple[int, int]:
        """Pick two clients."""
        one, other = self.random.sample(range(CLIENTS), 2)
        return one, other

    def body(self, *lines: tuple[str, int | str, str], **more: object) -> Body:
        """Make the body of a transaction from account, debit-positive amount and commodity."""
        postings = [
            {"account": account, "amount": str(amount), "commodity": commodity}
            for account, amount, commodity in lines
        ]
        sent: dict[str, Any] = {"book": self.book, "id": str(self.id()), "postings": postings}
        return bodies.read({**sent, "effective_on": DAY.isoformat(), **more})

    def payment(self, most: int = 40) -> Body:
        """One client pays another, who may lack the money."""
        one, other = self.two()
        yuan = self.random.randint(1, most)
        return self.body((client(one), yuan, "CNY"), (client(other), -yuan, "CNY"))

    def inflow(self) -> Body:
        """Cash comes into the bank."""
        yuan = self.random.randint(20, 100)
        made = self.body((BANK, yuan, "CNY"), (client(self.two()[0]), -yuan, "CNY"))
        self.deposits.append(made)
        return made


def _one(body: Body, may: frozenset[str]) -> Step:
    return Step(Command((Post(body),), PREPARER), may)


def deposit(caller: Caller) -> Step:
    """Cash comes in: always posted."""
    return _one(caller.inflow(), REPEATED)


def pay(caller: Caller) -> Step:
    """Cash changes hands, unless there is not enough."""
    return _one(caller.payment(), BOUNDED)


def bulk(caller: Caller) -> Step:
    """A list of which each stands or falls alone."""
    items = tuple(Post(caller.payment(10)) for _ in range(BULK))
    return Step(Command(items, PREPARER, (), atomic=False), BOUNDED)


def trade(caller: Caller) -> Step:
    """Allowances against money: two entities, two commodities, one transaction."""
    one, other = caller.two()
    return _one(
        caller.body(
            (holding(one), -1, CEA.code), (holding(other), 1, CEA.code),
            (client(other), 8, "CNY"), (client(one), -8, "CNY"), kind="trade",
        ),
        BOUNDED,
    )  # fmt: skip


def issue(caller: Caller) -> Step:
    """The registry gives out allowances."""
    one, _ = caller.two()
    return _one(caller.body(("CRC:Issued", -5, CEA.code), (holding(one), 5, CEA.code)), REPEATED)


def sweep(caller: Caller) -> Step:
    """Take what is there, at most."""
    one, _ = caller.two()
    made = caller.body((client(one), 15, "CNY"), (BANK, -15, "CNY"))
    for line in made.postings:
        line.up_to = True
    return _one(made, REPEATED | {"ledger.nothing-there", "ledger.floor"})


def chain(caller: Caller) -> Step:
    """Three deposits stand together; every third chain breaks at its last link."""
    items = [caller.inflow() for _ in range(3)]
    may = REPEATED
    if not caller.made % 3:
        items[-1].postings[0].amount = "7777"
        for body in items:
            caller.deposits.remove(body)
        may = frozenset({"ledger.unbalanced", "ledger.chain-broken"})
    if caller.random.random() < 0.5:  # noqa: PLR2004 - one way of linking or the other
        named = caller.id()
        for body in items:
            body.chain = named
    atomic = items[0].chain is None
    return Step(Command(tuple(map(Post, items)), PREPARER, (), atomic), may)


def hold(caller: Caller) -> Step:
    """Reserve cash; every third hold has a deadline that comes soon, or has come."""
    one, _ = caller.two()
    deadline = None
    if not caller.made % 3:
        at = (caller.clock() + caller.random.randrange(DEADLINE_US_MAX)) / 1_000_000
        deadline = dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="microseconds")
        deadline = deadline.replace("+00:00", "Z")
    line = {"account": client(one), "amount": "6", "commodity": "CNY", "side": "debit"}
    sent = {"book": caller.book, "id": str(caller.id()), "deadline": deadline, "lines": [line]}
    body = bodies.read_hold({name: value for name, value in sent.items() if value is not None})
    caller.holds.append((body.id, one))
    may = frozenset({"held", "replayed", "ledger.floor", "ledger.deadline-passed"})
    return Step(Command((Place(body),), PREPARER), may)


def consume(caller: Caller) -> Step:
    """Pay out of a hold, part of it or all, or give back what remains."""
    if not caller.holds:
        return hold(caller)
    id, one = caller.random.choice(caller.holds)
    yuan = caller.random.choice((2, 3, 6))
    taken = {"hold": str(id), "line": 1, "amount": str(yuan), "final": caller.made % 2 == 0}
    lines = (client(one), yuan, "CNY"), (client((one + 1) % CLIENTS), -yuan, "CNY")
    return _one(
        caller.body(*lines, consumes=[taken]),
        BOUNDED | {"ledger.unknown-hold", "ledger.hold-not-pending", "ledger.hold-exceeded"},
    )


def release(caller: Caller) -> Step:
    """Void a hold."""
    if not caller.holds:
        return hold(caller)
    id, _ = caller.holds.pop()
    may = frozenset({"done", "replayed", "ledger.unknown-hold", "ledger.hold-not-pending"})
    return Step(Command((Release(id, "given up"),), PREPARER), may)


def reversal(caller: Caller) -> Step:
    """Take a deposit back, unless it is spent or taken back already."""
    first = caller.random.choice(caller.deposits)
    lines = [(line.account, str(-line.value), line.commodity) for line in reversed(first.postings)]
    made = caller.body(*lines, reverses=str(first.id))
    return _one(made, BOUNDED | {"ledger.already-reversed"})


def again(caller: Caller) -> Step:
    """Send what was sent before."""
    return _one(caller.random.choice(caller.deposits), frozenset({"replayed"}))


def conflict(caller: Caller) -> Step:
    """Send something else under an id that is taken."""
    first = caller.random.choice(caller.deposits)
    made = caller.body((BANK, 1, "CNY"), (client(0), -1, "CNY"))
    made.id = first.id
    made.narrative = "something else"
    return _one(made, frozenset({"ledger.id-conflict"}))


def unbalanced(caller: Caller) -> Step:
    """Debits and credits differ."""
    made = caller.body((BANK, 2, "CNY"), (client(0), -1, "CNY"))
    return _one(made, frozenset({"ledger.unbalanced"}))


def unknown(caller: Caller) -> Step:
    """No such account: refused, and the id is burnt."""
    made = caller.body((BANK, 1, "CNY"), (MISSING, -1, "CNY"))
    return _one(made, frozenset({"ledger.unknown-account"}))


def voucher(caller: Caller) -> Step:
    """A numbered voucher of the treasury, resting on evidence written with it."""
    content = {"reading": str(caller.made)}
    evidence = Evidence(caller.id(), "reading", "flow", content)
    made = caller.body((TREASURY, 3, "CNY"), (REVENUE, -3, "CNY"), metadata=dict(evidence.metadata))
    return Step(Command((Post(made),), PREPARER, (evidence,)), REPEATED)


def proposal(caller: Caller) -> Step:
    """One person proposes a transfer; later another one approves it."""
    if caller.waiting and caller.random.random() < 0.5:  # noqa: PLR2004 - some wait for long
        return Step(Command((Approve(caller.waiting.popleft()),), APPROVER), REPEATED)
    lines = (TREASURY, 4, "CNY"), (REVENUE, -4, "CNY")
    made = caller.body(*lines, kind="fiscal.transfer")
    caller.waiting.append(made.id)
    return Step(Command((Post(made),), PREPARER), frozenset({"held", "replayed"}))


VERBS: tuple[Callable[[Caller], Step], ...] = (
    deposit, pay, bulk, trade, issue, sweep, chain, hold, consume, release, reversal, again,
    conflict, unbalanced, unknown, voucher, proposal,
)  # fmt: skip
WEIGHTS = (20, 20, 4, 6, 4, 3, 5, 10, 8, 4, 3, 5, 2, 2, 3, 3, 4)
