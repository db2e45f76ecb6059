"""How a stranger starts: schema, book, chart, key."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from api import auth, bounds, session, signing
from api.commands.acting import acting, named_book, system_name
from api.commands.speech import (
    BOOK,
    DATABASE,
    FOUND,
    BookCode,
    Database,
    Json,
    print_json,
    refusals,
)
from ledger import chart as charts
from ledger import journal, periods
from ledger.core.account import ANY_COMMODITY, BASES, Bound
from ledger.core.amount import decimal_of
from ledger.core.book import ALLOWED, COMMAND_LINE, DUAL, TIME_ZONE, Book
from ledger.core.command import Turn
from ledger.core.errors import DomainError, Forbidden
from ledger.core.fields import date_of
from ledger.core.periods import CLOSED, OPEN, REOPENED
from ledger.store import Store, open_store
from ledger.store.load import every_book
from ledger.store.migration import migrate

book_app = typer.Typer(no_args_is_help=True, help="Open and list books.")
chart_app = typer.Typer(no_args_is_help=True, help="Load charts of accounts.")
key_app = typer.Typer(no_args_is_help=True, help="Make and end keys.")
account_app = typer.Typer(no_args_is_help=True, help="Change accounts.")
period_app = typer.Typer(no_args_is_help=True, help="Turn accounting periods.")
Entity = Annotated[str, typer.Argument(help="The accounting entity.")]
Basis = Annotated[str, typer.Argument(help=f"One of: {', '.join(BASES)}.")]
Month = Annotated[str, typer.Argument(metavar="PERIOD", help="YYYY-MM; a month 13 is allowed.")]
Reason = Annotated[str, typer.Option(help="Why; a closed period is reopened with a reason.")]
Limit = Annotated[str | None, typer.Option(help="In units, on the normal side; or none.")]
NO_LIMIT = "none"


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
    _say(_told_of(opened), as_json)


@book_app.command("list")
def list_books(database: Database = DATABASE, as_json: Json = False) -> None:
    """List the books that whoever asks may read, in the order in which they were opened."""
    with refusals(as_json), open_store(database) as store:
        with store.reading() as connection:
            opened = every_book(connection)
        shown = [each for each in opened if _readable(store, each)]
    said = [_told_of(each) for each in shown]
    if as_json:
        print_json(said)
        return
    for each in said:
        _say(each, as_json=False)


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


@key_app.command("revoke")
def revoke_keys(
    user: Annotated[str, typer.Option(help="Whose keys.")],
    database: Database = DATABASE,
    as_json: Json = False,
) -> None:
    """End every key of a user; what was done with them stays. Needs admin of all their books."""
    with refusals(as_json), open_store(database) as store:
        for code in session.books_of(store, user):
            acting(store, named_book(store, code), auth.KEYS)
        ended = session.revoke_keys(store, user)
    _say({"user": user, "revoked": ended}, as_json)


@account_app.command("change")
def change_account(
    code: Annotated[str, typer.Argument(help="The account.")],
    state: Annotated[str | None, typer.Option(help="open, frozen or closed.")] = None,
    floor: Limit = None,
    ceiling: Limit = None,
    commodity: Annotated[str, typer.Option(help="Of which commodity; * is each.")] = ANY_COMMODITY,
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """Give an account another state, floor or ceiling; what is not stated stays."""
    with refusals(as_json), open_store(database) as store:
        found = named_book(store, book)
        actor = acting(store, found, auth.CHANGE, {code.partition(":")[0]})
        known = bounds.known_account(store, found, code)
        stated = {each.commodity: each for each in known.bounds}
        before = stated.get(commodity, Bound(commodity))
        wanted = Bound(
            commodity,
            _limit(floor, before.floor, "floor"),
            _limit(ceiling, before.ceiling, "ceiling"),
        )
        outcome = bounds.change(
            store, found, known, actor=actor, state=state,
            bounds=bounds.with_bound(known, wanted),
        )  # fmt: skip
    _say({"account": code, "status": outcome.status, "seq": outcome.seq}, as_json)


@period_app.command("open")
def open_period(
    entity: Entity, basis: Basis, period: Month, reason: Reason = "",
    database: Database = DATABASE, book: BookCode = BOOK, as_json: Json = False,
) -> None:  # fmt: skip
    """Open a period that is closing; one that nobody closed is open already."""
    _turned(database, book, Turn(entity, basis, period, OPEN, reason), as_json)


@period_app.command("close")
def close_period(
    entity: Entity, basis: Basis, period: Month, reason: Reason = "",
    database: Database = DATABASE, book: BookCode = BOOK, as_json: Json = False,
) -> None:  # fmt: skip
    """Close a period and seal the turnover of its entity and basis."""
    _turned(database, book, Turn(entity, basis, period, CLOSED, reason), as_json)


@period_app.command("reopen")
def reopen_period(
    entity: Entity, basis: Basis, period: Month, reason: Reason = "",
    database: Database = DATABASE, book: BookCode = BOOK, as_json: Json = False,
) -> None:  # fmt: skip
    """Open a closed period again, with the reason."""
    _turned(database, book, Turn(entity, basis, period, REOPENED, reason), as_json)


@period_app.command("ages")
def show_ages(
    on: Annotated[str | None, typer.Option(help="How old on this day, YYYY-MM-DD.")] = None,
    database: Database = DATABASE, book: BookCode = BOOK, as_json: Json = False,
) -> None:  # fmt: skip
    """Show always-zero accounts that are not zero, since when; exit 1 where one is over its age."""
    with refusals(as_json), open_store(database) as store:
        found = named_book(store, book)
        acting(store, found, auth.READ)
        today = date_of(on, "on") if on else found.day_of(store.clock())
        with store.reading() as connection:
            ages = list(periods.ages(connection, found, today))
    if as_json:
        print_json({"ages": [each.written for each in ages]})
    for each in () if as_json else ages:
        said = f"{each.account.code}: {each.balance} {each.balance.commodity.code}"
        typer.echo(f"{said} since {each.since}, {each.days} days of {each.limit}")
    if any(each.over for each in ages):
        raise typer.Exit(FOUND)


def _turned(database: str, book: str, asked: Turn, as_json: bool) -> None:
    with refusals(as_json), open_store(database) as store:
        actor = acting(store, named_book(store, book), auth.CLOSE, {asked.entity})
        outcome = signing.turn(store, named_book(store, book), asked, actor=actor)
    said = {"entity": asked.entity, "basis": asked.basis, "period": asked.period}
    _say({**said, "state": asked.state, "seq": outcome.seq}, as_json)


def _limit(stated: str | None, before: Decimal | None, at: str) -> Decimal | None:
    if stated is None:
        return before
    return None if stated == NO_LIMIT else decimal_of(stated, at)


def _entities(chart: charts.Chart) -> set[str]:
    return {account.entity for account in chart.accounts}


def _told_of(book: Book) -> dict[str, object]:
    return {"book": book.code, "uuid": str(book.uuid), "policy": dict(book.policy)}


def _readable(store: Store, book: Book) -> bool:
    try:
        acting(store, book, auth.READ)
    except Forbidden:
        return False
    return True


def _told(error: DomainError | None) -> None:
    if error is not None and error.code != "ledger.chain-broken":
        raise error


def _say(said: Mapping[str, object], as_json: bool) -> None:
    if as_json:
        print_json(said)
    else:
        typer.echo(", ".join(f"{name}: {_plain(value)}" for name, value in said.items()))


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return " ".join(f"{name}={value[name]}" for name in sorted(value)) or "none"
    return "none" if value is None else value
