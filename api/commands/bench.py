"""`gep bench`: figures measured beside their reference, in one run."""

import importlib
from typing import Annotated

import typer
from rich.console import Console

from api.commands.speech import Json, print_json, refusals
from ledger.core.refusals import Malformed

BENCHMARKS = ("ledger", "gep", "market")


def bench(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(BENCHMARKS)}.")] = "ledger",
    quick: Annotated[bool, typer.Option("--quick", help="A smoke run, one short round.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Measure this row only; repeatable. A name that is none lists them."),
    ] = None,
    long: Annotated[
        bool, typer.Option("--long", help="Fill a book with twenty million transactions too.")
    ] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Say where the time of a transaction goes too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure, and print each figure with the ratio to its reference."""
    console = Console(stderr=True, emoji=False)
    with refusals(as_json):
        if name not in BENCHMARKS:
            raise Malformed("name", f"{name!r} is none of {', '.join(BENCHMARKS)}")
        measured = importlib.import_module(f"benchmarks.{name}")
        with console.status("starting") as status:
            found = measured.run(
                quick=quick, only=tuple(only or ()), long=long, profiled=profile,
                tell=status.update if console.is_terminal else console.print,
            )  # fmt: skip
    if as_json:
        print_json(found)
    else:
        importlib.import_module("benchmarks.table").show(found)
