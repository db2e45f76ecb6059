"""The dictionary of quantities: code, names, unit, extensive or intensive, possible range."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Literal

from ledger.statements.statement import Label


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that is measured; accounts hold it in ``unit``."""

    code: str
    name: Label
    unit: str
    kind: Literal["extensive", "intensive"]
    lowest: Decimal
    highest: Decimal


@cache
def quantities() -> Mapping[str, Quantity]:
    """Read quantities.toml once."""
    text = resources.files("accounting").joinpath("quantities.toml").read_text("utf-8")
    return {each["code"]: _quantity(each) for each in tomllib.loads(text)["quantity"]}


def _quantity(entry: dict[str, Any]) -> Quantity:
    lowest, highest = (Decimal(each) for each in entry["range"])
    name = Label(entry["zh"], entry["en"])
    return Quantity(entry["code"], name, entry["unit"], entry["kind"], lowest, highest)
