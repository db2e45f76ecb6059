"""`gep transit`: payments between books, sent and carried on until they are concluded."""

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from api import auth
from api.caller import BODY_MAX
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
from api.wire import read_object
from ledger import transit
from ledger.core import fields
from ledger.core.book import Book
from ledger.core.transfer import TO, WAITING, Transfer
from ledger.proof.crossing import crossed
from ledger.proof.export import instant
from ledger.proof.verify import verify
from ledger.store import Store, open_store

app = typer.Typer(no_args_is_help=True, help="Payments from one book into another.")


@app.command("send")
def send(
    amount: Annotated[str, typer.Argument(help="In units, as 109.00.")],
    commodity: Annotated[str, typer.Argument(help="CNY, CEA.2024, …")],
    to: Annotated[str, typer.Option(help="The receiving book.")],
    payer: Annotated[str, typer.Option(help="The account that pays, in this book.")],
    charged: Annotated[str, typer.Option(help="What it is charged to, in this book.")],
    payee: Annotated[str, typer.Option(help="The account that is paid, in the other book.")],
    credited: Annotated[str, typer.Option(help="What is credited with it, in the other book.")],
    id: Annotated[str | None, typer.Option(help="A UUID; the same again pays once.")] = None,
    on: Annotated[str | None, typer.Option(help="Effective on YYYY-MM-DD.")] = None,
    narrative: Annotated[str, typer.Option(help="What it is.")] = "",
    reference: Annotated[str, typer.Option(help="Of the payer's own.")] = "",
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """Pay into transit; `gep transit deliver` carries it on."""
    with refusals(as_json), open_store(database) as store:
        day: dt.date | None = fields.date_of(on, "on") if on else None
        transfer = Transfer(
            fields.uuid_of(id, "id") if id else uuid4(), to, commodity, amount, payer, charged,
            payee, credited, day, narrative, reference,
        )  # fmt: skip
        entity = payer.partition(":")[0]
        actor = acting(store, named_book(store, book), auth.POST, {entity})
        outcome = transit.send(store, book, transfer, actor=actor)
    said = {"id": str(transfer.id), "status": outcome.status, "seq": outcome.seq}
    if as_json:
        print_json(said)
    else:
        typer.echo(f"{outcome.status} {transfer.id} as record {outcome.seq}")


@app.command("deliver")
def deliver(
    database: Database = DATABASE,
    book: BookCode = BOOK,
    receiving: Annotated[
        str | None, typer.Option("--receiving-database", help="Where the other books are.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Carry all that waits as far as it goes; exit 1 if anything is still in transit."""
    with refusals(as_json), ExitStack() as opened:
        store = opened.enter_context(open_store(database))
        other = opened.enter_context(open_store(receiving)) if receiving else store
        steps = list(transit.deliver(store, book, _acting, receiving=other))
        left = len(transit.waiting(store, book))
    if as_json:
        print_json({"steps": [each._asdict() for each in steps], "waiting": left})
    else:
        for each in steps:
            at = "" if each.seq is None else f" as record {each.seq}"
            typer.echo(f"{each.id}  {each.to}  {each.state}{at}  {each.code}".rstrip())
        typer.echo(f"{left} in transit")
    if left or any(each.state == WAITING for each in steps):
        raise typer.Exit(FOUND)


@app.command("list")
def list_transits(
    database: Database = DATABASE, book: BookCode = BOOK, as_json: Json = False
) -> None:
    """List what is in transit, the oldest first, and since when."""
    with refusals(as_json), open_store(database) as store:
        acting(store, named_book(store, book), auth.READ)
        found = transit.waiting(store, book)
    rows = [
        {
            "id": str(each.id), "seq": each.seq, "to": each.metadata[TO],
            "booked_at": instant(each.booked_at_us),
            "lines": [line._asdict() for line in each.transit],
        }
        for each in found
    ]  # fmt: skip
    if as_json:
        print_json(rows)
        return
    for each in found:
        sums = ", ".join(f"{line.amount} {line.commodity}" for line in each.transit)
        since = instant(each.booked_at_us)
        typer.echo(f"{each.id}  {each.metadata[TO]}  {sums}  since {since}")


@app.command("compare")
def compare(
    files: Annotated[list[Path], typer.Argument(help="Exports of several books.")],
    as_json: Json = False,
) -> None:
    """Verify exports of several books, and hold what they say of one another; needs no database."""
    with refusals(as_json):
        opened = [partial(_lines, file) for file in files]
        found = [finding for each in opened for finding in verify(each()).findings]
        found += crossed(opened)
    if as_json:
        print_json({"agree": not found, "findings": [asdict(each) for each in found]})
    else:
        for each in found:
            typer.echo(str(each))
        typer.echo(f"{len(found)} findings in {len(files)} exports")
    if found:
        raise typer.Exit(FOUND)


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines:
        for line in lines:
            yield read_object(line, BODY_MAX)


def _acting(store: Store, book: Book) -> UUID:
    return acting(store, book, auth.POST)
