"""`gep case submit, review, approve, return, publish, revise, editions`: accounts made public."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Connection

from accounting import archive, dossier
from accounting.edition import Dossier, Edition, Who, named
from accounting.edition_refusals import UnknownEdition
from api import auth, cases, editions, session
from api.commands.acting import Actor, named_book, whoever
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
from api.editions import Taken
from api.render.text import console as terminal
from api.render.text import show
from ledger.core.book import Book
from ledger.proof.export import instant
from ledger.statements.statement import Statement
from ledger.store import Store, open_store

Reason = Annotated[str, typer.Option(help="Why; it is kept in the log for good.")]
Name = Annotated[str, typer.Argument(metavar="EDITION", help="The name of the edition.")]
After = Annotated[int | None, typer.Option(help="The last step you saw; refused if others came.")]
Folder = Annotated[Path, typer.Argument(metavar="DOSSIER", help="The folder of a dossier.")]
NAMES = ("name_zh", "name_en")


def submit(
    folder: Folder,
    name: Annotated[str, typer.Option("--edition", help="Its name; or that of one returned.")],
    reason: Reason,
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """Submit a dossier, verified first, as a new edition or as one returned to draft."""
    with refusals(as_json), open_store(database) as store:
        found, actor = _compiling(store, book, name)
        taken = _submitted(store, found, actor, cases.read_dossier(folder), name, reason)
        said = _said(store, found, taken.edition)
    _tell(said, as_json)


def revise(
    replaces: Annotated[str, typer.Argument(metavar="EDITION", help="The published edition.")],
    folder: Folder,
    name: Annotated[str, typer.Option("--edition", help="The name of the revision.")],
    reason: Reason,
    database: Database = DATABASE,
    book: BookCode = BOOK,
    locale: Locale = "en",
    as_json: Json = False,
) -> None:
    """Submit a dossier as the revision of a published edition, and print what it changes.

    Line by line: data, method, parameter or boundary. Publishing it supersedes the old edition.
    """
    with refusals(as_json), open_store(database) as store:
        found, actor = _compiling(store, book, name)
        with store.reading() as connection:
            old = editions.find(connection, found, replaces)
            before = editions.files(connection, found, old.digest)
        files, made = cases.read_dossier(folder)
        difference = cases.difference(before, files)
        taken = _submitted(store, found, actor, (files, made), name, reason, replaces=replaces)
        said = _said(store, found, taken.edition)
    if as_json:
        print_json(said | dossier.as_json(difference))
        return
    _tell(said, as_json=False)
    _show(difference, locale)


def review(
    name: Name, reason: Reason, after: After = None,
    database: Database = DATABASE, book: BookCode = BOOK, as_json: Json = False,
) -> None:  # fmt: skip
    """Review a submitted edition: a second person, who did not compile it."""
    _step(database, book, name, "review", reason, after, as_json=as_json)


def approve(
    name: Name, reason: Reason, after: After = None,
    database: Database = DATABASE, book: BookCode = BOOK, as_json: Json = False,
) -> None:  # fmt: skip
    """Approve a reviewed edition: a third person, who may then publish it."""
    _step(database, book, name, "approve", reason, after, as_json=as_json)


def publish(
    name: Name,
    reason: Reason,
    override: Annotated[
        str | None, typer.Option(help="Why to publish under a pack that is not the standard.")
    ] = None,
    after: After = None,
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """Publish an approved edition; of a revision, supersede what it replaces."""
    _step(database, book, name, "publish", reason, after, override, as_json=as_json)


def send_back(
    name: Name, reason: Reason, after: After = None,
    database: Database = DATABASE, book: BookCode = BOOK, as_json: Json = False,
) -> None:  # fmt: skip
    """Return an edition to draft, with the reason; its compiler may withdraw it so too."""
    _step(database, book, name, "return", reason, after, as_json=as_json)


def list_editions(
    name: Annotated[str | None, typer.Argument(metavar="[EDITION]", help="Only this one.")] = None,
    out: Annotated[Path | None, typer.Option(help="A new folder for its dossier.")] = None,
    database: Database = DATABASE,
    book: BookCode = BOOK,
    as_json: Json = False,
) -> None:
    """List the editions of a book; of one, every step, and its dossier where a folder is named."""
    with refusals(as_json), open_store(database) as store:
        found = named_book(store, book)
        whoever(store, found).require(auth.GEP)
        with store.reading() as connection:
            if name is None:
                every = editions.listed(connection, found)
            else:
                every = [editions.find(connection, found, name)]
            names = session.names(connection)
            said = [_written(each, names) for each in every]
            if out is not None:
                _write_dossier(connection, found, every, out)
    if as_json:
        print_json({"editions": said})
    elif name is None:
        _list(said)
    else:
        _tell(said[0], as_json=False)


def _compiling(store: Store, book: str, name: str) -> tuple[Book, Actor]:
    named(name)
    found = named_book(store, book)
    actor = whoever(store, found)
    actor.require(auth.COMPILE)
    return found, actor


def _who(actor: Actor) -> Who:
    return editions.who(actor.book, actor.id, actor.principal)


def _submitted(
    store: Store,
    book: Book,
    actor: Actor,
    read: tuple[dict[str, bytes], Dossier],
    name: str,
    reason: str,
    replaces: str | None = None,
) -> Taken:
    files, made = read
    cases.keep_dossier(store, book, actor.id, files, made)
    by = _who(actor)
    if replaces is not None or not _is_known(store, book, name):
        editions.draft(store, book, by, name, made.digest, reason, replaces=replaces)
    return editions.step(store, book, by, name, "submit", reason, dossier=made.digest)


def _is_known(store: Store, book: Book, name: str) -> bool:
    with store.reading() as connection:
        try:
            editions.find(connection, book, name)
        except UnknownEdition:
            return False
    return True


def _step(
    database: str,
    book: str,
    name: str,
    action: str,
    reason: str,
    after: int | None,
    override: str | None = None,
    *,
    as_json: bool,
) -> None:
    with refusals(as_json), open_store(database) as store:
        found = named_book(store, book)
        by = _who(whoever(store, found))
        taken = editions.step(
            store, found, by, name, action, reason, override=override, after=after
        )
        said = _said(store, found, taken.edition)
    _tell(said, as_json)


def _write_dossier(connection: Connection, book: Book, every: list[Edition], out: Path) -> None:
    """Write the dossier of the one edition that was named into a new or empty folder."""
    if len(every) != 1:
        raise UnknownEdition("name one whose dossier is to be written")
    if out.exists() and any(out.iterdir()):
        raise dossier.FolderInUse(out.name, tuple(sorted(each.name for each in out.iterdir())))
    archive.write(editions.files(connection, book, every[0].digest), out)


def _said(store: Store, book: Book, found: Edition) -> dict[str, Any]:
    with store.reading() as connection:
        return _written(found, session.names(connection))


def _written(found: Edition, names: Any) -> dict[str, Any]:
    return {
        "id": found.id, "state": found.state, "digest": found.digest, "about": dict(found.about),
        "replaces": found.replaces,
        "steps": [
            {
                "step": each.number, "action": each.action, "state": each.state,
                "role": each.role, "name": names.get(each.person), "reason": each.reason,
                "override": each.override, "by": each.by, "digest": each.digest, "seq": each.seq,
                "at": None if each.booked_at_us is None else instant(each.booked_at_us),
            }
            for each in found.steps
        ],
    }  # fmt: skip


def _tell(said: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(said)
        return
    console = terminal()
    of = said["about"]
    console.print(escape(f"{said['id']}: {said['state']}  {of['title']}"), highlight=False)
    console.print(escape(f"pack {of['pack']}, dossier {said['digest']}"), highlight=False)
    if said["replaces"]:
        console.print(escape(f"replaces {said['replaces']}"), highlight=False)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for heading in ("step", "state", "role", "who", "when", "record", "reason"):
        table.add_column(heading, overflow="fold")
    for each in said["steps"]:
        why = each["reason"] + (f" (override: {each['override']})" if each["override"] else "")
        cells = (each["step"], each["state"], each["role"], each["name"], each["at"][:19],
                 each["seq"], why)  # fmt: skip
        table.add_row(*(escape(str(cell)) for cell in cells))
    console.print(table)


def _list(said: list[dict[str, Any]]) -> None:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for heading in ("edition", "state", "case", "year", "pack", "dossier", "replaces"):
        table.add_column(heading, overflow="fold")
    for each in said:
        of = each["about"]
        cells = (each["id"], each["state"], of["case"], of["year"], of["pack"],
                 each["digest"][:16], each["replaces"] or "")  # fmt: skip
        table.add_row(*(escape(str(cell)) for cell in cells))
    terminal().print(table)


def _show(statements: dict[str, Statement], locale: str) -> None:
    other = NAMES[1] if locale.startswith("zh") else NAMES[0]
    for each in statements.values():
        show(terminal(), each, locale, frozenset({other}))
