"""Every method: its hand example and the laws it declares; a new file inherits all of it."""

import inspect
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import accounting
from accounting import units
from accounting.method import VARIABLE, Example, Given, Law, Measured, Method, Range
from accounting.methods import METHODS
from accounting.models import MODELS
from accounting.quantity import quantities
from ledger.core.errors import InputRefused

Numbers = dict[str, Given]

PACKAGE = Path(accounting.__file__).parent
NEVER_NEGATIVE = [each for each in METHODS if each.negative in ("none", "clip-cell")]
LAWS = [(method, law) for method in METHODS for law in method.laws if law[0] != "affine"]
AFFINE = [method for method in METHODS if "affine" in dict(method.laws)]
ANY_QUANTITY = ("quantity", "price", "value")
DRAWS = settings(max_examples=12, deadline=None)
each_method = pytest.mark.parametrize("method", METHODS, ids=lambda each: each.code)
powers = st.integers(min_value=-6, max_value=9)


def example(method: Method) -> Example:
    """Return the hand example of a method; a method without one fails here."""
    assert method.example is not None, f"{method.code} has no hand example"
    return method.example


def measured(number: float | tuple[float, ...], unit: str) -> Measured:
    """One cell, or one cell with its series."""
    return Measured(np.array([number], dtype=np.float64), unit)


def compute(method: Method, numbers: Mapping[str, Given]) -> float:
    """Apply a method to single numbers; the result in the unit of its hand example."""
    result = method.compute(**{name: measured(*number) for name, number in numbers.items()})
    factor = units.conversion(units.parse(result.unit), units.parse(example(method).gives[1]))
    return float(result.values[0]) * float(factor.factor)


def in_declared_units(method: Method) -> Numbers:
    """Return the hand example, each input in the unit that the formula takes."""
    numbers: Numbers = {}
    worked = example(method).given
    wanted = method.wanted({name: unit for name, (_, unit) in worked.items()})
    for name, (number, unit) in worked.items():
        factor = float(units.conversion(units.parse(unit), units.parse(wanted[name])).factor)
        numbers[name] = (times(number, factor), wanted[name])
    return numbers


def times(number: float | tuple[float, ...], factor: float) -> float | tuple[float, ...]:
    """Scale a number, or every number of a series."""
    return tuple(n * factor for n in number) if isinstance(number, tuple) else number * factor


def near(number: float | tuple[float, ...], possible: Range) -> st.SearchStrategy[float]:
    """Draw what an input may be, above zero: all of a short range, else around the example."""
    if isinstance(number, tuple):
        return st.floats(0.1, 1.0)
    if possible.whole:
        return st.integers(int(possible.lowest), int(possible.highest)).map(float)
    if np.isfinite(possible.highest):
        width = possible.highest - possible.lowest
        return st.floats(possible.lowest + width / 100, possible.highest)
    return st.floats(abs(number) / 4, abs(number) * 4) if number else st.floats(0.01, 1.0)


def drawn_near(method: Method, drawn: st.DataObject) -> Numbers:
    """Draw inputs for a method; a series keeps its shape."""
    numbers: Numbers = {}
    for name, (number, unit) in in_declared_units(method).items():
        value = drawn.draw(near(number, method.ranges.get(name, Range())), label=name)
        numbers[name] = (times(number, value) if isinstance(number, tuple) else value, unit)
    return numbers


def test_each_file_of_the_two_folders_is_a_method_with_a_code_of_its_own() -> None:
    """Adding a file is enough: it is listed, and all that follows here is asked of it."""
    files = [*PACKAGE.glob("models/[a-z]*.py"), *PACKAGE.glob("methods/[a-z]*.py")]

    assert len(METHODS) == len(files)
    assert len({method.code for method in METHODS}) == len(METHODS)
    assert all(method.gives or VARIABLE in method.unit for method in MODELS)


