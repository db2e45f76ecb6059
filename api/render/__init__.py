"""One format a file: each writes any Statement."""

from collections.abc import Callable, Mapping
from typing import BinaryIO

from api.render import csv, json, xlsx
from ledger.statements.statement import Statement

FORMATS: Mapping[str, Callable[[Statement, BinaryIO, str], None]] = {
    "csv": csv.write,
    "json": json.write,
    "xlsx": xlsx.write,
}
