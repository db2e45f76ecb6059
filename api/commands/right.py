"""`gep right`: the registry's desk. Rules, holders, events from a file, and what became of them."""

import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from sqlalchemy import Connection

from api import auth, sheets
from api.commands.acting import Actor, acting, named_book, whoever
from api.commands.reads import show
from api.commands.speech import (
    BAD_INPUT,
    BOOK,
    DATABASE,
    FOUND,
    BookCode,
    Database,
    Json,
    Locale,
    finding_of,
    print_json,
    refusals,
    tell_refusal,
)
from ledger import statements
from ledger.core.errors import DomainError, Finding, InputRefused
from ledger.core.fields import date_of
from ledger.core.refusals import Malformed
from ledger.core.state import HELD, REFUSED
from ledger.rights import desk, instrument
from ledger.rights.catalogue import CATALOGUE
from ledger.rights.event import read
from ledger.rights.loading import blocks_of
from ledger.rights.registry import Registry
from ledger.rights.serials import joined
from ledger.statements.statement import Column, Label, Row, Statement
from ledger.store import Store, open_store

app = typer.Typer(no_args_is_help=True, help="The registry of rights.")
OnDay = Annotated[str | None, typer.Option("--on", "--as-of", help="Of this day, YYYY-MM-DD.")]
OfRegistry = Annotated[str | None, typer.Option("--registry", help="One registry only.")]
RULES = ("name", "value", "unit", "since", "until", "document", "clause", "tag")
TEMPLATE = """\
id,event,on,registry,right,amount,holder,to,pool,year,reference,reason
0193e6c0-0000-7000-8000-000000000001,cap,2024-10-15,CRC,CEA.2023,1000,,,,,,
0193e6c0-0000-7000-8000-000000000002,issue,2024-10-15,CRC,CEA.2023,900,,,,,,
0193e6c0-0000-7000-8000-000000000003,allocate,2024-10-15,CRC,CEA.2023,500,1001,,Total,,,
0193e6c0-0000-7000-8000-000000000004,verify,2024-11-01,CRC,CEA.2023,300,1001,,,2023,report 7,
0193e6c0-0000-7000-8000-000000000005,surrender,2024-12-01,CRC,CEA.2023,300,1001,,,2023,,
"""


@app.command("rules")
def rules(
    id: Annotated[str | None, typer.Argument(help="One instrument: cea, water, …")] = None,
    on: OnDay = None,
    locale: Locale = "en",
    as_json: Json = False,
) -> None:
    """Show the rules of rights, all of them or those of a day, with their sources."""
    with refusals(as_json):
        day = date_of(on, "on") if on else None
        chosen = [instrument.find(id)] if id else list(instrument.catalogue().values())
        rows = [
            (each.id, *(getattr(rule, name) for name in RULES))
            for each in chosen
            for rule in each.rules
            if day is None or rule.holds(day)
        ]
        columns = tuple(Column(name, Label(name, name)) for name in ("instrument", *RULES))
        show(Statement(Label("规则", "Rules"), columns, rows), locale, as_json)


@app.command("events")
def events(as_json: Json = False) -> None:
    """Show every registry event: its number in the design, what it needs, what it may say."""
    listed = [
        {"event": name, "number": verb.number, "needs": verb.needs, "may": verb.may}
        for name, verb in CATALOGUE.items()
    ]
    if as_json:
        print_json(listed)
    for name, verb in () if as_json else CATALOGUE.items():
        may = f" [{' '.join(verb.may)}]" if verb.may else ""
        typer.echo(f"{name:<15}{verb.number:<8}{' '.join(verb.needs)}{may}".rstrip())


@app.command("open")
def open_holder(
    holder: Annotated[str, typer.Argument(help="The holder's number in the registry.")],
    registry: Annotated[str, typer.Option(help="The registry's code.")],
    party: Annotated[str, typer.Option(help="The organisation's code.")],
    name: Annotated[str, typer.Option(help="The organisation's name.")],
    database: Database = DATABASE, book: BookCode = BOOK, as_json: Json = False,
) -> None:  # fmt: skip
    """Open the account of a holder; the same again changes nothing."""
    with refusals(as_json), open_store(database) as store:
        actor = acting(store, named_book(store, book), auth.KEEP_REGISTRY, {registry})
        outcome = desk.open_holder(
            store, book, Registry(registry), holder, party, name, actor=actor
        )
    said = {"holder": holder, "registry": registry, "status": outcome.status}
    if as_json:
        print_json(said)
    else:
        typer.echo(f"{holder} of {registry}: {outcome.status}")


