"""`gep seea`: the accounts of SEEA EA from a folder of tables, and the bridge from a GEP case."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from accounting import case as cases
from accounting import dossier, pack, translation
from accounting import run as runs
from accounting.seea import accounts, bridge, bridge_tables, tables
from accounting.seea import case as seea_cases
from api.commands.speech import Json, Locale, print_json, refusals
from api.render.json import plain
from api.render.text import console as terminal
from api.render.text import show
from ledger.statements.statement import Statement

app = typer.Typer(no_args_is_help=True, help="SEEA EA: its accounts, and the bridge from GEP.")

HIDDEN = frozenset({"type"})
Out = Annotated[Path | None, typer.Option(help="A folder for the tables as CSV.")]


@app.command()
def run(
    path: Annotated[Path, typer.Argument(metavar="CASE", help="A folder with seea.toml.")],
    out: Out = None,
    locale: Locale = "en",
    as_json: Json = False,
) -> None:
    """Work out extent, condition, supply and use, and the asset account of a SEEA EA case.

    Exit 2 with every finding at once where a table is wrong.
    """
    with refusals(as_json):
        found = accounts.accounts(seea_cases.read(path))
        statements = tables.statements(found)
        written = dossier.write_statements(statements, out) if out else ()
    _tell(statements, written, locale, as_json)


@app.command("bridge")
def bridge_(
    path: Annotated[Path, typer.Argument(metavar="CASE", help="A GEP case folder.")],
    pack_id: Annotated[str | None, typer.Option("--pack", help="Another pack.")] = None,
    edition: Annotated[str | None, typer.Option(help="Another edition of the pack.")] = None,
    year: Annotated[int | None, typer.Option(help="The latest year unless said.")] = None,
    out: Out = None,
    locale: Locale = "en",
    as_json: Json = False,
) -> None:
    """Map every service of a GEP account to its one SEEA code, with the totals on both sides."""
    with refusals(as_json):
        found = cases.read(path)
        chosen = edition or (None if pack_id else found.edition)
        under = pack.load(pack_id or found.pack, chosen)
        account = runs.run(translation.into(found, under.ecosystems), under, year)
        statements = bridge_tables.statements(bridge.bridge(account))
        written = dossier.write_statements(statements, out) if out else ()
    _tell(statements, written, locale, as_json)


def _tell(
    statements: Mapping[str, Statement], written: tuple[Path, ...], locale: str, as_json: bool
) -> None:
    if as_json:
        said = {name: _facts(each, locale) for name, each in statements.items()}
        print_json({"statements": said, "files": [each.name for each in written]})
        return
    console = terminal()
    other = "_en" if locale.startswith("zh") else "_zh"
    for each in statements.values():
        keys = {column.key for column in each.columns if column.key.endswith(other)}
        show(console, each, locale, HIDDEN | keys | _empty(each))
    for path in written:
        console.print(escape(str(path)), highlight=False)


def _empty(statement: Statement) -> set[str]:
    """Name the columns of numbers in which nothing stands: wide tables fit a terminal."""
    rows = [*statement.rows, *statement.totals]
    return {
        column.key
        for at, column in enumerate(statement.columns)
        if column.align == "right" and not any(row[at] for row in rows)
        if any(isinstance(row[at], Decimal) for row in rows)
    }


def _facts(statement: Statement, locale: str) -> dict[str, object]:
    keys = [column.key for column in statement.columns]
    return {
        "title": statement.title.in_(locale),
        "units": {each.key: each.unit for each in statement.columns if each.unit},
        "rows": [dict(zip(keys, map(plain, row), strict=True)) for row in statement.rows],
        "totals": [dict(zip(keys, map(plain, row), strict=True)) for row in statement.totals],
        "notes": [note.in_(locale) for note in statement.notes],
    }
