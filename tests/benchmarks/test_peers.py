"""What the peers of the benchmark print and answer is read as it is meant."""

import json
from pathlib import Path

import pytest

from benchmarks.peers import Figure, address, environment, hledger, load, pgbench

PGBENCH = """\
transaction type: <builtin: TPC-B (sort of)>
scaling factor: 10
query mode: simple
number of clients: 8
number of threads: 2
maximum number of tries: 1
duration: 10 s
number of transactions actually processed: 23681
number of failed transactions: 0 (0.000%)
latency average = 3.378 ms
initial connection time = 12.345 ms
tps = 2368.120000 (without initial connection time)
"""


def test_the_rate_of_pgbench_is_the_one_without_connecting() -> None:
    """It stands in the last line."""
    assert pgbench.read(PGBENCH) == 2368.12


def test_pgbench_without_a_rate_is_refused() -> None:
    """An error that exits with zero is no figure."""
    with pytest.raises(ValueError, match="no rate"):
        pgbench.read("pgbench: error")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://gep@/books?host=/run/pg",
        "postgresql://gep@/books?host=/run/pg",
        "user=gep dbname=books host=/run/pg",
    ],
)
def test_an_address_may_have_three_forms(url: str) -> None:
    """SQLAlchemy's, and both of libpq's."""
    assert address.parameters(url) == {"user": "gep", "dbname": "books", "host": "/run/pg"}


def test_a_peer_tells_its_rate_in_the_last_line() -> None:
    """Whatever its libraries print before."""
    told = json.dumps({"transactions": 300, "seconds": 1.5})

    assert environment.read(f"Operations to perform\n{told}\n\n") == 200


def test_a_peer_that_cannot_be_run_says_why(tmp_path: Path) -> None:
    """A program that fails leaves the last line of what it said."""
    (tmp_path / "peer" / "bin").mkdir(parents=True)
    (tmp_path / "peer" / environment.READY).touch()
    python = tmp_path / "peer" / "bin" / "python"
    python.write_text("#!/bin/sh\necho first >&2\necho 'no such module' >&2\nexit 1\n")
    python.chmod(0o755)
    peer = environment.Peer(Path("peer.py"), ())

    assert peer.rate("dbname=x", tmp_path, 1) == Figure(None, "not available: no such module")


def test_hledger_that_is_not_there_is_no_figure(tmp_path: Path) -> None:
    """The reason stands in its place."""
    found = hledger.check_seconds(tmp_path / "books.journal", program="hledger-of-nobody")

    assert found == Figure(None, "not available: hledger-of-nobody is not installed")


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (b"", None),
        (b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n", None),
        (b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{", None),
        (b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}", (201, 45)),
        (b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\nx: y\r\n\r\nHTTP", (409, 50)),
    ],
)
def test_an_answer_is_read_once_it_is_whole(
    received: bytes, expected: tuple[int, int] | None
) -> None:
    """Its status, and where the next one begins."""
    assert load.answer(received) == expected


def test_an_answer_of_unknown_length_is_refused() -> None:
    """Nobody could tell where it ends."""
    with pytest.raises(ValueError, match="Content-Length"):
        load.answer(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")


def test_a_request_tells_its_length() -> None:
    """Its bytes are whole and may be sent as they are."""
    sent = load.post("/transactions", b"{}", {"Authorization": "Bearer x"})

    assert sent.startswith(b"POST /transactions HTTP/1.1\r\nHost: localhost\r\n")
    assert sent.endswith(b"Authorization: Bearer x\r\nContent-Length: 2\r\n\r\n{}")


def test_a_load_is_summed_up_by_its_middle_and_its_slowest() -> None:
    """A hundred and one answers of 0 to 100 ms in two seconds."""
    took = [number / 1000 for number in reversed(range(101))]
    summary = load.summary(took, {201: 100, 409: 1}, 2)

    assert summary == load.Load(50.5, 50, 99, {201: 100, 409: 1})
