"""`gep bench`: figures measured beside their reference, in one run."""

import importlib
from typing import Annotated, Any

import typer

from api.commands.speech import Json, print_json, refusals
from ledger.core.refusals import Malformed

BENCHMARKS = ("ledger",)


def bench(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(BENCHMARKS)}.")] = "ledger",
    quick: Annotated[bool, typer.Option(help="A smoke run.")] = False,
    as_json: Json = False,
) -> None:
    """Measure, and print each figure with the ratio to its reference."""
    with refusals(as_json):
        if name not in BENCHMARKS:
            raise Malformed("name", f"{name!r} is none of {', '.join(BENCHMARKS)}")
        table = importlib.import_module(f"benchmarks.{name}").run(quick=quick)
    if as_json:
        print_json(table)
        return
    typer.echo(f"{table['machine']}, {table['server']}, {table['durable']}")
    typer.echo(f"with {table['semantics']}")
    for row in table["rows"]:
        typer.echo(_line(row))


def _line(row: dict[str, Any]) -> str:
    spread = f"{row['ratio_min']:.3f} to {row['ratio_max']:.3f}, {row['runs']} runs"
    asked = "" if row["must"] is None else f"; must {row['must']:g} ×, aim {row['aim']:g} ×"
    return (
        f"{row['name']}: {row['value']:.0f} {row['unit']} beside {row['reference_value']:.0f} "
        f"({row['reference']}): {row['ratio']:.3f} × ({spread}{asked})"
    )
