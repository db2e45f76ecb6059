"""Real crashes under load: what was acknowledged is there once, and the books verify.

``python -m benchmarks.crashes process`` kills a posting process at random moments,
``python -m benchmarks.crashes postgresql`` the database server with all that belongs to it.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks import crash_traffic
from benchmarks.crash_checks import Known, Verdict, check, resend
from benchmarks.crash_client import READY_SECONDS_MAX, Client, Going
from benchmarks.crash_server import SETTINGS, Killable
from benchmarks.peers import cluster
from ledger.store import Store, open_store
from ledger.store.migration import migrate
from ledger.store.store import system_clock_us

PROCESS, POSTGRESQL, SQLITE = "process", "postgresql", "sqlite"
THREADS, CLIENTS, CLIENT_THREADS = 8, 4, 2
ROUNDS_A_BOOK = 5
KILL_MS = (5, 300)
SERVER_KILL_MS = (5, 1_000)
AFTERWARDS_SECONDS = 0.3
TOLD_MAX = 20
Tell = Callable[[str], None]


@dataclass
class Totals:
    """What all rounds came to."""

    rounds: int = 0
    acknowledged: int = 0
    kept: int = 0
    found: int = 0
    open: int = 0
    retried: int = 0
    lost: int = 0
    duplicates: int = 0
    unsent: int = 0
    half: int = 0
    contradicted: int = 0
    verify: int = 0
    books: dict[str, Known] = field(default_factory=dict)

    @property
    def well(self) -> bool:
        """Whether nothing was wrong in any round."""
        wrong = (
            self.lost, self.duplicates, self.unsent, self.half, self.contradicted, self.verify,
        )  # fmt: skip
        return not any(wrong)

    def book(self, store: Store, number: int) -> Known:
        """Return what is known of the book of a round; open it in the first of its rounds."""
        name = f"crash-{number // ROUNDS_A_BOOK}"
        if name not in self.books:
            crash_traffic.opened(store, name)
            self.books[name] = Known(name)
        return self.books[name]

    def add(self, verdict: Verdict) -> None:
        """Add what a check found wrong."""
        for name in ("lost", "duplicates", "unsent", "half", "contradicted", "verify"):
            setattr(self, name, getattr(self, name) + getattr(verdict, name))

    def __str__(self) -> str:
        return (
            f"{self.rounds} rounds: acknowledged {self.acknowledged} and {self.kept} kept "
            f"refusals, found {self.found}, open when killed and sent again {self.open}, "
            f"tried again {self.retried} times; "
            f"lost {self.lost}, duplicates {self.duplicates}, not sent {self.unsent}, "
            f"half {self.half}, wrong answers {self.contradicted}, "
            f"verify findings {self.verify}"
        )


def process_rounds(url: str, rounds: int, seed: int, tell: Tell) -> Totals:
    """Kill a process of several callers, over and over; look, send again, look again."""
    random, totals = Random(seed), Totals()  # noqa: S311 - moments, not secrets
    migrate(url)
    for number in range(rounds):
        with open_store(url) as store:
            known = totals.book(store, number)
        going = Going(known.book, f"{seed}-{number}", THREADS, system_clock_us())
        client, wait_ms = Client(url), random.randint(*KILL_MS)
        client.go(going)
        client.first.wait(READY_SECONDS_MAX)
        time.sleep(wait_ms / 1000)
        client.kill()
        what = f"round {number + 1}: process killed {wait_ms} ms after its first answer"
        _judged(url, totals, known, [(going, client)], what, tell)
    _again(url, totals)
    tell(str(totals))
    return totals


def server_rounds(rounds: int, seed: int, tell: Tell, *, processes: int = CLIENTS) -> Totals:
    """Kill the database server under several client processes, over and over."""
    random, totals = Random(seed), Totals()  # noqa: S311 - moments, not secrets
    with cluster.running(SETTINGS) as running, Killable(running) as server, ExitStack() as stack:
        url = running.fresh("crashes")
        migrate(url)
        tell(f"PostgreSQL {running.version}: {_named(server.settings())}")
        clients = [Client(url) for _ in range(processes)]
        stack.callback(_ended, clients)
        for number in range(rounds):
            with open_store(url) as store:
                known = totals.book(store, number)
            goings = [
                Going(known.book, f"{seed}-{number}-{each}", CLIENT_THREADS, system_clock_us())
                for each in range(processes)
            ]
            called = list(zip(goings, clients, strict=True))
            for going, client in called:
                client.go(going)
            for client in clients:
                client.first.wait(READY_SECONDS_MAX)
            what = f"round {number + 1}: {_crashed(server, random.randint(*SERVER_KILL_MS))}"
            time.sleep(AFTERWARDS_SECONDS)
            for place, client in enumerate(clients):
                if not client.stop():
                    known.contradictions.append(f"client {place} waits for ever for an answer")
                    clients[place] = Client(url)
            _judged(url, totals, known, called, what, tell)
        _again(url, totals)
        tell(f"{totals}; {_named(server.settings())}")
    return totals


def _ended(clients: Sequence[Client]) -> None:
    for each in clients:
        each.end()


def _crashed(server: Killable, wait_ms: int) -> str:
    time.sleep(wait_ms / 1000)
    killed = server.kill()
    start = time.perf_counter()
    server.start()
    took = time.perf_counter() - start
    return f"{killed} server processes killed after {wait_ms} ms, recovered in {took:.2f} s"


def _judged(
    url: str,
    totals: Totals,
    known: Known,
    called: Sequence[tuple[Going, Client]],
    what: str,
    tell: Tell,
) -> None:
    """Look at the book after a crash; send everything again; look again."""
    retried, facts, burnt = known.retried, len(known.facts), len(known.burnt)
    steps, hanging = [], []
    for going, client in called:
        answered, open_ = known.hear(going, client.said)
        steps += answered
        hanging += open_
    facts, burnt = len(known.facts) - facts, len(known.burnt) - burnt
    with open_store(url) as store:
        first = check(store, known)
        resent = resend(store, known, [*steps, *hanging])
        second = check(store, known)
    for each in (first, second):
        totals.add(each)
    totals.rounds += 1
    totals.acknowledged += facts
    totals.kept += burnt
    totals.open += len(hanging)
    totals.retried += known.retried - retried
    tell(
        f"{what}; acknowledged {facts} and {burnt} kept refusals, book holds {first.found} and, "
        f"{resent.total()} sent again, {second.found}; lost {first.lost + second.lost}, duplicates "
        f"{first.duplicates + second.duplicates}, not sent {first.unsent}, half {first.half}, "
        f"verify findings {first.verify + second.verify}, tried again {known.retried - retried}"
    )
    for wrong in (*first.why, *second.why)[:TOLD_MAX]:
        tell(f"wrong: {wrong}")


def _again(url: str, totals: Totals) -> None:
    """At the end, look at every book once more."""
    with open_store(url) as store:
        for known in totals.books.values():
            verdict = check(store, known)
            totals.add(verdict)
            totals.found += verdict.found


def _named(settings: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in settings.items())


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Crash as often as asked; exit with 1 when anything was lost, doubled or half."""
    parser = argparse.ArgumentParser(prog="benchmarks.crashes")
    parser.add_argument("what", choices=(PROCESS, POSTGRESQL))
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--store", choices=(SQLITE, POSTGRESQL), default=SQLITE)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if asked.what == POSTGRESQL:
        totals = server_rounds(asked.rounds, asked.seed, _print)
    elif asked.store == SQLITE:
        with TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'crashes.db'}"
            _print("SQLite: journal_mode=WAL, synchronous=FULL")
            totals = process_rounds(url, asked.rounds, asked.seed, _print)
    else:
        with cluster.running() as running:
            _print(f"PostgreSQL {running.version}: {_named(dict(running.durable))}")
            url = running.fresh("crashes")
            totals = process_rounds(url, asked.rounds, asked.seed, _print)
    return 0 if totals.well else 1


if __name__ == "__main__":
    sys.exit(main())
