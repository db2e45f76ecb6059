"""`gep case new`: a folder with the workbook that a bureau fills in."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from accounting import case as cases
from accounting import pack, workbook
from api.commands.speech import Json, print_json, refusals
from api.render.text import console as terminal
from ledger.statements.statement import Label


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    pack_id: Annotated[str, typer.Option("--pack", help="The pack to account under.")],
    region: Annotated[
        list[str], typer.Option(help="CODE or CODE=NAME (GB/T 2260, townships), once for each.")
    ],
    year: Annotated[int, typer.Option(min=1900, max=2999, help="The year to account for.")],
    edition: Annotated[str | None, typer.Option(help="An edition; the latest unless said.")] = None,
    by_type: Annotated[bool, typer.Option("--by-type", help="A row for each type.")] = False,
    last: Annotated[Path | None, typer.Option(help="A case whose values stand beside.")] = None,
    as_json: Json = False,
) -> None:
    """Write case.toml and a workbook: one sheet per department, what the pack needs and no more."""
    with refusals(as_json):
        blank = workbook.Blank(
            pack.load(pack_id, edition), _regions(region), year, by_type,
            cases.read(last) if last else None,
        )  # fmt: skip
        written = workbook.new(folder, blank)
    if as_json:
        print_json({"files": [each.name for each in written]})
        return
    for each in written:
        terminal().print(escape(str(each)), highlight=False)


def _regions(named: Iterable[str]) -> dict[str, Label]:
    """Return the names of regions by code; refuse a code that is missing, or given twice."""
    regions: dict[str, Label] = {}
    for each in named:
        code, _, name = each.partition("=")
        if not code or not each.isprintable() or code in regions:
            raise typer.BadParameter(f"{each!r} is no CODE or CODE=NAME, or was given before")
        regions[code] = Label(name or code, name or code)
    return regions
