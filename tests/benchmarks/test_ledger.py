"""The benchmark's table has the shape that its readers rely on; how fast it is, is not asked."""

import json
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from benchmarks import books, ledger, table
from benchmarks.clock import Clock
from benchmarks.ledger import verifying
from benchmarks.peers import Figure, cluster, not_available
from benchmarks.table import Pair, Target
from ledger.core.state import Outcome

HEAD = {"machine", "server", "durable", "semantics", "rows", "left_out", "profile"}
ROW = {
    "name", "value", "unit", "reference", "reference_value", "ratio", "ratio_min", "ratio_max",
    "runs", "must", "aim", "met", "python_cpus", "postgresql_cpus", "note",
}  # fmt: skip


def _programs() -> Path | None:
    with suppress(FileNotFoundError):
        return cluster.programs()
    return None


def test_a_smoke_run_prints_its_rows_and_what_it_left_out() -> None:
    """Everything was posted, else it would have ended in an error."""
    wanted = ("sqlite_single_vs_insert", "batch_1000_vs_hordak")
    told = [part for name in wanted for part in ("--only", name)]
    printed = CliRunner().invoke(app, ["bench", "ledger", "--quick", "--json", *told])

    assert printed.exit_code == 0, printed.output
    found = json.loads(printed.stdout)
    assert set(found) == HEAD
    (row,) = found["rows"]
    assert set(row) == ROW
    assert (row["name"], row["unit"], row["runs"]) == (wanted[0], "transactions/s", 1)
    assert row["ratio_min"] == row["ratio"] == row["ratio_max"]
    assert [each["name"] for each in found["left_out"]] == [wanted[1]]


@pytest.mark.skipif(_programs() is None, reason="no PostgreSQL")
def test_a_server_of_its_own_commits_durably() -> None:
    """What it was told is read back; three in a hundred were refused and three replayed."""
    found = ledger.run(quick=True, only=("mixed_refusals",))

    assert set(found["durable"].values()) == {"on"}
    assert [row["name"] for row in found["rows"]] == ["mixed_refusals"]


def test_a_row_that_is_not_there_is_refused() -> None:
    """With the names of those that are."""
    printed = CliRunner().invoke(app, ["bench", "ledger", "--only", "poem", "--json"])

    assert printed.exit_code == 2
    assert "hot_vs_uniform" in printed.output


def test_every_row_that_the_design_names_is_there_once() -> None:
    """And those beside which a scaled one stands."""
    assert max(Counter(ledger.NAMES).values()) == 1
    assert {"after_1m", "after_20m", "four_processes", "verify_vs_hledger"} <= set(ledger.NAMES)


def test_rounds_are_summed_up_by_the_middle_of_their_ratios() -> None:
    """Three rounds of ours and theirs, in turns."""
    ours, theirs = iter([10.0, 20.0, 60.0]), iter([10.0, 10.0, 20.0])
    pair = Pair(
        lambda _: next(ours), "theirs", lambda _: Figure(next(theirs)), Clock(), warmed=False
    )
    row = table.measured(Target("x", 2, 3), pair, 3, 1)

    assert (row.value, row.reference_value) == (20, 10)
    assert (row.ratio, row.ratio_min, row.ratio_max, row.met) == (2, 1, 3, True)


def test_a_latency_must_be_less() -> None:
    """Twice as long is still allowed, more is not."""
    target = Target("x", 2, 1.3, less_is_better=True)

    assert (target.met(1.9), target.met(2.1)) == (True, False)


def test_a_reference_that_cannot_be_run_leaves_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours is measured all the same, and the reason is printed."""
    pair = Pair(lambda _: 5, "theirs", lambda _: not_available("gone"), Clock(), warmed=False)
    row = table.measured(Target("x", 2, 3), pair, 2, 1)
    found = {"rows": table.as_json([row]), "left_out": [], "profile": [{"batch": 1, "ship": 2.0}]}
    table.show(found)

    assert (row.value, row.ratio, row.met, row.note) == (5, None, None, "not available: gone")
    assert "x: not available: gone" in capsys.readouterr().out


def test_an_outcome_that_was_not_wished_for_ends_the_measurement() -> None:
    """A batch of two of which one was refused is no figure."""
    load = next(books.loads(2))
    answers = [(Outcome("posted", None, 1, None), Outcome("refused", None, None, None))]

    with pytest.raises(RuntimeError, match="refused"):
        books.check([load], answers)


def test_a_journal_for_hledger_has_every_transaction(tmp_path: Path) -> None:
    """Accounts and the commodity are declared; debits are positive."""
    with books.opened(f"sqlite:///{tmp_path}/books.db") as store:
        books.fill(store, 3, 2)
        number = verifying.write_journal(store, tmp_path / "books.journal")
    lines = (tmp_path / "books.journal").read_text().splitlines()

    assert number == 4
    assert lines[0] == "commodity 1000.00 CNY"
    assert lines.count("2026-01-01 deposit") == 4
    debited = {int(line.split(":")[2]) for line in lines if line.endswith("  1.00 CNY")}
    credited = {int(line.split(":")[2]) for line in lines if line.endswith("  -1.00 CNY")}
    assert debited
    assert max(debited) < books.ACCOUNTS // 2 <= min(credited)
