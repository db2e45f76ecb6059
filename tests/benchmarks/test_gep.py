"""The benchmark of the draws: its shape, and that both ways draw the same county."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from api.cli import app
from benchmarks import gep
from benchmarks.gep import county, drawn


def test_a_smoke_run_prints_every_row() -> None:
    """Five rows, each with its ratio; nothing is left out."""
    printed = CliRunner().invoke(app, ["bench", "gep", "--quick", "--json"])

    assert printed.exit_code == 0, printed.output
    found = json.loads(printed.stdout)
    assert tuple(row["name"] for row in found["rows"]) == gep.NAMES
    assert all(row["ratio"] > 0 for row in found["rows"])
    assert found["left_out"] == []


def test_a_row_that_is_not_there_is_refused() -> None:
    """With the names of those that are."""
    printed = CliRunner().invoke(app, ["bench", "gep", "--only", "poem", "--json"])

    assert printed.exit_code == 2
    assert "draws_vs_numpy_dense" in printed.output


def test_both_ways_come_to_the_same_county() -> None:
    """Other draws of the same distributions: means and spreads agree within sampling error."""
    ours, theirs = drawn.blocked(county.QUICK), drawn.with_dense_arrays(county.QUICK)

    assert ours.estimates == pytest.approx(theirs.estimates)
    for year, total in ours.totals.items():
        error = 4 * total.std() / np.sqrt(drawn.DRAWS) * np.sqrt(2)
        assert abs(total.mean() - theirs.totals[year].mean()) < error
        assert total.std() == pytest.approx(theirs.totals[year].std(), rel=0.05)
    assert len(ours.inputs[0]) == len(theirs.inputs[0])