@app.command("post")
def post(
    file: Annotated[str, typer.Argument(help=".jsonl or .csv, or - for JSON lines here.")] = "-",
    template: Annotated[bool, typer.Option(help="Print an example as CSV and stop.")] = False,
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """Enter registry events, each alone; a refusal names its row and code, and exit is 2."""
    if template:
        typer.echo(TEMPLATE, nl=False)
        return
    counts: Counter[str] = Counter()
    findings: list[Finding] = []
    results: list[dict[str, Any]] = []
    with refusals(as_json), open_store(database) as store:
        actor = whoever(store, named_book(store, book))
        for row, said in _told(file):
            try:
                outcome = _entered(store, actor, said)
            except DomainError as refusal:
                counts[REFUSED] += 1
                findings.append(finding_of(refusal, file, row))
                continue
            counts[outcome["status"]] += 1
            results.append({"row": row, **outcome})
    if as_json:
        print_json(
            {"counts": counts, "results": results, "findings": [_plain(f) for f in findings]}
        )
    else:
        tell_refusal(findings, as_json=False)
        typer.echo(", ".join(f"{count} {status}" for status, count in counts.items()) or "nothing")
        if counts[HELD]:
            typer.echo("What is held waits for a second person: gep approve ID")
    if findings:
        raise typer.Exit(BAD_INPUT)


@app.command("list")
def list_holdings(
    registry: OfRegistry = None, on: OnDay = None, database: Database = DATABASE,
    book: BookCode = BOOK, locale: Locale = "en", as_json: Json = False,
) -> None:  # fmt: skip
    """List who holds which right, in which state."""
    _stated("holdings", registry, on, database, book, locale, as_json)


@app.command("show")
def show_right(
    right: Annotated[str, typer.Argument(help="Its code: CEA.2023, WR.YC.2025, …")],
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """Show where the serial blocks of a right stand, and the issue that each comes from."""
    with refusals(as_json), open_store(database) as store:
        found = named_book(store, book)
        acting(store, found, auth.READ)
        commodity = instrument.right(right).commodity
        with store.reading() as connection:
            blocks = blocks_of(connection, found, commodity)
    if as_json:
        print_json({"right": right, "unit": commodity.unit, "scale": commodity.scale, "blocks": [
            {"account": account, "first": each.first, "last": each.last, "issue": str(each.issue)}
            for account, held in sorted(blocks.items()) for each in held
        ]})  # fmt: skip
        return
    for account, held in sorted(blocks.items()):
        numbers = ", ".join(f"{first}-{last}" for first, last in joined(held))
        typer.echo(f"{account}  {numbers}")


@app.command("waterfall")
def waterfall(
    registry: OfRegistry = None, on: OnDay = None, database: Database = DATABASE,
    book: BookCode = BOOK, locale: Locale = "en", as_json: Json = False,
) -> None:  # fmt: skip
    """Show of each right what was issued and where it stands; exit 1 if that does not add up."""
    rows = _stated("waterfall", registry, on, database, book, locale, as_json)
    if any(row[-1] for row in rows):
        raise typer.Exit(FOUND)


@app.command("compliance")
def compliance(
    registry: OfRegistry = None, on: OnDay = None, database: Database = DATABASE,
    book: BookCode = BOOK, locale: Locale = "en", as_json: Json = False,
) -> None:  # fmt: skip
    """Show how every operator stands for every year; exit 1 if one is in default."""
    rows = _stated("compliance", registry, on, database, book, locale, as_json)
    if any("default" in row for row in rows):
        raise typer.Exit(FOUND)


def _stated(
    name: str, registry: str | None, on: str | None, database: str, book: str, locale: str,
    as_json: bool,
) -> list[Row]:  # fmt: skip
    with refusals(as_json), open_store(database) as store:
        found = named_book(store, book)
        acting(store, found, auth.READ, {registry} if registry else ())
        day: dt.date | None = date_of(on, "on") if on else None
        with store.reading() as connection:
            made = _made(connection, found, name, registry, day)
            rows = list(made.rows)
            shown = Statement(made.title, made.columns, rows)
            show(shown if as_json else _without_empty_columns(shown, rows), locale, as_json)
    return rows


def _without_empty_columns(made: Statement, rows: list[Row]) -> Statement:
    """Leave out, for a narrow screen, the sums that are zero in every row, but the last."""
    last = len(made.columns) - 1
    kept = [
        at for at in range(len(made.columns))
        if at == last or any(not isinstance(row[at], Decimal) or row[at] for row in rows)
    ]  # fmt: skip
    narrowed = [tuple(row[at] for at in kept) for row in rows]
    return Statement(made.title, tuple(made.columns[at] for at in kept), narrowed)


def _made(
    connection: Connection, book: Any, name: str, registry: str | None, day: dt.date | None
) -> Statement:
    return statements.CATALOGUE[name](connection, book, account=registry, as_of=day)


def _entered(store: Store, actor: Actor, said: Mapping[str, Any] | DomainError) -> dict[str, Any]:
    if isinstance(said, DomainError):
        raise said
    event = read(said)
    actor.require(auth.KEEP_REGISTRY, event.entities)
    code = actor.book.code
    actor.require(auth.KEEP_REGISTRY, desk.entities_of(store, code, event))
    outcome = desk.post(store, code, event, actor=actor.id)
    return {"id": str(event.id), "status": outcome.status, "seq": outcome.seq}


def _told(file: str) -> Iterator[tuple[int, Mapping[str, Any] | DomainError]]:
    """Yield the events of a file by row; a line that cannot be read is refused by itself."""
    suffix = ".jsonl" if file == "-" else Path(file).suffix
    if suffix not in {".jsonl", ".csv"}:
        unknown = Finding("post.unknown-format", f"No such format: {suffix!r}", file)
        raise InputRefused((unknown,))
    with sys.stdin.buffer if file == "-" else Path(file).open("rb") as lines:
        yield from sheets.read_table(lines) if suffix == ".csv" else _lines(lines)


def _lines(file: BinaryIO) -> Iterator[tuple[int, Mapping[str, Any] | DomainError]]:
    for sent in sheets.read_jsonl(file):
        try:
            yield sent.row, sent.body()
        except Malformed as refusal:
            yield sent.row, refusal


def _plain(finding: Finding) -> dict[str, Any]:
    return {"code": finding.code, "title": finding.title, "row": finding.row,
            "field": finding.field, "facts": dict(finding.facts)}  # fmt: skip