@each_method
def test_each_method_gives_its_hand_example(method: Method) -> None:
    """Every result that its file works out with a pencil."""
    assert example(method) is method.examples[0]
    for worked in method.examples:
        assert worked.working
        expected = pytest.approx(worked.gives[0], rel=1e-6, nan_ok=True)
        assert compute(method, worked.given) == expected


@each_method
@DRAWS
@given(drawn=st.data())
def test_a_result_does_not_depend_on_the_units_of_its_inputs(
    method: Method, drawn: st.DataObject
) -> None:
    """The same quantity in another unit, whatever the scale, gives the same value."""
    numbers = drawn_near(method, drawn)
    scales = {name: drawn.draw(powers) for name in numbers if not is_whole(method, name)}
    others = numbers | {
        name: (times(numbers[name][0], 10.0**-scale), f"1e{scale} ({numbers[name][1]})")
        for name, scale in scales.items()
    }
    try:
        expected = compute(method, numbers)
        found = compute(method, others)
    except InputRefused:  # a float's breadth beyond the edge of what is possible
        assume(False)

    slack = 1e-9 * abs(example(method).gives[0])  # what a difference of near equals costs

    assert found == pytest.approx(expected, rel=1e-9, abs=slack, nan_ok=True)


def is_whole(method: Method, name: str) -> bool:
    """Tell whether an input is yes or no, which has no other scale."""
    return name in method.ranges and method.ranges[name].whole


@pytest.mark.parametrize(("method", "law"), LAWS, ids=lambda each: str(getattr(each, "code", each)))
@DRAWS
@given(drawn=st.data())
def test_each_method_obeys_the_laws_it_declares(
    method: Method, law: Law, drawn: st.DataObject
) -> None:
    """Linear in price: twice the price, twice the value; inverse in density: half of it."""
    kind, argument = law
    numbers = drawn_near(method, drawn)
    number, unit = numbers[argument]
    least = 0.05
    if not isinstance(number, tuple):
        assume(number > 0)
        lowest = method.ranges.get(argument, Range()).lowest
        least = min(1.0, max(least, lowest / number * 1.000001))  # a float above the lowest
    factor = 0.0 if kind == "zero" else drawn.draw(st.floats(least, 1.0), label="factor")
    before = compute(method, numbers)
    after = compute(method, numbers | {argument: (times(number, factor), unit)})
    slack = 1e-9 * max(abs(before), abs(after))

    if kind == "zero":
        assert after == 0
    elif kind == "linear":
        assert after == pytest.approx(before * factor, rel=1e-9, abs=slack, nan_ok=True)
    elif kind == "inverse":
        assert after == pytest.approx(before / factor, rel=1e-9, nan_ok=True)
    elif kind == "increasing":
        assert not after > before + slack
    else:
        assert not after < before - slack


@pytest.mark.parametrize("method", AFFINE, ids=lambda each: each.code)
@DRAWS
@given(drawn=st.data())
def test_the_mean_of_affine_inputs_gives_the_mean(method: Method, drawn: st.DataObject) -> None:
    """Two halves of a zone with their own rain and runoff, and the whole with their means."""
    first, other = drawn_near(method, drawn), drawn_near(method, drawn)
    affine = {argument for kind, argument in method.laws if kind == "affine"}
    second = first | {name: other[name] for name in affine}
    mean = {
        name: (np.mean([number, second[name][0]]).item(), unit)
        for name, (number, unit) in first.items()
    }
    halves = [compute(method, first), compute(method, second)]

    assert compute(method, mean) == pytest.approx(np.mean(halves), abs=1e-9 * max(map(abs, halves)))


@each_method
def test_nothing_supplied_is_no_service(method: Method) -> None:
    """At 0 of an input that makes the whole, the result is 0; at 0 of any other, a number."""
    numbers = in_declared_units(method)
    whole = {argument for kind, argument in method.laws if kind in ("linear", "zero")}
    for name, (number, unit) in numbers.items():
        possible = method.ranges.get(name, Range())
        if possible.outside(np.array([0.0])).size == 0:
            result = compute(method, numbers | {name: (times(number, 0), unit)})
            assert np.isfinite(result)
            assert result == 0 or name not in whole


