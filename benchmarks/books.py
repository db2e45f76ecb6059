"""Books to measure on: ten thousand accounts, transactions made before the clock runs.

``python -m benchmarks.books URL BATCH SECONDS MOST`` makes at most so many transactions, posts a
few others, so that it knows the accounts, says ``ready``, waits for a line, posts them into a book
that is there, and prints how many.
"""

import datetime as dt
import gc
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from random import Random
from typing import NamedTuple
from uuid import UUID, uuid4

from benchmarks.clock import Clock
from ledger import chart, journal
from ledger.core.account import Account, Bound, Side
from ledger.core.amount import CNY
from ledger.core.body import Body, BodyPosting
from ledger.core.command import Command, Post
from ledger.core.state import Outcome
from ledger.store import Store, open_store
from ledger.store.migration import migrate
from ledger.writer import submit

BOOK = "main"
ACCOUNTS = 10_000
IN_FLIGHT = 2
FILLED_AT_ONCE = 200_000
WARMING = 10_000
SWITCH_SECONDS = 0.0002
"""What `gep serve` sets: whoever commits and whoever decides wait no longer for each other."""
READY = "ready"
DAY = dt.date(2026, 1, 1)
FLOOR = Decimal(-1_000_000_000)
POSTED, REPLAYED, REFUSED = "posted", "replayed", "refused"
Pick = Callable[[Random], tuple[int, int]]


class Load(NamedTuple):
    """A batch that is ready to be sent, and how many of it are refused and are replays."""

    command: Command
    refused: int = 0
    replayed: int = 0


def opened(url: str) -> Store:
    """Migrate a database and open a book of ten thousand accounts in it, each with a floor."""
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


def loads(batch: int, pick: Pick = uniform, mixed: int = 0) -> Iterator[Load]:
    """Make batches without end; of ``mixed`` in a hundred each are refused and are replays."""
    random = Random(uuid4().int)  # noqa: S311 - a load, not a secret
    each, before = batch * mixed // 100, list[Body]()
    while True:
        replays, refused = before[:each], [_body(0, ACCOUNTS) for _ in range(each)]
        before = [_body(*pick(random)) for _ in range(batch - len(replays) - each)]
        bodies = [*before, *replays, *refused]
        if each:
            random.shuffle(bodies)
        command = Command(tuple([Post(body) for body in bodies]), None, (), atomic=False)
        yield Load(command, each, len(replays))


def rate(
    store: Store,
    made: Iterator[Load],
    seconds: float,
    clock: Clock | None = None,
    callers: int = IN_FLIGHT,
) -> float:
    """Return outcomes a second; what is made is made before the clock.

    Every outcome is looked at, after the clock: posted, unless the load says otherwise.
    """
    taken, done, wanted = 0.0, 0, 4
    while taken < seconds:
        ready = [next(made) for _ in range(wanted)]
        gc.freeze()
        start = time.perf_counter()
        if clock is None:
            answers = sent(store, ready, callers)
            taken += time.perf_counter() - start
        else:
            answers = []
            taken += clock.timed(lambda: answers.extend(sent(store, ready, callers)))  # noqa: B023
        check(ready, answers)
        done += sum(map(len, answers))
        wanted = max(4, min(int(wanted * seconds / (3 * taken)), FILLED_AT_ONCE // len(answers[0])))
    return done / taken


def fill(store: Store, number: int, batch: int) -> None:
    """Post at least so many transactions."""
    made, done = loads(batch), 0
    while done < number:
        ready = [next(made) for _ in range(max(1, FILLED_AT_ONCE // batch // 2))]
        ready = ready[: -(-(number - done) // batch)]
        check(ready, sent(store, ready))
        done += batch * len(ready)


def sent(
    store: Store, ready: Iterable[Load], callers: int = IN_FLIGHT
) -> list[tuple[Outcome, ...]]:
    """Send batches, so many in flight."""
    if callers == 1:
        return [submit(store, BOOK, each.command) for each in ready]
    with ThreadPoolExecutor(callers) as threads:
        return list(threads.map(lambda each: submit(store, BOOK, each.command), ready))


def latency(store: Store, seconds: float, clock: Clock) -> float:
    """Return the median microseconds of one transaction by one caller."""
    ready = [each for each, _ in zip(loads(1), range(round(seconds * 4_000)), strict=False)]
    answers, taken = [], []
    until = time.perf_counter() + seconds
    gc.freeze()
    with clock:
        for each in ready:
            start = time.perf_counter()
            answers.append(submit(store, BOOK, each.command))
            end = time.perf_counter()
            taken.append(end - start)
            if end > until:
                break
    check(ready[: len(answers)], answers)
    return sorted(taken)[len(taken) // 2] * 1e6


def check(ready: Sequence[Load], answers: Sequence[Sequence[Outcome]]) -> None:
    """Refuse a measurement in which not everything became what it had to."""
    found = Counter(each.status for answer in answers for each in answer)
    refused = sum(each.refused for each in ready)
    replayed = sum(each.replayed for each in ready)
    all_of_it = sum(len(each.command.items) for each in ready)
    wanted = Counter({POSTED: all_of_it - refused - replayed, REFUSED: refused, REPLAYED: replayed})
    if found != wanted:
        raise RuntimeError(f"{dict(found)} instead of {dict(wanted)}")


def _body(one: int, other: int) -> Body:
    return Body(
        book=BOOK, id=UUID(int=uuid4().int), effective_on=DAY, narrative="deposit",
        postings=[
            BodyPosting(account(one), "1", "CNY"), BodyPosting(account(other), "-1", "CNY")
        ],
    )  # fmt: skip


def main(url: str, batch: str, seconds: str, most: str) -> None:
    """Make the load, wait to be told, post until it or the time is over; print how many."""
    sys.setswitchinterval(SWITCH_SECONDS)
    size = int(batch)
    made = loads(size)
    ready = [next(made) for _ in range(max(4, int(most) // size))]
    with open_store(url) as store:
        fill(store, WARMING, size)
        gc.freeze()
        print(READY, flush=True)  # noqa: T201 - its parent waits for it
        sys.stdin.readline()
        until = time.perf_counter() + float(seconds)

        def one(load: Load) -> tuple[Outcome, ...]:
            return submit(store, BOOK, load.command) if time.perf_counter() < until else ()

        with ThreadPoolExecutor(IN_FLIGHT) as callers:
            answers = [each for each in callers.map(one, ready) if each]
        if any(each.status != POSTED for answer in answers for each in answer):
            raise RuntimeError("not everything was posted")
        print(sum(map(len, answers)), flush=True)  # noqa: T201 - its whole answer


if __name__ == "__main__":
    main(*sys.argv[1:])
