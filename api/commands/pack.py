"""`gep pack`: what packs there are, what each says, and what parts two of them."""

from typing import Annotated

import typer

from accounting import dossier, pack, pack_difference, pack_tables
from accounting.pack import Pack
from api.commands.speech import FOUND, Json, Locale, print_json, refusals
from api.render.text import console as terminal
from api.render.text import show
from ledger.statements.statement import Statement

app = typer.Typer(no_args_is_help=True, help="Packs: standards and studies as data, with evidence.")

KEYS = frozenset({"kind"})  # what is for programs
CHINESE, ENGLISH = "zh", "en"
Id = Annotated[str, typer.Argument(metavar="ID", help="A pack, such as garze-2010.")]


@app.command("list")
def list_(locale: Locale = "en", as_json: Json = False) -> None:
    """List every edition with the share of its formulas and figures that rests on each evidence."""
    with refusals(as_json):
        shelf = pack_tables.shelf()
    if as_json:
        print_json(dossier.as_json({"packs": shelf}))
    else:
        _show(shelf, locale)


@app.command("show")
def show_(
    id: Id,
    edition: Annotated[str | None, typer.Option(help="The latest unless said.")] = None,
    locale: Locale = "en",
    as_json: Json = False,
) -> None:
    """Show the lines of a pack, where each quantity comes from, and its parameters."""
    with refusals(as_json):
        found = pack.load(id, edition)
        said = pack_tables.statements(found)
    if as_json:
        print_json(_facts(found) | dossier.as_json(said))
        return
    for each in said.values():
        _show(each, locale)


@app.command()
def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="ID or ID@EDITION.")],
    second: Annotated[str, typer.Argument(metavar="B", help="ID or ID@EDITION.")],
    locale: Locale = "en",
    as_json: Json = False,
) -> None:
    """Show line by line what parts two packs. Exit 1 when anything does."""
    with refusals(as_json):
        packs = [_edition(each) for each in (first, second)]
        found = pack_difference.statement(*packs)
    rows = list(found.rows)
    if as_json:
        print_json({"packs": [_facts(each) for each in packs]} | dossier.as_json({"rows": found}))
    elif rows:
        _show(found, locale)
    else:
        terminal().print("nothing differs")
    raise typer.Exit(FOUND if rows else 0)


def _edition(named: str) -> Pack:
    id, _, edition = named.partition("@")
    return pack.load(id, edition or None)


def _facts(of: Pack) -> dict[str, object]:
    return {
        "id": of.id,
        "edition": of.edition,
        "title": {"zh": of.title.zh, "en": of.title.en},
        "reconstruction": of.reconstruction,
        "ecosystems": of.ecosystems,
        "source": pack_tables.cited(of.source),
        "tag": of.source.tag,
        "digest": of.digest,
    }


def _show(statement: Statement, locale: str) -> None:
    """Print a statement without the other language, what is for programs, and empty columns."""
    other = ENGLISH if locale.startswith(CHINESE) else CHINESE
    rows = list(statement.rows)
    hidden = {
        column.key
        for at, column in enumerate(statement.columns)
        if column.key.endswith(f"_{other}") or not any(row[at] for row in rows)
    }
    show(terminal(), statement, locale, KEYS | hidden)
