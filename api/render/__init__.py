"""One format a file: each writes any Statement."""

import importlib
from collections.abc import Callable, Mapping
from typing import BinaryIO

from api.render import csv, json, xlsx
from ledger.statements.statement import Statement


def _pdf(statement: Statement, out: BinaryIO, locale: str) -> None:
    """Write PDF; the typesetter is loaded when somebody wants it."""
    importlib.import_module("api.render.pdf").write(statement, out, locale)


FORMATS: Mapping[str, Callable[[Statement, BinaryIO, str], None]] = {
    "csv": csv.write,
    "json": json.write,
    "pdf": _pdf,
    "xlsx": xlsx.write,
}
