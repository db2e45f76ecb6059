"""Killed for real: what was acknowledged is there once, nothing is half, and the books verify."""

from itertools import islice

import pytest

from benchmarks import crashes, soak
from benchmarks.crash_checks import Known, check, resend
from benchmarks.crash_client import Going, Said, told
from benchmarks.crash_traffic import opened
from ledger.core.command import Approve, Place, Post, Release
from ledger.store import open_store
from ledger.writer import submit
from tests import postgresql

ROUNDS, SEED = 2, 7
ITEMS = {Approve, Place, Post, Release}
CALLED = Going("main", "only", 1, 1_750_000_000_000_000)


def test_a_killed_process_loses_nothing_it_acknowledged(database_url: str) -> None:
    """Eight callers of one process, killed while they post; then all of it is sent again."""
    said: list[str] = []
    totals = crashes.process_rounds(database_url, ROUNDS, SEED, said.append)

    assert totals.well, "\n".join(said)
    assert totals.rounds == ROUNDS
    assert totals.acknowledged > 0
    assert totals.found > 0


def test_a_killed_server_loses_nothing_it_committed() -> None:
    """Two client processes; the server and all its children are killed, and recover."""
    if postgresql.programs() is None:
        pytest.skip("PostgreSQL: neither GEP_PG_BIN, nor the machine, nor the wheel has it")
    said: list[str] = []
    totals = crashes.server_rounds(ROUNDS, SEED, said.append, processes=2)

    assert totals.well, "\n".join(said)
    assert totals.rounds == ROUNDS
    assert totals.retried > 0
    assert "fsync=on, full_page_writes=on, synchronous_commit=on" in said[0]


def test_a_short_soak_is_gapless_and_verifies(postgresql_url: str) -> None:
    """Two processes on one book for three seconds, of which the start takes one."""
    said: list[str] = []

    assert soak.soak(postgresql_url, 2, 3 / soak.MINUTE, said.append), "\n".join(said)


def test_a_caller_can_be_made_again() -> None:
    """The same name sends the same commands, and each kind of item is among them."""
    one, other = (list(islice(CALLED.caller(0).steps(), 400)) for _ in range(2))

    assert one == other
    assert {type(item) for step in one for item in step.command.items} == ITEMS


def test_what_is_lost_doubled_or_never_sent_is_seen(sqlite_url: str) -> None:
    """The checks find each lie about a book that is sound."""
    with open_store(sqlite_url) as store:
        opened(store, CALLED.book)
        steps = islice(CALLED.caller(0).steps(), 60)
        said = [
            Said("answer", 0, number, told(submit(store, CALLED.book, step.command)))
            for number, step in enumerate(steps)
        ]
        known = Known(CALLED.book)
        answered, open_ = known.hear(CALLED, said)
        sound = check(store, known)
        resend(store, known, [*answered, *open_])
        again = check(store, known)
        fact = next(iter(known.facts))
        known.facts[fact] += 1_000_000
        lost = check(store, known)
        resend(store, known, answered)
        doubled = check(store, known)
        del known.digests[fact[1]]
        unsent = check(store, known)

    assert (len(answered), len(open_)) == (60, 1)
    assert sound[1:7] == again[1:7] == (0,) * 6, sound.why + again.why
    assert (lost.lost, doubled.duplicates, unsent.unsent) == (1, 1, 1)
