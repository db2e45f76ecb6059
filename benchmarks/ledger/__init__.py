"""The ledger beside its references, in turns, in one run: what its promises cost."""

import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from benchmarks import table
from benchmarks.books import SWITCH_SECONDS
from benchmarks.ledger import age, copied, peers, rest, sqlite, traffic, verifying
from benchmarks.ledger.place import Place
from benchmarks.ledger.stages import profile
from benchmarks.table import Pair, Target

ROUNDS, SECONDS = 3, 5.0
QUICK_SECONDS = 0.5
AT_LENGTH, WITH_PACKAGES = "long", "packages"
SEMANTICS = (
    "digest of each body", "replay", "refusals, kept", "holds", "floors and ceilings",
    "Merkle leaf and tree", "balance after each posting", "durable commit",
    "every outcome looked at",
)  # fmt: skip


class Measured(NamedTuple):
    """A row: what it must reach, how it is measured, what it needs beyond a smoke run."""

    target: Target
    pair: Callable[[Place], Pair]
    needs: str = ""


ROWS = (
    Measured(Target("batch_1000_vs_pgbench", 10, 20), traffic.thousand_vs_pgbench),
    Measured(Target("batch_8000_vs_pgbench", 15, 30), traffic.most_vs_pgbench),
    Measured(Target("batch_8000_vs_copy", 0.25, 0.5), copied.vs_copy),
    Measured(Target("batch_1000_vs_hordak", 12, 20), peers.vs_hordak, WITH_PACKAGES),
    Measured(
        Target("batch_1000_vs_python_accounting", 300, 600), peers.vs_python_accounting,
        WITH_PACKAGES,
    ),
    Measured(Target("hot_vs_uniform", 0.8, 1), traffic.hot_vs_uniform),
    Measured(Target("mixed_refusals", 0.7, 0.9), traffic.mixed_refusals),
    Measured(Target("four_processes", 0.7, 1), traffic.four_processes),
    Measured(Target("rest_64_vs_orm", 15, 30), rest.single_vs_orm),
    Measured(Target("rest_list_vs_library", 0.6, 0.8), rest.list_vs_library),
    Measured(Target("single_vs_insert", 2, 1.3, less_is_better=True), traffic.single_vs_insert),
    Measured(Target("sqlite_1000_vs_executemany", 0.25, 0.4), sqlite.thousand_vs_executemany),
    Measured(Target("sqlite_single_vs_insert"), sqlite.single_vs_insert),
    Measured(Target("after_1m", 0.8, 0.95), age.after_1m, AT_LENGTH),
    Measured(Target("after_20m", 0.8, 0.95), age.after_20m, AT_LENGTH),
    Measured(Target("verify_vs_hledger", 5, 15), verifying.vs_hledger),
)  # fmt: skip
NAMES = tuple(each.target.name for each in ROWS)


def run(
    *,
    quick: bool = False,
    only: Sequence[str] = (),
    long: bool = False,
    profiled: bool = False,
    tell: Callable[[str], None] = lambda name: None,
) -> dict[str, Any]:
    """Measure with durable commits; ``quick`` is a smoke run of one short round."""
    rounds, seconds = (1, QUICK_SECONDS) if quick else (ROUNDS, SECONDS)
    names = table.chosen(NAMES, only)
    chosen = [each for each in ROWS if each.target.name in names]
    reasons = {each.target.name: _left_out(each, quick=quick, long=long) for each in chosen}
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        with Place(quick=quick) as place:
            rows = []
            for each in chosen:
                if not reasons[each.target.name]:
                    tell(each.target.name)
                    rows.append(table.measured(each.target, each.pair(place), rounds, seconds))
            stages = profile(place) if profiled else []
            return {
                "machine": table.machine(),
                "server": place.version,
                "durable": place.durable,
                "semantics": SEMANTICS,
                "rows": table.as_json(rows),
                "left_out": [
                    {"name": name, "reason": each} for name, each in reasons.items() if each
                ],
                "profile": stages,
            }
    finally:
        sys.setswitchinterval(before)


def _left_out(each: Measured, *, quick: bool, long: bool) -> str:
    """Say why a row is not measured, or nothing."""
    if quick and each.needs == WITH_PACKAGES:
        return "its reference is installed by pip, which a smoke run does not do"
    if quick and each.needs == AT_LENGTH:
        return "a smoke run does not fill a book"
    if each.target.name == "after_20m" and not long:
        return "asked for by --long only"
    if each.target.name == "after_1m" and long:
        return "after_20m stands in its place"
    return ""
