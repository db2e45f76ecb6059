"""A wrong formula is caught: by the examples of its file, or by the laws it declares."""

import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from accounting import units
from accounting.method import Example, Given, Measured, Method
from ledger.core.errors import DomainError
from tests.accounting import mutants

HALF = 0.5
NEAR = 1e-6
SAME = frozenset(
    {"LEAST, CLOSED = (0.0111, 78.3)"}
)  # so little cover leaves all the erosion anyway


@pytest.mark.parametrize("path", mutants.files(), ids=lambda each: each.stem)
def test_a_formula_with_one_thing_wrong_is_caught(path: Path) -> None:
    """An operator, sign, comparison or number changed: an example or a law says no.

    A new file is asked the same; where a branch has no example, it wants one more.
    """
    alive = [changed for changed, method in mutants.mutants(path) if not caught(method)]
    alive = [each for each in alive if each not in SAME]

    assert alive == []


def test_the_mutants_are_many() -> None:
    """Hundreds over all files, and none of them in a file that has no formula to get wrong."""
    assert sum(1 for path in mutants.files() for _ in mutants.mutants(path)) > 300


def caught(method: Method) -> bool:
    """Say whether an example of the method fails, or one of its laws at an example."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return any(not (holds(method, x) and obeys(method, x)) for x in method.examples)
        except (DomainError, ArithmeticError, ValueError, TypeError, IndexError):
            return True


def holds(method: Method, example: Example) -> bool:
    """Say whether an example comes out as worked by hand."""
    return computed(method, example.given, example) == pytest.approx(
        example.gives[0], rel=NEAR, nan_ok=True
    )


def obeys(method: Method, example: Example) -> bool:
    """Say whether the laws hold where half of each input is taken."""
    before = computed(method, example.given, example)
    expected = {"linear": before * HALF, "inverse": before / HALF}
    for kind, name in method.laws:
        number, unit = example.given[name]
        half = tuple(n * HALF for n in number) if isinstance(number, tuple) else number * HALF
        possible = method.ranges.get(name)
        if possible and possible.outside(np.array([half])).size:
            continue
        after = computed(method, {**example.given, name: (half, unit)}, example)
        if kind in expected and after != pytest.approx(expected[kind], rel=NEAR, nan_ok=True):
            return False
        if kind == "increasing" and after > before + abs(before) * NEAR:
            return False
        if kind == "decreasing" and after < before - abs(before) * NEAR:
            return False
    return True


def computed(method: Method, given: Mapping[str, Given], example: Example) -> float:
    """Apply a method to one place; the result in the unit of the example."""
    measured = {
        name: Measured(np.array([v], dtype=float), unit) for name, (v, unit) in given.items()
    }
    result = method.compute(**measured)
    change = units.conversion(units.parse(result.unit), units.parse(example.gives[1]))
    return float(result.values[0]) * float(change.factor)
