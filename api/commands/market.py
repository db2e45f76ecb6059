"""`gep market`: published figures checked row by row, a recorded market replayed."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec import to_builtins
from rich import box
from rich.markup import escape
from rich.table import Table

from accounting.traded import published
from accounting.traded.published import MarketCheck
from accounting.traded.verdict import DOUBTS, STATUSES, Verdict
from api.commands.speech import FOUND, Json, print_json, refusals
from api.render.text import console as terminal
from ledger.market import bars, log, rules, surveillance
from ledger.market.engine import under
from ledger.market.events import AnyEvent, OpenDay
from ledger.market.market import Market, Outcome

PRICES = frozenset({"price", "open", "high", "low", "close", "better_price", "least"})

app = typer.Typer(no_args_is_help=True, help="Markets: check published figures, replay a log.")


@app.command()
def check(
    paths: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Tables as CSV, checked together.")
    ],
    as_json: Json = False,
) -> None:
    """Say of every row whether it is computed, booked, checked, inferred or not bookable.

    Files that are given together are held against one another. Exit 1 where printed figures
    contradict one another, 2 where a file cannot be read.
    """
    with refusals(as_json):
        found = published.check(paths)
    if as_json:
        _print(found)
    else:
        _tell(found)
    raise typer.Exit(FOUND if found.faults else 0)


@app.command()
def replay(
    path: Annotated[Path, typer.Argument(metavar="LOG", help="Events of a market, one a line.")],
    rules_on: Annotated[
        dt.datetime | None,
        typer.Option("--rules-on", formats=["%Y-%m-%d"], help="Under the rules of another day."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Replay a recorded market: the same fills to the last digit, its bars, and what to look at."""
    with refusals(as_json):
        events = log.read(path)
        replayed = list(under(events, rules_on.date())) if rules_on else events
        outcomes = log.replay(replayed, Market(), path.name)
        told = tuple(bars.trades(replayed, outcomes))
        found = {
            "outcomes": [_outcome(each) for each in outcomes],
            "closes": [to_builtins(each) for each in bars.closes(outcomes)],
            "bars": [asdict(each) for span in bars.SPANS for each in bars.bars(told, span)],
            "alerts": [asdict(each) for each in surveillance.alerts(replayed, outcomes)],
        }
    if as_json:
        print_json(found)
    else:
        _tell_replay(found, _price_scale(events))


def _price_scale(events: Iterable[AnyEvent]) -> int:
    """Return the decimals of a price at the venue of a log; none where there is no such venue."""
    venues = rules.catalogue()
    ids = (each.venue for each in events if isinstance(each, OpenDay))
    return max((venues[id].price_scale for id in ids if id in venues), default=0)


def _outcome(outcome: Outcome) -> dict[str, object]:
    refusal = outcome.refusal
    return {
        "seq": outcome.seq,
        "effects": [to_builtins(each) for each in outcome.effects],
        "refusal": refusal and {"code": refusal.code, "title": refusal.title, **refusal.facts()},
    }


def _tell_replay(found: dict[str, Any], scale: int) -> None:
    console = terminal()
    for outcome in found["outcomes"]:
        refused = outcome["refusal"]
        for each in outcome["effects"]:
            console.print(escape(_line(each, scale, outcome["seq"])), highlight=False)
        if refused:
            line = _line(refused, scale, outcome["seq"])
            console.print(escape(line), style="yellow", highlight=False)
    for name in ("bars", "alerts"):
        console.print(name, style="bold")
        for each in found[name]:
            console.print(escape(_line(each, scale)), highlight=False)


def _line(said: dict[str, Any], scale: int, seq: object = "") -> str:
    """Write facts in a line; prices in yuan, everything else as it is counted."""
    words = (
        f"{name}={Decimal(value).scaleb(-scale) if name in PRICES else value}"
        for name, value in said.items()
    )
    return f"{seq:>6}  " + " ".join(words)


def _print(found: MarketCheck) -> None:
    counts = {each: found.count(each) for each in STATUSES} | {"synthetic": found.synthetic}
    findings = [asdict(each) | {"doubt": each.code in DOUBTS} for each in found.findings]
    print_json(
        {"rows": [asdict(row) for row in found.rows], "counts": counts, "findings": findings}
    )


def _tell(found: MarketCheck) -> None:
    console = terminal()
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    table.add_column("row", justify="right")
    for name in ("verdict", "what", "published", "because"):
        table.add_column(name, overflow="fold")
    file = ""
    for row in found.rows:
        if row.file != file:
            file = row.file
            table.add_row("", "", escape(file), style="bold")
        mark = f"{row.status} (synthetic)" if row.synthetic else row.status
        printed = f"{row.published} {row.unit}".strip() if row.published else ""
        cells = (str(row.row), mark, row.what, printed, _because(row))
        table.add_row(*(escape(each) for each in cells))
    console.print(table)
    counts = ", ".join(f"{found.count(each)} {each}" for each in STATUSES)
    console.print(f"{counts}; {found.synthetic} synthetic, not counted", highlight=False)
    for finding in found.findings:
        style = "yellow" if finding.code in DOUBTS else "red"
        console.print(escape(str(finding)), style=style, highlight=False)


def _because(row: Verdict) -> str:
    lines = [row.reason] if row.reason else []
    for each in row.checks:
        against = f" against {each.published}" if each.published else ""
        lines.append(f"{each.status}: {each.what}: {each.recomputed}{against}")
    return "\n".join(lines)
