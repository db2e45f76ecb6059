"""Many lines at once: a file posted by `gep post`, a register written by `gep export`.

``python -m benchmarks.bulk import|export [--lines N] [--database URL]`` measures on SQLite and on a
PostgreSQL of its own, or on the database that is named, which it fills.
"""

import argparse
import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid5

import psycopg
from sqlalchemy import make_url, select

from benchmarks.peers import cluster
from benchmarks.peers.address import libpq
from ledger import chart, journal
from ledger.core.account import Account, Side
from ledger.core.amount import CNY
from ledger.core.body import Body, BodyPosting
from ledger.core.command import Command, Post
from ledger.store import open_store, tables
from ledger.store.migration import migrate
from ledger.writer import submit

BOOK = "main"
ACCOUNTS = 1_000
BATCH = 4_000
IN_FLIGHT = 2
GEP = (sys.executable, "-c", "from api.cli import main; main()")
MEBIBYTE = 1 << 20
KIBIBYTE = 1 << 10
PLAIN = (
    "SELECT p.seq, t.effective_on, t.kind, t.narrative, t.reference, a.code, p.commodity, "
    "p.quanta, p.side, p.balance_after, t.id FROM postings p "
    "JOIN transactions t ON t.book_id = p.book_id AND t.seq = p.seq "
    "JOIN accounts a ON a.book_id = p.book_id AND a.no = p.account_no "
    "JOIN records r ON r.book_id = p.book_id AND r.seq = p.seq "
    "WHERE p.book_id = 1 ORDER BY p.seq, p.line"
)


@dataclass(frozen=True)
class Run:
    """A command that ran to its end: how long, how much memory at most, what it printed."""

    seconds: float
    peak_bytes: int
    output: str


def gep(url: str, *words: str) -> Run:
    """Run a command of `gep`; its memory is that of the operating system's account of it."""
    start = time.perf_counter()
    child = _started(url, *words)
    assert child.stdout is not None
    output = child.stdout.read().decode()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stdout.close()
    if child.returncode:
        raise RuntimeError(f"gep {' '.join(words)}: exit {child.returncode}")
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else KIBIBYTE)
    return Run(time.perf_counter() - start, peak, output.strip())


def open_book(url: str) -> None:
    """Migrate a database and open a book of a thousand accounts in which the command line acts."""
    migrate(url)
    with open_store(url) as store:
        journal.open_book(store, BOOK, policy={"command-line": "allowed"})
        accounts = [
            Account(account(n), "liability", "clearing", Side.CREDIT) for n in range(ACCOUNTS)
        ]
        chart.load(store, BOOK, chart.Chart((CNY,), (), tuple(accounts)), actor=None)


def account(number: int) -> str:
    """Name an account."""
    return f"CLR:Client:{number % ACCOUNTS}:Free"


def write_lines(path: Path, lines: int) -> None:
    """Write a file of deposits as `gep post` reads them, one JSON object a line."""
    with path.open("w") as out:
        for number in range(lines):
            lined = [
                {"account": account(number), "commodity": "CNY", "amount": "1.25"},
                {"account": account(number * 7 + 1), "commodity": "CNY", "amount": "-1.25"},
            ]
            told = {"id": f"row-{number}", "effective_on": "2026-01-01", "narrative": "deposit"}
            out.write(json.dumps({**told, "postings": lined}) + "\n")


def posted(url: str) -> int:
    """Count the records of the book after those that opened it."""
    with open_store(url) as store, store.reading() as connection:
        return int(connection.execute(select(tables.heads.c.seq)).scalar_one()) - opening_records()


def opening_records() -> int:
    """Count what a new book holds: itself, its commodity, its accounts."""
    return 2 + ACCOUNTS


