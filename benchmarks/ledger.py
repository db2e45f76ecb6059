"""The ledger beside the bare database: the same rows written without any of its promises."""

import platform
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import UUID, uuid5

from ledger import chart, journal
from ledger.core import body as bodies
from ledger.core.account import Account, Bound, Side
from ledger.core.amount import CNY
from ledger.core.body import Body
from ledger.store import Store, migrate, open_store

ROUNDS = 5
ACCOUNTS = 1_000
CLIENTS = tuple(f"CLR:Client:{number}:Free" for number in range(ACCOUNTS))
BANK = "CLR:Bank:Settlement"
BARE_TABLES = """
CREATE TABLE bare_transactions (id TEXT PRIMARY KEY, day TEXT, narrative TEXT) STRICT;
CREATE TABLE bare_postings (id TEXT, account TEXT, commodity TEXT, quanta INTEGER) STRICT;
"""


@dataclass(frozen=True)
class Row:
    """One figure: ours and the reference's per second, and the ratio of each pair of rounds."""

    name: str
    value: float
    unit: str
    reference: str
    reference_value: float
    ratio: float
    ratio_min: float
    ratio_max: float
    runs: int


def run(*, quick: bool = False) -> dict[str, object]:
    """Measure on SQLite with durable commits; ``quick`` is a smoke run of one round."""
    rounds = 1 if quick else ROUNDS
    with TemporaryDirectory() as folder:
        rows = [
            _measured("sqlite_1000_vs_executemany", folder, batch=1_000, rounds=rounds),
            _measured("sqlite_single_vs_insert", folder, batch=1, rounds=rounds),
        ]
    return {"machine": platform.platform(), "rows": [asdict(row) for row in rows]}


def _measured(name: str, folder: str, *, batch: int, rounds: int) -> Row:
    sent = _deposits()
    database = Path(folder) / f"{name}.db"
    with _book(f"sqlite:///{database}") as store, closing(_bare(database)) as bare:
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(_rate(lambda run: _post(store, run), sent, batch))
            theirs.append(_rate(lambda run: _insert(bare, run), sent, batch))
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    return Row(
        name, median(ours), "transactions/s", "bare rows, same file settings", median(theirs),
        median(ratios), min(ratios), max(ratios), rounds,
    )  # fmt: skip


def _rate(write: Callable[[list[Body]], None], sent: Iterator[Body], batch: int) -> float:
    runs = [[next(sent) for _ in range(batch)] for _ in range(max(3, 300 // batch))]
    start = time.perf_counter()
    for each in runs:
        write(each)
    return len(runs) * batch / (time.perf_counter() - start)


def _book(url: str) -> Store:
    migrate(url)
    store = open_store(url)
    journal.open_book(store, "main")
    clients = tuple(
        Account(code, "liability", "clearing", Side.CREDIT, bounds=(Bound("*", Decimal(0)),))
        for code in CLIENTS
    )
    opened = chart.Chart((CNY,), (), (Account(BANK, "asset", "clearing"), *clients))
    chart.load(store, "main", opened, actor=None)
    return store


def _bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path.with_suffix(".bare"))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(BARE_TABLES)
    return connection


def _deposits() -> Iterator[Body]:
    for number in count():
        yield bodies.read({
            "book": "main",
            "id": str(uuid5(UUID(int=0), str(number))),
            "effective_on": "2026-01-01",
            "narrative": "deposit",
            "postings": [
                {"account": BANK, "commodity": "CNY", "amount": "1.00"},
                {"account": CLIENTS[number % ACCOUNTS], "commodity": "CNY", "amount": "-1.00"},
            ],
        })  # fmt: skip


def _post(store: Store, sent: list[Body]) -> None:
    outcomes = journal.post_bodies(store, "main", sent, actor=None, atomic=False)
    assert all(each.status == "posted" for each in outcomes)


def _insert(bare: sqlite3.Connection, sent: list[Body]) -> None:
    rows = [(str(body.id), str(body.effective_on), body.narrative) for body in sent]
    lines = [
        (str(body.id), line.account, line.commodity, int(line.amount * 100))
        for body in sent
        for line in body.postings
    ]
    with bare:
        bare.executemany("INSERT INTO bare_transactions VALUES (?, ?, ?)", rows)
        bare.executemany("INSERT INTO bare_postings VALUES (?, ?, ?, ?)", lines)
