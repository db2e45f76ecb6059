"""Books to measure on: ten thousand accounts, transactions made before the clock runs.

``python -m benchmarks.books URL BATCH SECONDS`` posts into a book that is there, prints how many.
"""

import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import count
from random import Random
from uuid import UUID, uuid4

from ledger import chart, journal
from ledger.core.account import Account, Bound, Side
from ledger.core.amount import CNY
from ledger.core.body import Body, BodyPosting
from ledger.core.command import Command, Post
from ledger.core.state import Outcome
from ledger.store import Store, migrate, open_store
from ledger.writer import submit

BOOK = "main"
ACCOUNTS = 10_000
IN_FLIGHT = 2
DAY = dt.date(2026, 1, 1)
FLOOR = Decimal(-1_000_000_000)
Pick = Callable[[Random], tuple[int, int]]


def opened(url: str) -> Store:
    """Migrate a database and open a book of ten thousand accounts in it."""
    migrate(url)
    store = open_store(url)
    journal.open_book(store, BOOK)
    accounts = tuple(
        Account(account(number), "liability", "clearing", Side.CREDIT, bounds=(Bound("*", FLOOR),))
        for number in range(ACCOUNTS)
    )
    chart.load(store, BOOK, chart.Chart((CNY,), (), accounts), actor=None)
    return store


def account(number: int) -> str:
    """Name an account."""
    return f"CLR:Client:{number}:Free"


def uniform(random: Random) -> tuple[int, int]:
    """Pick two accounts, any as often as another."""
    return random.randrange(ACCOUNTS // 2), random.randrange(ACCOUNTS // 2, ACCOUNTS)


def hot(random: Random) -> tuple[int, int]:
    """Pick one account and the hot one: half of all postings."""
    return random.randrange(1, ACCOUNTS), 0


def commands(batch: int, pick: Pick = uniform, mixed: int = 0) -> Iterator[Command]:
    """Make batches without end; of ``mixed`` in a hundred each are refused and are replays."""
    random, sent = Random(uuid4().int), None  # noqa: S311 - a load, not a secret
    for _ in count():
        bodies = [_body(*pick(random)) for _ in range(batch)]
        for number in range(batch * mixed // 100):
            bodies[number * 7 % batch] = _body(0, ACCOUNTS)
            if sent is not None:
                bodies[(number * 7 + 3) % batch] = sent
        sent = bodies[-1]
        yield Command(tuple([Post(body) for body in bodies]), None, (), atomic=False)


def rate(store: Store, made: Iterator[Command], seconds: float) -> float:
    """Return outcomes a second, two batches in flight; what is made is made before the clock."""
    taken, done, wanted = 0.0, 0, 4
    while taken < seconds:
        batches = [next(made) for _ in range(wanted)]
        start = time.perf_counter()
        with ThreadPoolExecutor(IN_FLIGHT) as callers:
            answers = list(callers.map(lambda each: submit(store, BOOK, each), batches))
        taken += time.perf_counter() - start
        done += sum(map(_checked, answers))
        wanted = max(4, min(200, int(wanted * seconds / (3 * taken))))
    return done / taken


def latency(store: Store, seconds: float) -> float:
    """Return the median microseconds of one transaction by one caller."""
    made, taken = commands(1), []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        command = next(made)
        start = time.perf_counter()
        answers = submit(store, BOOK, command)
        taken.append(time.perf_counter() - start)
        _checked(answers)
    return sorted(taken)[len(taken) // 2] * 1e6


def _checked(answers: Sequence[Outcome]) -> int:
    wrong = [each for each in answers if each.status not in {"posted", "replayed", "refused"}]
    if wrong or not any(each.status == "posted" for each in answers):
        raise RuntimeError(f"not posted: {wrong[:1] or answers[:1]}")
    return len(answers)


def _body(one: int, other: int) -> Body:
    return Body(
        book=BOOK, id=UUID(int=uuid4().int), effective_on=DAY, narrative="deposit",
        postings=[
            BodyPosting(account(one), "1", "CNY"), BodyPosting(account(other), "-1", "CNY")
        ],
    )  # fmt: skip


def main(url: str, batch: str, seconds: str) -> None:
    """Post for some seconds into a book that is there; print how many were done, and how long."""
    sys.setswitchinterval(0.0001)
    with open_store(url) as store:
        start = time.perf_counter()
        per_second = rate(store, commands(int(batch)), float(seconds))
        print(per_second, time.perf_counter() - start)  # noqa: T201 - its whole answer


if __name__ == "__main__":
    main(*sys.argv[1:])