def import_all(url: str, fresh: Callable[[], str], lines: int) -> Iterator[str]:
    """Post a file in one go; then another time, killed half way and run again."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "lines.jsonl"
        write_lines(path, lines)
        open_book(url)
        run = gep(url, "post", str(path))
        yield (
            f"import: {lines / run.seconds:,.0f} lines/s ({run.output}, {run.seconds:.1f} s), "
            f"peak {run.peak_bytes / MEBIBYTE:.0f} MiB"
        )
        small = Path(folder) / "small.jsonl"
        write_lines(small, 1)
        least = gep(url, "post", str(small))
        grown = (run.peak_bytes - least.peak_bytes) / MEBIBYTE
        yield f"import: {grown:.0f} MiB more than for one line ({least.output})"
        yield from _killed(fresh(), path, lines)


def _killed(url: str, path: Path, lines: int) -> Iterator[str]:
    open_book(url)
    child = _started(url, "post", str(path))
    while child.poll() is None and posted(url) < lines // 2:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    before = posted(url)
    run = gep(url, "post", str(path))
    yield (
        f"import: SIGKILL at {before:,} transactions (exit {child.returncode}); run again: "
        f"{run.output}, {posted(url):,} transactions, {lines / run.seconds:,.0f} lines/s"
    )


def fill(url: str, lines: int) -> None:
    """Post transactions of two lines each until the register has as many lines as wanted."""
    sys.setswitchinterval(0.0001)
    open_book(url)
    wanted = lines // 2 - max(0, posted(url))
    sizes = [BATCH] * (wanted // BATCH) + [wanted % BATCH] * bool(wanted % BATCH)
    with open_store(url) as store, ThreadPoolExecutor(IN_FLIGHT) as callers:
        ahead = []
        for place, size in enumerate(sizes):
            command = _deposits(place * BATCH, size)
            ahead.append(callers.submit(submit, store, BOOK, command))
            if len(ahead) > IN_FLIGHT:
                ahead.pop(0).result()
        for each in ahead:
            each.result()


def export_all(url: str, lines: int) -> Iterator[str]:
    """Write a register as CSV, beside the same rows straight out of the database."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", __spec__.name, "fill", "--lines", str(lines),  # noqa: S603
                    "--database", url], check=True)  # fmt: skip
    yield f"export: filled in {time.perf_counter() - start:.0f} s"
    with TemporaryDirectory() as folder:
        out, beside = Path(folder) / "register.csv", Path(folder) / "beside.csv"
        words = ("export", "register", "--format", "csv", "--force", "-o", str(out))
        least = gep(url, *words, "--to", "2025-01-01")
        run = gep(url, *words)
        with out.open("rb") as written:
            rows = sum(1 for _ in written) - 1
        taken, told = _beside(url, beside)
        yield (
            f"export: {rows:,} lines, {rows / run.seconds:,.0f}/s, peak "
            f"{run.peak_bytes / MEBIBYTE:.0f} MiB, "
            f"{(run.peak_bytes - least.peak_bytes) / MEBIBYTE:.1f} MiB more than for none"
        )
        yield f"export: {told} {rows / taken:,.0f}/s: ratio {taken / run.seconds:.2f}"


def _beside(url: str, out: Path) -> tuple[float, str]:
    """Write the same rows with nothing of ours; return the seconds, and what was done."""
    start = time.perf_counter()
    if make_url(url).get_backend_name() == "postgresql":
        order = f"COPY ({PLAIN}) TO STDOUT (FORMAT csv)".encode()
        with (
            psycopg.connect(libpq(url)) as connection,
            connection.cursor().copy(order) as copy,
            out.open("wb") as written,
        ):
            for record in copy:
                written.write(record)
        return time.perf_counter() - start, "plain COPY TO of the same query"
    database = make_url(url).database or ""
    with closing(sqlite3.connect(database)) as kept, out.open("w", newline="") as text:
        csv.writer(text).writerows(kept.execute(PLAIN))
    return time.perf_counter() - start, "plain csv.writer on a cursor of the same query"


def _deposits(first: int, size: int) -> Command:
    items = []
    for number in range(first, first + size):
        lined = [BodyPosting(account(number), "1.25", "CNY"),
                 BodyPosting(account(number * 7 + 1), "-1.25", "CNY")]  # fmt: skip
        body = Body(book=BOOK, id=uuid5(UUID(int=0), str(number)), narrative="deposit",
                    postings=lined, reference=f"R-{number}")  # fmt: skip
        items.append(Post(body))
    return Command(tuple(items), None, (), atomic=False)


def _started(url: str, *words: str) -> "subprocess.Popen[bytes]":
    env = {**os.environ, "GEP_DATABASE_URL": url}
    return subprocess.Popen([*GEP, *words], stdout=subprocess.PIPE, env=env)  # noqa: S603


def _databases(named: str | None, stack: ExitStack) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield databases, and what makes another one beside each."""
    if named is not None:
        yield named, lambda: named
        return
    folder = stack.enter_context(TemporaryDirectory())
    yield f"sqlite:///{folder}/first.db", lambda: f"sqlite:///{folder}/second.db"
    server = stack.enter_context(cluster.running())
    yield server.fresh("first"), lambda: server.fresh("second")


def main() -> None:
    """Measure what is asked for, and print it as it comes."""
    parser = argparse.ArgumentParser(prog="benchmarks.bulk", description=__doc__)
    parser.add_argument("what", choices=("import", "export", "fill"))
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--database")
    asked = parser.parse_args()
    if asked.what == "fill":
        fill(asked.database, asked.lines)
        return
    with ExitStack() as stack:
        for url, fresh in _databases(asked.database, stack):
            told = (
                import_all(url, fresh, asked.lines)
                if asked.what == "import"
                else export_all(url, asked.lines)
            )
            for line in told:
                print(f"{make_url(url).get_backend_name()} {line}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
