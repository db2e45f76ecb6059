"""Coefficients with a birthplace: what a method needs by type, region or class, as dated data."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from accounting.method import Parameter, Source
from ledger.core.errors import NotFound
from ledger.statements.statement import Label

GENERAL = "general"


@dataclass(eq=False)
class NoCoefficient(NotFound):
    """Nobody gave this coefficient for this type, region or class; it is not 0."""

    code = "coefficient.unknown"
    title = "There is no such coefficient: it must be given, with its source"
    quantity: str
    of: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One row: of what type, region or class it is, and the parameter."""

    of: str
    name: Label
    parameter: Parameter


@cache
def coefficients() -> Mapping[str, Mapping[str, Coefficient]]:
    """Read coefficients.toml once: by quantity, then by what they are of."""
    text = resources.files("accounting").joinpath("coefficients.toml").read_text("utf-8")
    found: dict[str, dict[str, Coefficient]] = {}
    for table in tomllib.loads(text)["table"]:
        quantity, source = table["quantity"], Source(**table["source"])
        year = table.get("price_year")
        for of, zh, value in table["rows"]:
            parameter = Parameter(quantity, value, table["unit"], source, year)
            name = Label(zh, of.replace("-", " "))
            found.setdefault(quantity, {})[of] = Coefficient(of, name, parameter)
    return found


def coefficient(quantity: str, of: str = GENERAL) -> Parameter:
    """Return a coefficient, of a type, region or class unless it is general; refuse an unknown."""
    known = coefficients().get(quantity, {})
    if of not in known:
        raise NoCoefficient(quantity, of, tuple(known))
    return known[of].parameter


def first(quantity: str, names: Iterable[str]) -> Parameter | None:
    """Return the coefficient of the first of some classes that has one; None where none has."""
    known = coefficients().get(quantity, {})
    return next((known[name].parameter for name in names if name in known), None)
