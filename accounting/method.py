"""What a valuation method is: a pure formula whose signature declares the unit of each input.

Formulas take keyword-only float64 arrays in the units of their annotations and return one. An
annotation may hold the unit variable `[U]`: a quantity in [U] times a price in CNY/[U].
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, get_type_hints

import numpy as np
import numpy.typing as npt

from accounting import units
from ledger.core.errors import RuleBroken

Array = npt.NDArray[np.float64]
Scope = Literal["cell", "object", "region"]
Tag = Literal["R", "R*", "K", "C"]
Law = tuple[Literal["linear", "inverse"], str]

VARIABLE = "[U]"
SCOPES: tuple[Scope, ...] = ("cell", "object", "region")
TAGS: Mapping[str, str] = {
    "R": "read in the source",
    "R*": "read second-hand",
    "K": "recalled: to be confirmed",
    "C": "computed from numbers read",
}


@dataclass(eq=False)
class UndeclaredUnit(RuleBroken):
    """A formula has an argument that is not keyword-only or carries no unit."""

    code = "method.undeclared-unit"
    title = "Every argument of a formula is keyword-only and declares its unit"
    method: str
    argument: str


@dataclass(eq=False)
class WrongInputs(RuleBroken):
    """A method was given other inputs than its formula takes."""

    code = "method.wrong-inputs"
    title = "The method takes other inputs"
    method: str
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a formula, a coefficient or a price was read, and how sure that reading is."""

    document: str
    clause: str = ""
    title: str = ""
    tag: Tag = "K"
    seen_at: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A coefficient or price: its typed digits, unit, place, price year and birthplace."""

    name: str
    value: str
    unit: str
    source: Source
    price_year: int | None = None
    region: str = ""

    @property
    def decimal(self) -> Decimal:
        """The value with every typed digit."""
        return Decimal(self.value)


@dataclass(frozen=True, slots=True)
class Measured:
    """Estimates with their unit, and what was taken for granted on the way."""

    values: Array
    unit: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Method:
    """One formula with its scope, the laws it obeys and its source; refuses an unknown unit.

    A method that ``gives`` a quantity is a model: its result can be bound as another's input.
    """

    code: str
    scope: Scope
    formula: Callable[..., Array]
    laws: tuple[Law, ...]
    source: Source
    gives: str | None = None
    inputs: Mapping[str, str] = field(init=False)
    unit: str = field(init=False)

    def __post_init__(self) -> None:
        declared = get_type_hints(self.formula, include_extras=True)
        parameters = inspect.signature(self.formula).parameters.values()
        inputs = {each.name: self._declared(declared, each) for each in parameters}
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "unit", self._unit("return", declared.get("return")))

    def _declared(self, declared: Mapping[str, Any], argument: inspect.Parameter) -> str:
        if argument.kind is not inspect.Parameter.KEYWORD_ONLY:
            raise UndeclaredUnit(self.code, argument.name)
        return self._unit(argument.name, declared.get(argument.name))

    def _unit(self, argument: str, annotation: Any) -> str:
        texts = [each for each in getattr(annotation, "__metadata__", ()) if isinstance(each, str)]
        if len(texts) != 1:
            raise UndeclaredUnit(self.code, argument)
        units.parse(texts[0].replace(VARIABLE, "1"))
        return texts[0]

    def wanted(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the unit each input is converted to, once the unit variable is known."""
        variable = next((given[n] for n, u in self.inputs.items() if u == VARIABLE), "1")
        return {n: u.replace(VARIABLE, f"({variable})") for n, u in self.inputs.items()}

    def compute(self, **inputs: Measured) -> Measured:
        """Convert each input once, on the way in, and apply the formula.

        Refuses an input whose unit measures something else, with the two units named.
        """
        if inputs.keys() != self.inputs.keys():
            missing = tuple(sorted(self.inputs.keys() - inputs.keys()))
            unknown = tuple(sorted(inputs.keys() - self.inputs.keys()))
            raise WrongInputs(self.code, missing, unknown)
        wanted = self.wanted({name: each.unit for name, each in inputs.items()})
        arrays, notes = {}, []
        for name, each in inputs.items():
            change = units.conversion(units.parse(each.unit), units.parse(wanted[name]))
            arrays[name] = each.values * float(change.factor)
            notes += [*each.notes, *change.notes]
        return Measured(self.formula(**arrays), self.unit, tuple(dict.fromkeys(notes)))
