"""`gep person`: what is personal, kept beside the log, shown masked, checked and erased."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from api import auth, session
from api.commands.acting import acting, named_book
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
from ledger import persons
from ledger.core.book import Book
from ledger.core.errors import Finding, InputRefused
from ledger.core.fields import uuid_of
from ledger.proof.person import check_person
from ledger.store import Store, open_store

person_app = typer.Typer(no_args_is_help=True, help="Natural persons, kept beside the log.")
PersonId = Annotated[str, typer.Argument(metavar="ID", help="The person's random id.")]
Unknown = "(empty if unknown)"


@person_app.command("add")
def add_person(
    entity: Annotated[str, typer.Option(help="The entity whose books know the person.")],
    name: Annotated[str, typer.Option(prompt=True, help="Asked for where it is not given.")],
    identity_number: Annotated[str, typer.Option(prompt=f"Identity number {Unknown}")] = "",
    bank_account: Annotated[str, typer.Option(prompt=f"Bank account {Unknown}")] = "",
    id: Annotated[str | None, typer.Option(help="A random id; a new one unless said.")] = None,
    restated: Annotated[bool, typer.Option(help="The data of this id have changed.")] = False,
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """Keep what is personal beside the log; the log gets a random id and a salted commitment."""
    with refusals(as_json):
        person = persons.read(name, identity_number, bank_account)
        party = uuid_of(id, "id") if id else uuid4()
        with open_store(database) as store:
            found = named_book(store, book)
            with store.reading() as connection:
                before = persons.entities(connection, found, party)
            actor = acting(store, found, auth.OPEN, {entity, *before})
            outcome = persons.entrust(
                store, book, party, entity, person, actor=actor, restated=restated
            )
    _say({"id": str(party), "status": outcome.status, "seq": outcome.seq}, as_json)


@person_app.command("show")
def show_person(
    id: PersonId,
    unmasked: Annotated[bool, typer.Option(help="All of it, with the salt.")] = False,
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """Show a person, masked; with --unmasked whole, to auditors and finance."""
    with refusals(as_json), open_store(database) as store:
        found = named_book(store, book)
        known = _known(store, found, uuid_of(id, "id"))
        acting(store, found, auth.UNMASK if unmasked else auth.READ, known.entities)
    _say(persons.shown(known, unmasked=unmasked), as_json)


@person_app.command("list")
def list_persons(
    database: Database = DATABASE, book: BookCode = BOOK, as_json: Json = False
) -> None:
    """List the persons of a book, masked."""
    with refusals(as_json), open_store(database) as store:
        found = named_book(store, book)
        acting(store, found, auth.READ)
        with store.reading() as connection:
            shown = [persons.shown(each) for each in persons.listed(connection, found)]
    if as_json:
        print_json({"persons": shown})
    for each in () if as_json else shown:
        typer.echo(f"{each['id']}  {each['name']}  {each['identity_number']}")


@person_app.command("erase")
def erase_person(
    id: PersonId, database: Database = DATABASE, book: BookCode = BOOK, as_json: Json = False
) -> None:
    """Erase what is personal, with the salts; the log keeps the commitments, and verifies."""
    with refusals(as_json), open_store(database) as store:
        found, party = named_book(store, book), uuid_of(id, "id")
        known = _known(store, found, party)
        acting(store, found, auth.ERASE, known.entities)
        erased = session.erase_person(store, found, party)
    _say({"id": id, "erased": erased}, as_json)


@person_app.command("check")
def check(
    shown: Annotated[Path, typer.Argument(help="What show --unmasked --json printed.")],
    export: Annotated[Path, typer.Argument(help="An export (gep export journal).")],
    as_json: Json = False,
) -> None:
    """Check data and salt that are shown against an export, without a database; exit 1: differs."""
    with refusals(as_json), export.open("rb") as lines:
        stated = _read(shown.read_bytes(), shown)
        findings = check_person(stated, (_read(line, export) for line in lines))
    if as_json:
        print_json({"bound": not findings, "findings": [asdict(each) for each in findings]})
    elif not findings:
        typer.echo(f"bound: {stated['id']}")
    for finding in () if as_json else findings:
        typer.echo(str(finding), err=True)
    if findings:
        raise typer.Exit(FOUND)


def _read(text: bytes, file: Path) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except ValueError as error:
        raise InputRefused((Finding("verify.not-json", str(error), file.name),)) from error
    return read if isinstance(read, dict) else {}


def _known(store: Store, book: Book, id: UUID) -> persons.Known:
    with store.reading() as connection:
        return persons.find(connection, book, id)


def _say(said: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(said)
    else:
        stated = {name: value for name, value in said.items() if value not in (None, "")}
        for name, value in stated.items():
            each = value if isinstance(value, list) else [value]
            typer.echo(f"{name}: {', '.join(map(_word, each))}")


def _word(value: object) -> str:
    return f"record {value['seq']}" if isinstance(value, dict) else str(value)
