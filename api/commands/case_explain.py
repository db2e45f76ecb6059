"""`gep case explain`: one figure of an account, down to the rows of the files it rests on."""

from pathlib import Path
from typing import Annotated

import typer

from accounting import case as cases
from accounting import explain as explanations
from accounting import translation
from api.commands.speech import Json, Locale, print_json, refusals
from api.render.text import console as terminal
from api.render.text import show

PARTS_SHOWN = 30


def explain(
    path: Annotated[Path, typer.Argument(metavar="CASE", help="A case folder.")],
    cell: Annotated[str, typer.Option(help="REGION/TYPE/SERVICE/YEAR; all/gep for totals.")],
    pack_id: Annotated[str | None, typer.Option("--pack", help="Another pack.")] = None,
    edition: Annotated[str | None, typer.Option(help="Another edition of the pack.")] = None,
    locale: Locale = "en",
    as_json: Json = False,
) -> None:
    """Show a figure's formula with its numbers: readings with file and row, prices, every step.

    TYPE `all` and SERVICE `gep` (or a class, or a service) give a total with its parts.
    """
    with refusals(as_json):
        found = cases.read(path)
        under = found.under(pack_id, edition)
        found = translation.into(found, under.ecosystems)
        said = explanations.of(found, under, cell)
    if as_json:
        print_json(said.as_json())
        return
    console = terminal()
    hidden = frozenset({"quantity" if said.steps else "service_code"})
    other = "name_en" if locale.startswith("zh") else "name_zh"
    for statement in explanations.statements(said, PARTS_SHOWN).values():
        show(console, statement, locale, hidden | {other})
    console.print(f"pack {said.pack} {said.edition}, digest {said.digest[:16]}", highlight=False)
