"""`gep digest`: what is kept elsewhere, named in a book's log by its SHA-256."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from api import auth
from api.commands.acting import acting, named_book
from api.commands.speech import BOOK, DATABASE, BookCode, Database, Json, print_json, refusals
from ledger import foreign_digests
from ledger.core.citing import read_cite
from ledger.core.refusals import Malformed
from ledger.store import open_store

app = typer.Typer(no_args_is_help=True, help="Digests of what is kept elsewhere.")


@app.command("add")
def add(
    what: Annotated[str, typer.Argument(help="What it is: gep-account, book-record, …")],
    reference: Annotated[str, typer.Argument(help="Where it is found.")],
    sha256: Annotated[str | None, typer.Argument(help="Its SHA-256 in hexadecimal.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Or the thing itself.")] = None,
    said: Annotated[list[str] | None, typer.Option("--metadata", help="key=value")] = None,
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """Write a digest into the log; the same again changes nothing, another one is refused."""
    with refusals(as_json), open_store(database) as store:
        metadata = dict(_pair(each) for each in said or ())
        sent = {"what": what, "reference": reference, "digest": _digest(sha256, file)}
        item = read_cite(sent | ({"metadata": metadata} if metadata else {}))
        actor = acting(store, named_book(store, book), auth.POST)
        outcome = foreign_digests.write(store, book, item, actor=actor)
    if as_json:
        print_json({"status": outcome.status, "seq": outcome.seq, "digest": item.digest.hex()})
    else:
        typer.echo(f"{outcome.status} {item.digest.hex()} as record {outcome.seq}")


@app.command("list")
def list_digests(
    what: Annotated[str | None, typer.Option(help="Only of these.")] = None,
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """List the digests in a book's log, in booking order."""
    with refusals(as_json), open_store(database) as store:
        found = named_book(store, book)
        acting(store, found, auth.READ)
        with store.reading() as connection:
            rows = list(foreign_digests.read(connection, found, what=what))
    if as_json:
        print_json([each._asdict() | {"digest": each.digest.hex()} for each in rows])
        return
    for each in rows:
        typer.echo(f"{each.seq:>8}  {each.what}  {each.reference}  {each.digest.hex()}")


def _digest(sha256: str | None, file: Path | None) -> str:
    if (sha256 is None) == (file is None):
        raise Malformed("digest", "is given as SHA-256 or by --file, one of them")
    if file is None:
        return sha256 or ""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _pair(said: str) -> tuple[str, str]:
    key, found, value = said.partition("=")
    if not found:
        raise Malformed("metadata", f"{said!r} is not key=value")
    return key, value
