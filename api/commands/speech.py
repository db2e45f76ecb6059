"""How the commands speak: tables for people, JSON for programs, refusals without a traceback."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import DatabaseError, InterfaceError

from ledger.core.errors import DomainError, Finding, InputRefused
from ledger.store.store import DEFAULT_URL

FOUND, BAD_INPUT = 1, 2
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Locale = Annotated[str, typer.Option(help="zh-CN or en.")]
Database = Annotated[
    str, typer.Option("--database", envvar="GEP_DATABASE_URL", help="Where the books are.")
]
BookCode = Annotated[str, typer.Option("--book", help="Which book.")]
DATABASE, BOOK = DEFAULT_URL, "main"


@contextmanager
def refusals(as_json: bool) -> Iterator[None]:
    """Turn a refusal into findings on the way out, with exit 2; never a traceback.

    A reader who closes the pipe has seen enough: that is no fault.
    """
    try:
        yield
    except InputRefused as refused:
        said: Iterable[Finding] = refused.findings
    except DomainError as refusal:
        said = (finding_of(refusal),)
    except (DatabaseError, InterfaceError) as error:
        facts = {"problem": str(error.orig).strip()}
        said = (Finding("database.unusable", "The database cannot be used", facts=facts),)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except OSError as error:
        title = error.strerror or "Cannot be read or written"
        said = (Finding("file.unusable", title, str(error.filename or "")),)
    else:
        return
    tell_refusal(said, as_json)
    raise typer.Exit(BAD_INPUT)


def finding_of(refusal: DomainError, file: str | None = None, row: int | None = None) -> Finding:
    """Write a refusal as a finding at a place in a file."""
    facts = refusal.facts()
    at = facts.get("at")
    return Finding(refusal.code, refusal.title, file, row, str(at) if at else None, facts)


def tell_refusal(said: Iterable[Finding], as_json: bool) -> None:
    """Say what was refused: JSON on standard output, or lines on standard error."""
    if as_json:
        print_json({"findings": [asdict(finding) for finding in said]})
        return
    console = Console(stderr=True, soft_wrap=True, emoji=False)
    for finding in said:
        console.print(escape(str(finding)), style="red", highlight=False)


def print_json(value: Any) -> None:
    """Print JSON as the contract has it: decimals, dates and ids as strings."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