@each_method
def test_a_divisor_of_zero_is_refused(method: Method) -> None:
    """What a result is inverse to cannot be 0: a range finding that names it, never infinity."""
    numbers = in_declared_units(method)
    for name in [argument for kind, argument in method.laws if kind == "inverse"]:
        with pytest.raises(InputRefused, match=rf"{name}: method\.out-of-range"):
            compute(method, numbers | {name: (times(numbers[name][0], 0), numbers[name][1])})


@each_method
def test_a_share_outside_its_range_is_a_finding(method: Method) -> None:
    """150 % of anything that is a part: refused before the formula sees it."""
    numbers = in_declared_units(method)
    shares = [name for name, possible in method.ranges.items() if possible.highest == 1]
    beyond: tuple[float, tuple[float]] = (1.5, (1.5,))
    for name in shares:
        with pytest.raises(InputRefused, match=rf"{name}: method\.out-of-range"):
            compute(method, numbers | {name: (beyond[name in method.series], "1")})


@pytest.mark.parametrize("method", NEVER_NEGATIVE, ids=lambda each: each.code)
@DRAWS
@given(drawn=st.data())
def test_the_policy_for_negative_results_is_kept(method: Method, drawn: st.DataObject) -> None:
    """`none` and `clip-cell` never give a negative result of inputs that are none themselves."""
    assert not compute(method, drawn_near(method, drawn)) < 0


@each_method
@DRAWS
@given(drawn=st.data())
def test_each_cell_is_computed_by_itself(method: Method, drawn: st.DataObject) -> None:
    """Two cells side by side, or in a raster, give what each of them gives alone."""
    two = [drawn_near(method, drawn) for _ in range(2)]
    alone = [compute(method, numbers) for numbers in two]
    table = {n: np.array([numbers[n][0] for numbers in two]) for n in two[0]}
    raster = {n: np.stack([values, values[::-1]]) for n, values in table.items()}
    for cells in (table, raster):
        given_ = {n: Measured(values, two[0][n][1]) for n, values in cells.items()}
        result = method.compute(**given_)
        change = units.conversion(units.parse(result.unit), units.parse(example(method).gives[1]))
        found = np.ravel(result.values)[:2] * float(change.factor)
        assert found == pytest.approx(np.array(alone), rel=1e-12, nan_ok=True)


@each_method
def test_what_is_unknown_stays_unknown(method: Method) -> None:
    """An input that nobody estimated gives no result and no warning, never 0."""
    numbers = in_declared_units(method)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        unknown = compute(method, {n: (times(v, np.nan), u) for n, (v, u) in numbers.items()})

    assert np.isnan(unknown)


@each_method
def test_each_formula_comes_out_in_the_unit_it_declares(method: Method) -> None:
    """The docstring gives the formula, the source its document; a quantity is in the dictionary."""
    first = (inspect.getdoc(method.formula) or "").splitlines()[0]
    gives = quantities().get(method.gives or "")

    assert "=" in first
    assert method.source.document
    if method.gives:
        assert gives, f"{method.gives} is not in the dictionary"
        assert units.conversion(units.parse(method.unit), units.parse(gives.unit)).factor == 1
    elif VARIABLE not in method.unit:
        assert units.parse(method.unit).measures == "money in CNY"


@each_method
def test_what_a_method_takes_is_in_the_dictionary(method: Method) -> None:
    """A case can give it under the argument's own name, in a unit that converts, within range."""
    for name, unit in method.inputs.items():
        if VARIABLE not in unit and name not in ANY_QUANTITY:
            entry = quantities().get(name)
            assert entry, f"{name} is not in the dictionary"
            change = units.conversion(units.parse(entry.unit), units.parse(unit))
            ends = [float(each) * float(change.factor) for each in (entry.lowest, entry.highest)]
            possible = replace(method.ranges.get(name, Range(-np.inf)), above=False)
            assert possible.outside(np.array(ends)).size == 0
