"""A process full of callers, and the handle by which its parent starts, hears, stops or kills it.

``python -m benchmarks.crash_client URL`` reads ``go BOOK NAME THREADS CLOCK_US`` and ``stop`` from
its input, and writes one line for each answer **after** the ledger has given it. A line is one
write to a pipe, shorter than what a pipe takes at once: it is there whole or not at all, and what
was written stays when the writer is killed.
"""

import faulthandler
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any, NamedTuple

from sqlalchemy.exc import DBAPIError

from benchmarks.crash_traffic import Caller
from ledger.core.rules import Answers
from ledger.store import Store, open_store
from ledger.writer import submit

RETRY_SECONDS, RETRY_SECONDS_MAX = 0.05, 60
READY_SECONDS_MAX, ANSWER_SECONDS_MAX = 120, 90
ANSWER, RETRIED, DONE, FAILED = "answer", "retried", "done", "failed"


class Going(NamedTuple):
    """What one run of callers is called, and when it says that it began."""

    book: str
    name: str
    threads: int
    clock_us: int

    def caller(self, thread: int) -> Caller:
        """Make the caller of a thread: the same here and in the process that sends."""
        return Caller(self.book, f"{self.name} {thread}", lambda: self.clock_us)


class Said(NamedTuple):
    """What a client wrote: an answer, a lost connection, its end, or what should never be."""

    what: str
    thread: int = 0
    number: int = 0
    told: Any = None


def told(answers: Answers) -> list[tuple[str, int | None]]:
    """Sum up what each item was answered: its status or its refusal, and its place."""
    return [(each.status if each.error is None else each.error.code, each.seq) for each in answers]


class Client:
    """A process of callers, as its parent sees it."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "benchmarks.crash_client", url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.said: list[Said] = []
        self.first, self.done = threading.Event(), threading.Event()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def go(self, going: Going) -> None:
        """Set its callers to work; what they said before is forgotten."""
        self.said = []
        self.first.clear()
        self.done.clear()
        self._order(" ".join(("go", *map(str, going))))

    def stop(self) -> bool:
        """Let every caller wait for the answer it is owed, and stop; say whether all were.

        A process that owes an answer for too long is ended, and prints where its threads stood.
        """
        self._order("stop")
        if self.done.wait(ANSWER_SECONDS_MAX):
            return True
        self.process.send_signal(signal.SIGABRT)
        self.end()
        return False

    def kill(self) -> None:
        """Kill it where it stands, and read what it had written."""
        self.process.send_signal(signal.SIGKILL)
        self.end()

    def end(self) -> None:
        """Close its input, and wait for its end; insist, where that takes too long."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(ANSWER_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join()

    def _order(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                said = Said(*json.loads(line))
                self.said.append(said)
                self.done.set() if said.what == DONE else self.first.set()
        self.first.set()
        self.done.set()


def _say(*said: object) -> None:
    os.write(1, (json.dumps(said) + "\n").encode())


def _answered(store: Store, going: Going, thread: int, number: int, command: Any) -> None:
    """Send a command until it is answered: a lost connection leaves open what became of it."""
    until = time.monotonic() + RETRY_SECONDS_MAX
    while True:
        try:
            answers = submit(store, going.book, command)
        except DBAPIError as error:
            _say(RETRIED, thread, number, type(error.orig).__name__)
            if time.monotonic() > until:
                raise
            time.sleep(RETRY_SECONDS)
        else:
            return _say(ANSWER, thread, number, told(answers))


def _call(store: Store, going: Going, thread: int, stopped: threading.Event) -> None:
    try:
        for number, step in enumerate(going.caller(thread).steps()):
            _answered(store, going, thread, number, step.command)
            if stopped.is_set():
                return
    except Exception as error:  # noqa: BLE001 - told to the parent, who counts it as a failure
        _say(FAILED, thread, 0, repr(error)[:1000])


def main(url: str) -> None:
    """Do as the input says until it ends."""
    faulthandler.enable()
    for library in ("sqlalchemy.pool", "psycopg"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    stopped, threads = threading.Event(), list[threading.Thread]()
    with open_store(url) as store:
        for line in sys.stdin:
            order, *rest = line.split()
            if order == "go":
                going = Going(rest[0], rest[1], int(rest[2]), int(rest[3]))
                stopped = threading.Event()
                threads = [
                    threading.Thread(
                        target=_call, args=(store, going, thread, stopped), daemon=True
                    )
                    for thread in range(going.threads)
                ]
                for each in threads:
                    each.start()
            else:
                stopped.set()
                for each in threads:
                    each.join()
                _say(DONE)
        stopped.set()
        for each in threads:
            each.join(ANSWER_SECONDS_MAX)


if __name__ == "__main__":
    main(*sys.argv[1:])
