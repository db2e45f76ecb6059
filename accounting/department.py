"""Departments: who usually holds which quantity, so that each gets the sheet it can fill in."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ledger.statements.statement import Label


@dataclass(frozen=True, slots=True)
class Department:
    """A department of a county and the quantities it holds."""

    code: str
    name: Label
    quantities: frozenset[str]


@cache
def departments() -> tuple[Department, ...]:
    """Read departments.toml once; the last ones are the compilers."""
    text = resources.files("accounting").joinpath("departments.toml").read_text("utf-8")
    return tuple(
        Department(each["code"], Label(each["zh"], each["en"]), frozenset(each["quantities"]))
        for each in tomllib.loads(text)["department"]
    )


def holding(quantity: str) -> Department:
    """Return the department that holds a quantity, the compilers where none is named for it."""
    known = departments()
    return next((each for each in known if quantity in each.quantities), known[-1])
