"""The least that one durable transaction costs: three rows inserted, one commit, one client."""

import time
from datetime import date
from statistics import median

import psycopg

from benchmarks.peers.address import libpq

SCHEMA = """
CREATE TABLE transactions (
    id bigint PRIMARY KEY, day date NOT NULL, narrative text NOT NULL
);
CREATE TABLE postings (
    transaction bigint, line smallint, account bigint NOT NULL, quanta bigint NOT NULL,
    PRIMARY KEY (transaction, line)
);
"""
TRANSACTION = "INSERT INTO transactions VALUES (%s, %s, 'deposit')"
POSTINGS = "INSERT INTO postings VALUES (%s, 0, %s, %s), (%s, 1, %s, %s)"
ACCOUNTS = 10_000
WARMING = 50


def latency(url: str, *, seconds: float = 10) -> float:
    """Return the median microseconds from BEGIN to the answer of COMMIT, four round trips."""
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        connection.execute(SCHEMA)
        for number in range(-WARMING, 0):
            _once(connection, number)
        taken: list[float] = []
        until = time.perf_counter() + seconds
        while (start := time.perf_counter()) < until:
            _once(connection, len(taken))
            taken.append(time.perf_counter() - start)
    return median(taken) * 1e6


def _once(connection: psycopg.Connection, number: int) -> None:
    payer, payee = number % ACCOUNTS, (number + 1) % ACCOUNTS
    with connection.transaction():
        connection.execute(TRANSACTION, (number, date(2026, 1, 1)))
        connection.execute(POSTINGS, (number, payer, -100, number, payee, 100))
