"""docs/conformance.md: which scenarios of other ledgers hold here, on which database.

``python -m tests.conformance.report`` plays them all again and writes it.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ledger.store.migration import migrate
from tests import postgresql
from tests.conformance.balance_assertions import BalanceAssertions
from tests.conformance.formance import Formance
from tests.conformance.pgledger import PgLedger
from tests.conformance.scenario import Adapter, Played, play, scenarios
from tests.conformance.tigerbeetle import TigerBeetle

DOCUMENT = Path(__file__).parents[2] / "docs" / "conformance.md"
TEXT = Path(__file__).parent / "conformance.md"
PEERS: Mapping[str, Adapter] = {
    "tigerbeetle": TigerBeetle(),
    "formance": Formance(),
    "pgledger": PgLedger(),
    "balance_assertions": BalanceAssertions(),
}
DATABASES = ("sqlite", "postgresql")
Results = Mapping[tuple[str, str], list[Played]]


def cases() -> list[tuple[str, int, str]]:
    """Return peer, place and name of every scenario."""
    return [
        (peer, number, scenario["name"])
        for peer in PEERS
        for number, scenario in enumerate(scenarios(peer))
    ]


def document(results: Results) -> str:
    """Write the document from what was played."""
    parts = [TEXT.read_text(encoding="utf-8").rstrip(), "", "## Counts", "", *_counts(results)]
    for peer in PEERS:
        parts += ["", f"## {peer}.jsonl", "", *_table(peer, results)]
    return "\n".join([*parts, ""])


def _counts(results: Results) -> Iterator[str]:
    yield "| file | scenarios | SQLite | PostgreSQL | not applicable |"
    yield "| --- | --- | --- | --- | --- |"
    for peer in PEERS:
        lite, server = (results[peer, database] for database in DATABASES)
        left_out = sum(bool(each.reason) for each in lite)
        yield f"| {peer} | {len(lite)} | {_held(lite)} | {_held(server)} | {left_out} |"


def _held(played: list[Played]) -> str:
    asked = [each for each in played if not each.reason]
    return f"{sum(not each.failures for each in asked)} of {len(asked)}"


def _table(peer: str, results: Results) -> Iterator[str]:
    yield "| scenario | SQLite | PostgreSQL | checked | of these wire format |"
    yield "| --- | --- | --- | --- | --- |"
    for lite, server in zip(*(results[peer, each] for each in DATABASES), strict=True):
        name = lite.name.replace("|", "\\|")
        if lite.reason:
            yield f"| {name} | not applicable | not applicable | because: {lite.reason} | |"
        else:
            wire = Counter(f"{each.found} ({each.wire})" for each in lite.wire)
            said = ", ".join(f"{each} × {times}" for each, times in sorted(wire.items()))
            outcome = f"{_outcome(lite)} | {_outcome(server)}"
            yield f"| {name} | {outcome} | {len(lite.checks)} | {_shown(wire, said)} |"


def _shown(wire: Counter[str], said: str) -> str:
    return f"{wire.total()}: {said}" if wire else "0"


def _outcome(played: Played) -> str:
    failures = len(played.failures)
    return f"**{failures} differ**" if failures else "holds"


def all_played(fresh: Callable[[str], str]) -> Results:
    """Play every scenario on both databases; ``fresh`` gives the URL of an empty migrated one."""
    return {
        (peer, database): [play(adapter, scenario, fresh(database)) for scenario in scenarios(peer)]
        for peer, adapter in PEERS.items()
        for database in DATABASES
    }


def main() -> None:
    """Play everything and write the document."""
    found = postgresql.programs()
    if found is None:
        raise SystemExit("PostgreSQL was not found: the document speaks of both databases")
    os.environ["GEP_ALLOW_NONDURABLE"] = "1"
    with tempfile.TemporaryDirectory() as folder, postgresql.cluster(found) as cluster:
        template = Path(folder) / "template.db"
        migrate(f"sqlite:///{template}")
        server = cluster.new()
        migrate(cluster.url(server))

        def fresh(database: str) -> str:
            if database == "postgresql":
                return cluster.url(cluster.new(server))
            path = Path(folder) / f"{next(cluster.numbers)}.db"
            shutil.copy(template, path)
            return f"sqlite:///{path}"

        DOCUMENT.write_text(document(all_played(fresh)), encoding="utf-8")


if __name__ == "__main__":
    main()
