"""A long run: processes post mixed traffic into one book as fast as they can, and are watched.

``python -m benchmarks.soak --processes 8 --minutes 60`` prints each minute how fast it goes, what
was refused, what went wrong (nothing may) and how much memory each process holds; at the end
whether the book is gapless and verifies.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select

from benchmarks import crash_traffic
from benchmarks.crash_client import told
from benchmarks.crash_traffic import Caller
from benchmarks.peers import cluster
from ledger.store import Store, open_store, tables
from ledger.store.load import find_book
from ledger.store.migration import migrate
from ledger.store.store import system_clock_us
from ledger.verification import verify_book
from ledger.writer import submit_batch

BOOK = "soak"
THREADS, STEPS = 2, 100
TELL_SECONDS, MINUTE = 5.0, 60.0
END_SECONDS_MAX = 120
POSTED = ("posted", "held", "done", "replayed")
DEFAULT_MINUTES = 60.0
Tell = Callable[[str], None]


@dataclass
class Poster:
    """What one process counts: answers by status or refusal, and what should never be."""

    store: Store
    name: str
    until: float
    mutex: threading.Lock = field(default_factory=threading.Lock)
    answers: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def call(self, thread: int) -> None:
        """Send batches of commands until the time is over."""
        steps = Caller(BOOK, f"{self.name} {thread}", system_clock_us).steps()
        try:
            while time.time() < self.until:
                some = list(islice(steps, STEPS))
                answers = submit_batch(self.store, BOOK, [step.command for step in some])
                for step, each in zip(some, answers, strict=True):
                    self.count(step.may, [status for status, _ in told(each)])
        except Exception as error:  # noqa: BLE001 - it is what the run is there to find
            with self.mutex:
                self.errors.append(repr(error)[:500])

    def count(self, may: frozenset[str], statuses: list[str]) -> None:
        """Count answers, and those that may not be."""
        wrong = [status for status in statuses if status not in may]
        with self.mutex:
            self.answers.update(statuses)
            self.errors += [f"unexpected answer {status}" for status in wrong]

    def tell(self) -> None:
        """Write what happened since the last time."""
        with self.mutex:
            sent = {"answers": self.answers, "errors": self.errors, "rss": rss_bytes(os.getpid())}
            line = json.dumps(sent)
            self.answers, self.errors = Counter(), []
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def rss_bytes(pid: int) -> int:
    """Return how much memory a process holds now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def post(url: str, name: str, until: float) -> None:
    """Be one of the processes."""
    with open_store(url) as store:
        poster = Poster(store, name, until)
        threads = [threading.Thread(target=poster.call, args=(each,)) for each in range(THREADS)]
        for each in threads:
            each.start()
        while any(each.is_alive() for each in threads):
            time.sleep(min(TELL_SECONDS, max(0.1, until - time.time())))
            poster.tell()
        poster.tell()


@dataclass
class Watch:
    """One process as the parent sees it: what it told in this minute, and its memory since."""

    process: "subprocess.Popen[str]"
    answers: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    rss: list[int] = field(default_factory=list)
    mutex: threading.Lock = field(default_factory=threading.Lock)

    def read(self) -> None:
        """Take in what it tells until it ends."""
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                said: dict[str, Any] = json.loads(line)
                with self.mutex:
                    self.answers.update(said["answers"])
                    self.errors += said["errors"]
                    self.rss.append(said["rss"])

    def taken(self) -> tuple[Counter[str], list[str]]:
        """Return what was told since this was last asked."""
        with self.mutex:
            taken = self.answers, self.errors
            self.answers, self.errors = Counter(), []
        return taken


