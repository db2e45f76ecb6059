"""Reading the books: balance, register, trial balance, and any statement as a file."""

import datetime as dt
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import typer
from sqlalchemy import Connection

from api import auth
from api.commands.acting import acting, named_book
from api.commands.speech import (
    BOOK,
    DATABASE,
    BookCode,
    Database,
    Json,
    Locale,
    print_json,
    refusals,
)
from api.render import FORMATS, text
from api.render.json import plain
from ledger import statements
from ledger.balances import known_seq
from ledger.core.body import canonical_json
from ledger.core.book import Book
from ledger.core.fields import date_of
from ledger.core.refusals import Malformed
from ledger.export import export as lines_of_export
from ledger.statements.statement import Statement
from ledger.store import open_store

JOURNAL = "journal"
AsOf = Annotated[str | None, typer.Option(help="The books of this day, YYYY-MM-DD.")]
KnownAt = Annotated[str | None, typer.Option(help="As known at a record number or a time.")]
Account = Annotated[str | None, typer.Argument(help="An account, with those below it.")]


def balance(
    account: Account = None,
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    locale: Locale = "en",
    as_json: Json = False,
) -> None:
    """Show what accounts hold."""
    with _reading(database, book, account, as_json) as (connection, found):
        show(
            statements.account_balances(
                connection, found, account=account, as_of=_day(as_of, "as-of"),
                known_at=_known(connection, found, known_at),
            ), locale, as_json,
        )  # fmt: skip


def register(
    account: Account = None,
    database: Database = DATABASE,
    book: BookCode = BOOK,
    commodity: Annotated[str | None, typer.Option(help="One commodity only.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="First day.")] = None,
    until: Annotated[str | None, typer.Option("--to", "--as-of", help="Last day.")] = None,
    known_at: KnownAt = None,
    locale: Locale = "en",
    as_json: Json = False,
) -> None:
    """Show the postings of accounts in booking order."""
    with _reading(database, book, account, as_json) as (connection, found):
        show(
            statements.account_register(
                connection, found, account=account, commodity=commodity,
                since=_day(since, "from"), until=_day(until, "to"),
                known_at=_known(connection, found, known_at),
            ), locale, as_json,
        )  # fmt: skip


def trial_balance(
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    locale: Locale = "en",
    as_json: Json = False,
) -> None:
    """Add up every entity, basis and commodity: the differences are zero."""
    with _reading(database, book, None, as_json) as (connection, found):
        show(
            statements.trial_balance(
                connection, found, as_of=_day(as_of, "as-of"),
                known_at=_known(connection, found, known_at),
            ), locale, as_json,
        )  # fmt: skip


def export(
    statement: Annotated[
        str,
        typer.Argument(
            help=f"{JOURNAL} (the export that verifies alone), {', '.join(statements.CATALOGUE)}."
        ),
    ],
    database: Database = DATABASE,
    book: BookCode = BOOK,
    form: Annotated[str | None, typer.Option("--format", help="csv json pdf xlsx; jsonl.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="First day.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Last day.")] = None,
    account: Annotated[str | None, typer.Option(help="An account and those below it.")] = None,
    locale: Locale = "zh-CN",
    out: Annotated[str, typer.Option("-o", "--out", help="A file, or - for here.")] = "-",
    force: Annotated[bool, typer.Option(help="Write over a file that exists.")] = False,
    as_json: Json = False,
) -> None:
    """Write a statement as a file, wholly or not at all."""
    wanted = form or (Path(out).suffix.lstrip(".") if Path(out).suffix else None)
    with _reading(database, book, account, as_json) as (connection, found):
        if statement == JOURNAL:
            _refuse(wanted not in {None, "jsonl"}, "format", f"{JOURNAL} is written as jsonl")
            with _file(out, force) as sink:
                for line in lines_of_export(connection, found):
                    sink.write((canonical_json(line) + "\n").encode())
            return
        chosen = wanted or "csv"
        _refuse(statement not in statements.CATALOGUE, "statement", f"{statement!r} is none")
        _refuse(chosen not in FORMATS, "format", f"{chosen!r} is none of {', '.join(FORMATS)}")
        made = _selected(connection, found, statement, account, since, until)
        with _file(out, force) as sink:
            FORMATS[chosen](made, sink, locale)


def _selected(
    connection: Connection,
    book: Book,
    name: str,
    account: str | None,
    since: str | None,
    until: str | None,
) -> Statement:
    first, last = _day(since, "from"), _day(until, "to")
    if name == "register":
        return statements.account_register(
            connection, book, account=account, since=first, until=last
        )
    _refuse(first is not None, "from", f"{name} is of a day: use --to")
    narrowed = {} if name == "trial-balance" else {"account": account}
    _refuse(name == "trial-balance" and account is not None, "account", "it is of the whole book")
    return statements.CATALOGUE[name](connection, book, as_of=last, **narrowed)


@contextmanager
def _reading(
    database: str, code: str, account: str | None, as_json: bool
) -> Iterator[tuple[Connection, Book]]:
    with refusals(as_json), open_store(database) as store:
        book = named_book(store, code)
        acting(store, book, auth.READ, {account.partition(":")[0]} if account else ())
        with store.reading() as connection:
            yield connection, book


@contextmanager
def _file(out: str, force: bool) -> Iterator[BinaryIO]:
    """Open a file that appears when it is complete."""
    if out == "-":
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    path = Path(out)
    _refuse(path.exists() and not force, "out", f"{out} exists (--force writes over it)")
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        try:
            yield cast(BinaryIO, part)
        except BaseException:
            Path(part.name).unlink()
            raise
    Path(part.name).chmod(0o644)
    Path(part.name).replace(path)


def show(statement: Statement, locale: str, as_json: bool) -> None:
    """Print a statement as a table, or as JSON by the keys of its columns."""
    if as_json:
        keys = [column.key for column in statement.columns]
        rows = [dict(zip(keys, map(plain, row), strict=True)) for row in statement.rows]
        print_json({"title": statement.title.in_(locale), "rows": rows})
    else:
        text.show(text.console(), statement, locale, frozenset())


def _day(given: str | None, at: str) -> dt.date | None:
    return None if given is None else date_of(given, at)


def _known(connection: Connection, book: Book, given: str | None) -> int | None:
    if given is None or given.isdecimal():
        return None if given is None else int(given)
    try:
        moment = dt.datetime.fromisoformat(given)
    except ValueError as error:
        raise Malformed("known-at", f"{given!r} is neither a record nor a time") from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return known_seq(connection, book, int(aware.timestamp() * 1_000_000))


def _refuse(wrong: bool, at: str, problem: str) -> None:
    if wrong:
        raise Malformed(at, problem)
