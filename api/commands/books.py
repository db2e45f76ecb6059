"""How a stranger starts: schema, book, chart, key."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from api import auth, session
from api.commands.acting import acting, named_book, system_name
from api.commands.speech import BOOK, DATABASE, BookCode, Database, Json, print_json, refusals
from ledger import chart as charts
from ledger import journal
from ledger.core.book import ALLOWED, COMMAND_LINE, DUAL, TIME_ZONE
from ledger.core.errors import DomainError
from ledger.store import migrate, open_store

book_app = typer.Typer(no_args_is_help=True, help="Open books.")
chart_app = typer.Typer(no_args_is_help=True, help="Load charts of accounts.")
key_app = typer.Typer(no_args_is_help=True, help="Make keys.")


def migrate_database(database: Database = DATABASE, as_json: Json = False) -> None:
    """Bring the schema up to date and, on PostgreSQL, make the runtime role."""
    with refusals(as_json):
        open_store(database).close()
        notes = migrate(database)
    if as_json:
        print_json({"migrated": True, "notes": notes})
        return
    typer.echo("migrated")
    for note in notes:
        typer.echo(note, err=True)


@book_app.command("new")
def new_book(
    code: Annotated[str, typer.Argument(help="The book's code.")] = BOOK,
    database: Database = DATABASE,
    book: Annotated[str | None, typer.Option("--book", help="The same, as an option.")] = None,
    time_zone: Annotated[str, typer.Option(help="Cuts the book's days.")] = TIME_ZONE,
    dual: Annotated[
        list[str] | None, typer.Option(help="A kind that needs a second person; may be repeated.")
    ] = None,
    command_line: Annotated[
        bool, typer.Option(help="Let the command line act without a key.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Open a book; the same again changes nothing."""
    policy = {DUAL: " ".join(dual or ["fiscal.transfer"])}
    if command_line:
        policy[COMMAND_LINE] = ALLOWED
    with refusals(as_json), open_store(database) as store:
        actor = session.system_user(store, system_name())
        opened = journal.open_book(
            store, book or code, time_zone=time_zone, policy=policy, actor=actor
        )
    said = {"book": opened.code, "uuid": str(opened.uuid), "policy": dict(opened.policy)}
    _say(said, as_json)


@chart_app.command("load")
def load_chart(
    file: Annotated[Path, typer.Argument(help="TOML: [[commodity]] [[party]] [[account]].")],
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """Load commodities, parties and accounts, all or none; what is there stays."""
    with refusals(as_json):
        chart = charts.read(file)
        with open_store(database) as store:
            actor = acting(store, named_book(store, book), auth.OPEN, _entities(chart))
            for outcome in charts.load(store, book, chart, actor=actor):
                _told(outcome.error)
    counts = {
        "commodities": len(chart.commodities),
        "parties": len(chart.parties),
        "accounts": len(chart.accounts),
    }
    _say(counts, as_json)


@key_app.command("new")
def new_key(
    user: Annotated[str, typer.Option(help="Whose key; made on first mention.")],
    role: Annotated[str, typer.Option(help=f"One of: {', '.join(auth.ROLES)}.")],
    database: Database = DATABASE,
    book: BookCode = BOOK,
    entity: Annotated[str | None, typer.Option(help="Narrow to one entity.")] = None,
    party: Annotated[str | None, typer.Option(help="Narrow to one party's accounts.")] = None,
    as_json: Json = False,
) -> None:
    """Grant a role to a user and print a new key, this once."""
    with refusals(as_json), open_store(database) as store:
        acting(store, named_book(store, book), auth.KEYS)
        owner = charts.party_id(party) if party else None
        key = session.new_key(store, user, role, book, entity, owner)
    if as_json:
        print_json({"key": key, "user": user, "role": role, "book": book})
    else:
        typer.echo(key)


def _entities(chart: charts.Chart) -> set[str]:
    return {account.entity for account in chart.accounts}


def _told(error: DomainError | None) -> None:
    if error is not None and error.code != "ledger.chain-broken":
        raise error


def _say(said: Mapping[str, object], as_json: bool) -> None:
    if as_json:
        print_json(said)
    else:
        typer.echo(", ".join(f"{name}: {value}" for name, value in said.items()))