def soak(url: str, processes: int, minutes: float, tell: Tell) -> bool:
    """Run, watch, look at the book at the end; say whether all is well."""
    migrate(url)
    with open_store(url) as store:
        crash_traffic.opened(store, BOOK)
    until = time.time() + minutes * MINUTE
    watches = [Watch(_started(url, f"{each}", until)) for each in range(processes)]
    readers = [threading.Thread(target=each.read) for each in watches]
    for each in readers:
        each.start()
    total, errors, start = Counter[str](), 0, time.monotonic()
    while any(each.is_alive() for each in readers):
        began = time.monotonic()
        for each in readers:
            each.join(max(0.0, began + MINUTE - time.monotonic()))
        said = [watch.taken() for watch in watches]
        answers = sum((each for each, _ in said), Counter[str]())
        wrong = [error for _, found in said for error in found]
        total, errors = total + answers, errors + len(wrong)
        tell(_minute(time.monotonic() - start, time.monotonic() - began, answers, wrong, watches))
    failed = [each.process.wait(END_SECONDS_MAX) for each in watches]
    elapsed = time.monotonic() - start
    tell(f"posted or replayed {_good(total)} of {total.total()}, {total.total() / elapsed:.0f}/s")
    tell(f"answers {dict(total.most_common())}; errors {errors}; exits {failed}")
    tell("memory at 1/10 of the run and at its end, MB: " + ", ".join(map(_growth, watches)))
    return _looked_at(url, tell) and not errors and not any(failed)


def _started(url: str, name: str, until: float) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.soak", "--post", url, name, str(until)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own


def _minute(
    at: float, took: float, answers: Counter[str], wrong: list[str], watches: list[Watch]
) -> str:
    refused = {code: n for code, n in answers.most_common() if code not in POSTED}
    memory = " ".join(f"{watch.rss[-1] >> 20}" for watch in watches if watch.rss)
    said = f"; {Counter(wrong).most_common(5)}" if wrong else ""
    return (
        f"minute {at / MINUTE:.1f}: {answers.total() / took:.0f} answers/s, "
        f"{_good(answers)} stand, refused {refused}, errors {len(wrong)}{said}, RSS MB {memory}"
    )


def _good(answers: Counter[str]) -> int:
    return sum(answers[status] for status in POSTED)


def _growth(watch: Watch) -> str:
    warm = watch.rss[len(watch.rss) // 10]
    return f"{warm >> 20} to {watch.rss[-1] >> 20}"


def _looked_at(url: str, tell: Tell) -> bool:
    """Count the log, and verify the book."""
    with open_store(url) as store:
        with store.reading() as connection:
            book, record = find_book(connection, BOOK).id, tables.records.c
            counting = select(func.count(), func.min(record.seq), func.max(record.seq))
            counted = connection.execute(counting.where(record.book_id == book)).one()
            head = connection.execute(
                select(tables.heads.c.seq).where(tables.heads.c.book_id == book)
            ).scalar_one()
        gapless = tuple(counted) == (head, 1, head)
        tell(f"records {counted[0]}, first {counted[1]}, last {counted[2]}, gapless: {gapless}")
        start = time.monotonic()
        report = verify_book(store, BOOK)
    took = time.monotonic() - start
    tell(f"verify: {report.records} records, {len(report.findings)} findings, {took:.0f} s")
    for each in report.findings[:20]:
        tell(str(each))
    return gapless and not report.findings and report.records == head


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run for as long as asked; exit with 1 when anything went wrong."""
    parser = argparse.ArgumentParser(prog="benchmarks.soak")
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=DEFAULT_MINUTES)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--post", nargs=3, metavar=("URL", "NAME", "UNTIL"), help="be one of them")
    asked = parser.parse_args()
    if asked.post:
        url, name, until = asked.post
        post(url, name, float(until))
        return 0
    if asked.store == "sqlite":
        with TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'soak.db'}"
            well = soak(url, asked.processes, asked.minutes, _print)
    else:
        with cluster.running() as running:
            _print(f"PostgreSQL {running.version}: {dict(running.durable)}")
            well = soak(running.fresh("soak"), asked.processes, asked.minutes, _print)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
