"""What a valuation method is: a pure formula whose signature declares the unit of each input.

Formulas take keyword-only float64 arrays in the units of their annotations and return one. An
annotation may hold the unit variable `[U]`: a quantity in [U] times a price in CNY/[U]. It may
also hold a `Range`, outside which an input is refused, and `SERIES`: days, wind classes or zones
on a last axis of their own, over which the formula adds; `APART` where no other shares that axis.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from math import inf
from typing import Any, Literal, get_type_hints

import numpy as np
import numpy.typing as npt

from accounting import units
from ledger.core.errors import Finding, InputRefused, RuleBroken

Array = npt.NDArray[np.float64]
Scope = Literal["cell", "object", "region"]
Tag = Literal["R", "R*", "K", "C"]
Law = tuple[Literal["linear", "affine", "inverse", "increasing", "decreasing", "zero"], str]
Negative = Literal["none", "keep", "clip-cell", "clip-total"]

VARIABLE = "[U]"
SERIES = "series"
APART = "apart"  # a series on an axis that it shares with no other
RECALLED: Tag = "K"
NEGATIVE_KEPT, NO_ESTIMATE = "method.negative-kept", "method.no-estimate"
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


@dataclass(eq=False)
class NoSeries(RuleBroken):
    """An input that the formula adds along its last axis has no such axis beside its cells."""

    code = "method.no-series"
    title = "This input is a series: cells, then days, classes or zones on the last axis"
    method: str
    argument: str


@dataclass(frozen=True, slots=True)
class Range:
    """What an input may be, in its declared unit; ``above`` leaves the lowest out."""

    lowest: float = 0.0
    highest: float = inf
    above: bool = False
    whole: bool = False

    def outside(self, values: Array) -> Array:
        """Return the values that cannot be; what is unknown (nan) is no fault."""
        low = values <= self.lowest if self.above else values < self.lowest
        broken = values != np.floor(values) if self.whole else False
        wrong = (low | (values > self.highest) | broken) & ~np.isnan(values)
        return values[wrong]


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

    def notes_at(self, at: Sequence[int]) -> tuple[str, ...]:
        """Return what was noted of some of the values: negative, or none, only where one is."""
        if not self.notes:
            return ()
        own = self.values[list(at)] if np.ndim(self.values) else self.values
        absent = {NEGATIVE_KEPT: not np.any(own < 0), NO_ESTIMATE: not np.any(np.isnan(own))}
        return tuple(each for each in self.notes if not absent.get(each))


Given = tuple[float | tuple[float, ...], str]


@dataclass(frozen=True, slots=True)
class Example:
    """A result worked by hand: each input with its unit, what comes out, and the working."""

    given: Mapping[str, Given]
    gives: tuple[float, str]
    working: str


@dataclass(frozen=True)
class Method:
    """One formula with its scope, the laws it obeys and its source; refuses an unknown unit.

    A method that ``gives`` a quantity is a model: its result can be bound as another's input.
    ``negative`` says what becomes of a negative result: ``none`` comes of inputs that are not
    negative themselves; ``keep`` it; ``clip-cell``: 0 in each cell; ``clip-total``: 0 in the sum.
    """

    code: str
    scope: Scope
    formula: Callable[..., Array]
    laws: tuple[Law, ...]
    source: Source
    gives: str | None = None
    negative: Negative = "none"
    example: Example | None = None
    more_examples: tuple[Example, ...] = ()
    inputs: Mapping[str, str] = field(init=False)
    ranges: Mapping[str, Range] = field(init=False)
    series: frozenset[str] = field(init=False)
    apart: frozenset[str] = field(init=False)
    unit: str = field(init=False)

    def __post_init__(self) -> None:
        declared = get_type_hints(self.formula, include_extras=True)
        parameters = inspect.signature(self.formula).parameters.values()
        inputs = {each.name: self._declared(declared, each) for each in parameters}
        series = {n for n in inputs if SERIES in declared[n].__metadata__}
        divisors = {n: Range(above=True) for law, n in self.laws if law == "inverse"}
        ranges = divisors | {
            n: each for n in inputs for each in declared[n].__metadata__ if isinstance(each, Range)
        }
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "ranges", ranges)
        object.__setattr__(self, "series", frozenset(series))
        apart = {n for n in series if APART in declared[n].__metadata__}
        object.__setattr__(self, "apart", frozenset(apart))
        object.__setattr__(self, "unit", self._unit("return", declared.get("return")))

    def _declared(self, declared: Mapping[str, Any], argument: inspect.Parameter) -> str:
        if argument.kind is not inspect.Parameter.KEYWORD_ONLY:
            raise UndeclaredUnit(self.code, argument.name)
        return self._unit(argument.name, declared.get(argument.name))

    def _unit(self, argument: str, annotation: Any) -> str:
        written = getattr(annotation, "__metadata__", ())
        texts = [each for each in written if isinstance(each, str) and each not in (SERIES, APART)]
        if len(texts) != 1:
            raise UndeclaredUnit(self.code, argument)
        units.parse(texts[0].replace(VARIABLE, "1"))
        return texts[0]

    def wanted(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the unit each input is converted to, once the unit variable is known."""
        variable = self._variable(given)
        return {n: u.replace(VARIABLE, f"({variable})") for n, u in self.inputs.items()}

    def _variable(self, given: Mapping[str, str]) -> str:
        return next((given[n] for n, u in self.inputs.items() if u == VARIABLE), "1")

    @property
    def examples(self) -> tuple[Example, ...]:
        """Every result worked by hand: the first, and one more for each branch it leaves out."""
        return (*((self.example,) if self.example else ()), *self.more_examples)

    def compute(self, **inputs: Measured) -> Measured:
        """Convert each input once, on the way in, and apply the formula.

        Refuses an input whose unit measures something else, with the two units named, and, all
        at once, what lies outside the range an input may have.
        """
        if inputs.keys() != self.inputs.keys():
            missing = tuple(sorted(self.inputs.keys() - inputs.keys()))
            unknown = tuple(sorted(inputs.keys() - self.inputs.keys()))
            raise WrongInputs(self.code, missing, unknown)
        given = {name: each.unit for name, each in inputs.items()}
        wanted = self.wanted(given)
        arrays, notes = {}, []
        for name, each in inputs.items():
            change = units.conversion(units.parse(each.unit), units.parse(wanted[name]))
            arrays[name] = each.values * float(change.factor)
            notes += [*each.notes, *change.notes]
        findings = tuple(self._findings(arrays, wanted))
        if findings:
            raise InputRefused(findings)
        values, said = self._settled(self.formula(**arrays), arrays)
        unit = self.unit.replace(VARIABLE, self._variable(given))
        return Measured(values, unit, tuple(dict.fromkeys([*notes, *said])))

    def exact_on_means(self, varying: AbstractSet[str]) -> bool:
        """Tell whether means of these inputs over a zone give the mean of what its parts give.

        So it is where one input varies and the formula is linear in it, or several in which it is
        affine together: a sum of depths, but no product of slope and cover.
        """
        affine = {name for law, name in self.laws if law == "affine"}
        linear = affine | {name for law, name in self.laws if law == "linear"}
        return varying <= affine or (len(varying) == 1 and varying <= linear)

    def added(self, values: Array) -> float:
        """Add over cells or objects; a negative sum is 0 where the method says `clip-total`."""
        total = float(np.sum(values))
        return 0.0 if self.negative == "clip-total" and total < 0 else total

    def _findings(
        self, arrays: Mapping[str, Array], wanted: Mapping[str, str]
    ) -> Iterator[Finding]:
        for name in self.series:
            if np.ndim(arrays[name]) < 2:  # noqa: PLR2004 - cells, then the series
                raise NoSeries(self.code, name)
        for name, possible in self.ranges.items():
            wrong = possible.outside(np.asarray(arrays[name]))
            if wrong.size:
                title = f"Possible are {possible.lowest:g} to {possible.highest:g} {wanted[name]}"
                facts = {"method": self.code, "found": float(wrong[0]), "cells": int(wrong.size)}
                yield Finding("method.out-of-range", title, field=name, facts=facts)

    def _settled(self, values: Array, arrays: Mapping[str, Array]) -> tuple[Array, list[str]]:
        """Apply the policy for negatives; note it, and note where the formula gives nothing."""
        notes = []
        if self.negative != "none" and bool(np.any(values < 0)):
            clipped = self.negative == "clip-cell"
            notes.append("method.negative-clipped" if clipped else NEGATIVE_KEPT)
            values = np.maximum(values, 0.0) if clipped else values
        unknown: Any = False
        for name, each in arrays.items():
            own = np.isnan(each)
            unknown = unknown | (own.any(axis=-1) if name in self.series else own)
        if bool(np.any(np.isnan(values) & ~unknown)):
            notes.append(NO_ESTIMATE)
        return values, notes
