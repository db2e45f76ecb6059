"""The benchmark of matching: its shape, and that both of our engines trade the same flow."""

import json
from collections import Counter

from typer.testing import CliRunner

from api.cli import app
from benchmarks import market
from benchmarks.market import flow
from tests.market.oracle import Entry, Oracle


def test_a_smoke_run_prints_every_row() -> None:
    """Ours are measured and trade what the flow says; a smoke run installs no peers."""
    printed = CliRunner().invoke(app, ["bench", "market", "--quick", "--json"])

    assert printed.exit_code == 0, printed.output
    found = json.loads(printed.stdout)
    assert tuple(row["name"] for row in found["rows"]) == market.NAMES
    assert all(row["value"] > 0 and "not available" in row["note"] for row in found["rows"])


def test_the_flow_is_seventy_to_thirty_and_trades_what_the_oracle_trades() -> None:
    """The quantity that every engine is held to was found by the slow implementation too."""
    drawn = flow.flow(1000, flow.deep)
    oracle, traded = Oracle("cancel-newest"), 0
    for side, number, price, quantity in drawn.told:
        if side:
            order = Entry(number, str(number), str(number), side, price, quantity)
            traded += sum(int(str(each[-1])) for each in oracle.submit(order))
        else:
            oracle.withdraw(number)
    kinds = Counter(bool(side) for side, *_ in drawn.told)

    assert traded == drawn.traded
    assert len(oracle.orders) == drawn.orders
    assert 650 < kinds[True] < 750
