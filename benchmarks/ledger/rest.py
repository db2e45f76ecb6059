"""Over HTTP, from a server in a process of its own: one transaction a request, or a list."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from random import Random
from uuid import UUID, uuid4

from sqlalchemy import func, select

from api.session import new_key
from benchmarks import books
from benchmarks.clock import Clock
from benchmarks.ledger.place import ROOT, Place
from benchmarks.ledger.traffic import THOUSAND
from benchmarks.peers import Figure, orm_endpoint
from benchmarks.peers.load import Load, load, post
from benchmarks.table import RATE, Pair
from ledger.store import Store, tables

HOST = "127.0.0.1"
PATH = f"/v1/books/{books.BOOK}/transactions"
CONNECTIONS, LISTS = 64, 3
SINGLES_MAX, LISTED_MAX = 12_000, 60_000
START_SECONDS_MAX = 30
GEP = (sys.executable, "-c", "from api.cli import main; main()")
CREATED, FINE = 201, 200


def single_vs_orm(place: Place) -> Pair:
    """One transaction a request over 64 connections, beside what a careful beginner writes."""
    return _pair(
        place, 1, f"an ORM endpoint, {CONNECTIONS} connections",
        lambda seconds: Figure(_orm(place, seconds)),
    )  # fmt: skip


def list_vs_library(place: Place) -> Pair:
    """Lists of a thousand, three connections, beside batches of a thousand without HTTP."""
    made = books.loads(THOUSAND)
    return _pair(
        place, THOUSAND, "batches of 1,000 in one process",
        lambda seconds: Figure(books.rate(place.store, made, seconds)),
    )  # fmt: skip


def _pair(place: Place, batch: int, reference: str, theirs: Callable[[float], Figure]) -> Pair:
    database = f"served_{batch}"
    store = place.book(database)
    key = new_key(store, "bench", "finance.preparer", books.BOOK)
    port, process = place.closing.enter_context(served(place.server.url(database)))
    clock = place.clock(process)

    def ours(seconds: float) -> float:
        return _sent(store, port, key, batch, seconds, clock)

    return Pair(ours, reference, theirs, clock, RATE)


def _sent(store: Store, port: int, key: str, batch: int, seconds: float, clock: Clock) -> float:
    """Send requests that are ready; count in the database what was posted."""
    number = round(seconds * (SINGLES_MAX if batch == 1 else LISTED_MAX / batch)) + CONNECTIONS
    ready = list(islice(requests(batch, key), number))
    connections = CONNECTIONS if batch == 1 else LISTS
    before = _posted(store)
    answers: list[Load] = []
    taken = clock.timed(
        lambda: answers.append(load(HOST, port, ready, seconds=seconds, connections=connections))
    )
    statuses, posted = dict(answers[0].statuses), _posted(store) - before
    if set(statuses) - {CREATED, FINE} or sum(statuses.values()) * batch != posted:
        raise RuntimeError(f"{posted} posted, answers {statuses}")
    return posted / taken


def requests(batch: int, key: str) -> Iterator[bytes]:
    """Make requests without end: a transaction each, or a list."""
    random, headers = Random(uuid4().int), {"Authorization": f"Bearer {key}"}  # noqa: S311
    while True:
        made = [_transaction(*books.uniform(random)) for _ in range(batch)]
        yield post(PATH, (made[0] if batch == 1 else f"[{','.join(made)}]").encode(), headers)


def _transaction(one: int, other: int) -> str:
    return (
        f'{{"id":"{UUID(int=uuid4().int)}","effective_on":"{books.DAY}","narrative":"deposit",'
        f'"postings":[{{"account":"{books.account(one)}","amount":"1","commodity":"CNY"}},'
        f'{{"account":"{books.account(other)}","amount":"-1","commodity":"CNY"}}]}}'
    )


def _posted(store: Store) -> int:
    with store.reading() as connection:
        counted = select(func.count()).select_from(tables.transactions)
        return connection.execute(counted).scalar_one()


def _orm(place: Place, seconds: float) -> float:
    reached = orm_endpoint.rate(place.server.fresh("orm"), seconds=seconds, connections=CONNECTIONS)
    if set(reached.statuses) != {CREATED}:
        raise RuntimeError(f"the ORM endpoint answered {dict(reached.statuses)}")
    return reached.per_second


@contextmanager
def served(url: str) -> Iterator[tuple[int, int]]:
    """Run `gep serve`; give its port and process."""
    with socket.create_server((HOST, 0)) as free:
        port = int(free.getsockname()[1])
    command = [*GEP, "serve", "--database", url, "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        _wait(server, port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def _wait(server: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < until and server.poll() is None:
        with suppress(OSError):
            socket.create_connection((HOST, port)).close()
            return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")
