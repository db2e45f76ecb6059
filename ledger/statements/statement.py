"""The one shape of a statement: what is printed, exported or shown, before any format.

Cells are int, Decimal, str, date or None; never float.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from ledger.core.label import Label

__all__ = ["Cell", "Column", "Label", "Row", "Statement"]

Cell = int | Decimal | str | dt.date | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its stable key, its heading, its unit, and how many decimals its numbers show.

    ``unit`` may name another column's key (as ``@commodity``) where it varies by row;
    ``decimals`` of None keeps each number as it is.
    """

    key: str
    label: Label
    unit: str | None = None
    decimals: int | None = None
    align: Literal["left", "right"] = "left"


@dataclass(frozen=True, slots=True)
class Statement:
    """A titled table; rows may be a stream, and can then be read once.

    ``as_csv``, where the database can write the same rows itself: records of CSV, byte for byte
    as the renderer writes them.
    """

    title: Label
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    totals: tuple[Row, ...] = ()
    notes: tuple[Label, ...] = field(default=())
    as_csv: Callable[[], Iterator[bytes]] | None = None
