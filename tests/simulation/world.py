"""One seed is one history: clock, callers, faults and crashes all come from its random numbers."""

import datetime as dt
from decimal import Decimal
from random import Random
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from ledger.core.account import Account, Bound, Side
from ledger.core.amount import Commodity
from ledger.core.body import (
    Body,
    BodyConsumption,
    BodyHoldLine,
    BodyPosting,
    ConsumeBody,
    HoldBody,
    Word,
)
from ledger.core.book import Book
from ledger.core.command import Cite, Command, Declare, Item, Open, Place, Post, Release, Take
from ledger.core.state import Outcome
from ledger.proof.export import closing_line, opening_line, record_line
from ledger.proof.merkle import Tree
from ledger.proof.verify import verify
from ledger.store.memory import ANSWER, MemoryStore
from ledger.writer import Desk
from tests.simulation.oracle import ACCOUNTS, CEILINGS, CREDIT_NORMAL, FLOORS, Oracle

POINT = Commodity("PT", "point", 0, "money")
START_US = 1_770_000_000_000_000
DAY = dt.date(2026, 2, 2)
EVENTS = 40
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Crash(BaseException):
    """The machine stops between two statements."""


class Found(AssertionError):
    """The ledger did what it must not."""


class World:
    """Two processes on one book, a store that fails where the seed says, and the oracle."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.now_us = START_US
        self.fuse, self.fault, self.kept = -1, "", False
        self.store = MemoryStore(lambda: self.now_us, self.step)
        self.store.add_book(Book(1, "main", UUID(int=seed)))
        self.desks = [Desk(self.store, "main"), Desk(self.store, "main")]
        self.oracle = Oracle()
        self.sent: list[Command] = []
        self.desks[0].submit(Command((Declare(POINT), *map(_opened, ACCOUNTS))))

    def live(self, events: int = EVENTS) -> None:
        """Live through a history; raise ``Found`` where the ledger goes wrong."""
        for _ in range(events):
            self.now_us += self.random.choice((0, 1, 1_000, 1_000_000, 60_000_000))
            self.batch([self.command() for _ in range(self.random.choice((1, 1, 2, 4)))])
            self.compare()
        self.now_us += 1
        self.batch([Command(())])
        self.verify()

    def batch(self, commands: list[Command]) -> None:
        """Send commands as one batch, perhaps with a fault; after a crash send them again.

        A batch that was kept, and whose answer was lost, is decided a second time: its ids answer
        as replays, and a chain that was refused, of which nothing stays, may stand now.
        """
        self.fuse = self.random.randrange(12) if self.random.random() < 0.3 else -1
        self.fault = self.random.choice(("crash", "lost"))
        self.kept = False
        desk = self.random.randrange(2)
        try:
            answers = self.desks[desk].decide(commands)
        except Crash:
            self.fuse = -1
            self.desks[desk] = Desk(self.store, "main")
            answers = self.desks[desk].decide(commands)
        self.fuse = -1
        if self.kept:
            self.decided(commands)
        for expected, outcomes in zip(self.decided(commands), answers, strict=True):
            told = [_code(each) for each in outcomes]
            if told != expected:
                raise Found(f"answered {told}, and not {expected}")
        self.sent.extend(commands)

    def decided(self, commands: list[Command]) -> list[list[str]]:
        """Let the oracle decide a batch."""
        self.oracle.expire(self.now_us)
        return [self.oracle.decide(command, self.now_us) for command in commands]

    def step(self, statement: str) -> None:
        """Burn the fuse; where it ends, the machine stops or the connection is lost."""
        self.fuse -= 1
        if self.fuse == -1:
            self.kept = statement == ANSWER
            if self.fault == "crash":
                raise Crash
            raise DBAPIError(statement, None, OSError(), connection_invalidated=True)

    @property
    def log(self) -> list[object]:
        """The records that are kept."""
        return list(self.store.shelves["main"].log)

    def compare(self) -> None:
        """Hold what is kept against the oracle."""
        shelf, oracle = self.store.shelves["main"], self.oracle
        for account in ACCOUNTS:
            dr, cr, dr_held, cr_held, _ = shelf.balances.get((account, "PT"), (0, 0, 0, 0, DAY))
            held = oracle.held(account, "debit"), oracle.held(account, "credit")
            wanted = (oracle.debits[account], oracle.credits[account], *held)
            if (dr, cr, dr_held, cr_held) != wanted:
                raise Found(f"{account} stands at {(dr, cr, dr_held, cr_held)}, and not {wanted}")
        for id, hold in oracle.holds.items():
            if shelf.holds[id].state != hold.state:
                raise Found(f"hold {id} is {shelf.holds[id].state}, and not {hold.state}")
        if len(shelf.transactions) != oracle.transactions:
            raise Found(f"{len(shelf.transactions)} transactions, and not {oracle.transactions}")

    def verify(self) -> None:
        """Let the second implementation recompute the log from the first record on."""
        shelf = self.store.shelves["main"]
        scales = {"PT": POINT}
        lines = [opening_line(shelf.book.uuid, "main")]
        lines += [record_line(entry, leaf, scales) for entry, leaf in shelf.log]
        lines.append(closing_line(len(shelf.log), Tree.read(len(shelf.log), shelf.frontier).root))
        bad = [each for each in verify(lines).findings if each.code != "verify.balance"]
        if bad:
            raise Found(str(bad[0]))

    def command(self) -> Command:  # noqa: PLR0911 - one for each kind
        """Think of something to ask for."""
        kind = self.random.choice(("post", "post", "post", "hold", "consume", "take", "void",
                                   "again", "other", "chain", "chain"))  # fmt: skip
        if kind in ("again", "other") and self.sent:
            return self.again(self.random.choice(self.sent), other=kind == "other")
        if kind == "void" and self.oracle.holds:
            return Command((Release(self.random.choice(list(self.oracle.holds)), "given up"),))
        if kind == "hold":
            return Command((Place(self.hold()),))
        if kind == "consume" and self.oracle.holds:
            return Command((Post(self.consuming()),))
        if kind == "take" and self.oracle.holds:
            consumes = self.consuming().consumes or []
            return Command((Take(ConsumeBody(book="main", id=self.id(), consumes=consumes)),))
        if kind == "chain":
            length = self.random.randrange(2, 4)
            chain: list[Item] = [Post(self.body()) for _ in range(length)]
            return Command((*chain, self.cite()) if self.random.random() < 0.5 else tuple(chain))
        return Command((Post(self.body()),), atomic=self.random.random() < 0.5)

    def again(self, command: Command, *, other: bool) -> Command:
        """Send something a second time, perhaps with another amount under the same id."""
        items = command.items
        if other and items and isinstance(items[0], Post):
            body = items[0].body
            amount = int(body.postings[0].amount) + 1
            items = (
                Post(_body(body.id, body.postings[0].account, body.postings[1].account, amount)),
            )
        return Command(items, atomic=command.atomic)

    def cite(self) -> Cite:
        """Name something kept elsewhere, of which there is little, by a digest."""
        digest = bytes([self.random.randrange(2)]) * 32
        return Cite("record", f"other/{self.random.randrange(8)}", digest)

    def body(self) -> Body:
        """Move some points from one account to another."""
        one, other = self.random.sample(ACCOUNTS, 2)
        return _body(self.id(), one, other, self.random.randrange(1, 120))

    def consuming(self) -> Body:
        """Move points out of what a hold reserves, or tries to."""
        id, hold = self.random.choice(list(self.oracle.holds.items()))
        number = self.random.randrange(len(hold.lines))
        account, side, quanta = hold.lines[number]
        amount = self.random.randrange(1, quanta + 2)
        counter = self.random.choice([each for each in ACCOUNTS if each != account])
        pair = (account, counter) if side == "debit" else (counter, account)
        body = _body(self.id(), *pair, amount)
        final = self.random.random() < 0.5
        body.consumes = [BodyConsumption(str(amount), id, number + 1, final or None)]
        return body

    def hold(self) -> HoldBody:
        """Reserve points on one side of an account or two."""
        lines = [
            BodyHoldLine(account, str(self.random.randrange(1, 90)), "PT", _outgoing(account))
            for account in self.random.sample(ACCOUNTS, self.random.randrange(1, 3))
        ]
        lasts = self.random.choice((None, 1, 1_000, 1_000_000, 90_000_000))
        deadline = None if lasts is None else _instant(self.now_us + lasts)
        return HoldBody(book="main", id=self.id(), lines=lines, deadline=deadline)

    def id(self) -> UUID:
        """Make an id that the seed alone determines."""
        return UUID(int=self.random.getrandbits(128))


def _opened(code: str) -> Open:
    bound = Bound("*", *(None if limit is None else Decimal(limit) for limit in (
        FLOORS.get(code), CEILINGS.get(code)
    )))  # fmt: skip
    credit = code in CREDIT_NORMAL
    class_, side = ("liability", Side.CREDIT) if credit else ("asset", Side.DEBIT)
    return Open(Account(code, class_, "clearing", side, bounds=(bound,)))


def _body(id: UUID, debit: str, credit: str, amount: int) -> Body:
    lines = [BodyPosting(debit, str(amount), "PT"), BodyPosting(credit, str(-amount), "PT")]
    return Body(book="main", id=id, effective_on=DAY, postings=lines)


def _outgoing(account: str) -> Word:
    return "debit" if account in CREDIT_NORMAL else "credit"


def _instant(us: int) -> str:
    moment = EPOCH + dt.timedelta(microseconds=us)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _code(outcome: Outcome) -> str:
    return outcome.status if outcome.error is None else outcome.error.code
