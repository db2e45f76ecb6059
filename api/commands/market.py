"""`gep market`: published deals and market figures, checked row by row."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from accounting.traded import published
from accounting.traded.published import MarketCheck
from accounting.traded.verdict import DOUBTS, STATUSES, Verdict
from api.commands.speech import FOUND, Json, print_json, refusals
from api.render.text import console as terminal

app = typer.Typer(no_args_is_help=True, help="Markets: check published deals and figures.")


@app.callback()
def market() -> None:
    """Markets: check published deals and figures."""


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
