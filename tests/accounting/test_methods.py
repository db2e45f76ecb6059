"""Every method: a hand example, and the laws it declares; a new method inherits the laws."""

import inspect
from collections.abc import Mapping
from typing import Annotated

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting import units
from accounting.method import VARIABLE, Array, Measured, Method, Source, UndeclaredUnit, WrongInputs
from accounting.methods import METHODS
from accounting.units import DifferentDimension, UnknownUnit

BY_CODE = {method.code: method for method in METHODS}
A_UNIT = "t.CO2"  # any unit will do where a method leaves it open

values = st.floats(min_value=1e-3, max_value=1e6)
powers = st.integers(min_value=-6, max_value=9)


def measured(value: float, unit: str) -> Measured:
    """One number with its unit."""
    return Measured(np.array([value]), unit)


def compute(method: Method, numbers: Mapping[str, tuple[float, str]]) -> float:
    """Apply a method to single numbers."""
    given_ = {name: measured(*number) for name, number in numbers.items()}
    return float(method.compute(**given_).values[0])


def test_a_quantity_at_its_price() -> None:
    """1 亿m3 of water at 7.06 CNY/m3 is 7.06 亿元."""
    value = compute(BY_CODE["priced"], {"quantity": (1, "亿m3"), "price": (7.06, "CNY/m3")})

    assert value == pytest.approx(7.06e8)


def test_sand_kept_is_the_area_it_would_have_buried() -> None:
    """1.28 t at 1.28 t/m3 is 1 m3, 10 cm deep on 10 m2; at 3.75 CNY/m2 that is 37.5 CNY."""
    numbers = {
        "quantity": (1.28, "t"),
        "bulk_density": (1.28, "t/m3"),
        "layer": (0.1, "m"),
        "price": (3.75, "CNY/m2"),
    }

    assert compute(BY_CODE["priced-area"], numbers) == pytest.approx(37.5)


def test_a_stated_value_is_itself() -> None:
    """12.2875 亿元 of net output is 1,228,750,000 CNY."""
    assert compute(BY_CODE["stated-value"], {"value": (12.2875, "亿元")}) == 1_228_750_000


@pytest.mark.parametrize("method", METHODS, ids=lambda each: each.code)
@given(drawn=st.data())
def test_a_result_does_not_depend_on_the_units_of_its_inputs(
    method: Method, drawn: st.DataObject
) -> None:
    """The same quantity in another unit, whatever the scale, gives the same value."""
    numbers = {n: (drawn.draw(values), u) for n, u in wanted(method).items()}
    scales = {name: drawn.draw(powers) for name in numbers}
    others = {
        name: (value * 10.0 ** -scales[name], f"1e{scales[name]} ({unit})")
        for name, (value, unit) in numbers.items()
    }

    assert compute(method, others) == pytest.approx(compute(method, numbers), rel=1e-9)


LAWS = [(method, law) for method in METHODS for law in method.laws]


@pytest.mark.parametrize(("method", "law"), LAWS, ids=lambda each: str(getattr(each, "code", each)))
@given(drawn=st.data(), times=st.floats(min_value=0.01, max_value=100))
def test_each_method_obeys_the_laws_it_declares(
    method: Method, law: tuple[str, str], drawn: st.DataObject, times: float
) -> None:
    """Linear in price: twice the price, twice the value; inverse in density: half of it."""
    kind, argument = law
    numbers = {n: (drawn.draw(values), u) for n, u in wanted(method).items()}
    value, unit = numbers[argument]
    scaled = compute(method, numbers | {argument: (value * times, unit)})
    expected = compute(method, numbers) * (times if kind == "linear" else 1 / times)

    assert scaled == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("method", METHODS, ids=lambda each: each.code)
def test_nothing_supplied_is_worth_nothing(method: Method) -> None:
    """A method linear in its quantity gives 0 at 0."""
    linear = [argument for kind, argument in method.laws if kind == "linear"]
    numbers = {name: (1.0, unit) for name, unit in wanted(method).items()}

    assert compute(method, numbers | {linear[0]: (0.0, numbers[linear[0]][1])}) == 0


@pytest.mark.parametrize("method", METHODS, ids=lambda each: each.code)
def test_each_formula_comes_out_in_the_unit_it_declares(method: Method) -> None:
    """Declared units are known, the docstring gives the formula, the source its document."""
    assert units.parse(method.unit).measures == "money in CNY"
    assert "=" in (inspect.getdoc(method.formula) or "")
    assert method.source.document


def test_a_typed_mass_meets_no_price_of_another_substance() -> None:
    """Tonnes of carbon at a price per tonne of CO2: refused, both units in the message."""
    with pytest.raises(DifferentDimension, match=r"CNY/t.CO2.*CNY/\(t.C\)"):
        compute(BY_CODE["priced"], {"quantity": (1, "t.C"), "price": (380, "CNY/t.CO2")})


def test_an_untyped_tonne_at_a_typed_price_is_computed_and_noted() -> None:
    """10 t at 380 CNY/t.CO2 is 3,800 CNY, with a note."""
    value = BY_CODE["priced"].compute(quantity=measured(10, "t"), price=measured(380, "CNY/t.CO2"))

    assert (float(value.values[0]), value.notes) == (3800, ("unit.untyped-mass",))


def test_a_formula_declares_every_unit_or_is_no_method() -> None:
    """No unit, an unknown unit, or an argument by position: refused when the method is made."""

    def without(*, area: Array) -> Annotated[Array, "m2"]:
        return area

    def unknown(*, area: Annotated[Array, "acre-ish"]) -> Annotated[Array, "m2"]:
        return area

    def by_position(area: Annotated[Array, "m2"]) -> Annotated[Array, "m2"]:
        return area

    source = Source("a document", tag="R")
    for formula, kind in ((without, UndeclaredUnit), (by_position, UndeclaredUnit)):
        with pytest.raises(kind):
            Method("test", "cell", formula, (), source)
    with pytest.raises(UnknownUnit):
        Method("test", "cell", unknown, (), source)


def test_a_method_takes_exactly_its_inputs() -> None:
    """A missing and an unknown input are both named."""
    with pytest.raises(WrongInputs) as refused:
        BY_CODE["priced"].compute(quantity=measured(1, "t"), cost=measured(1, "CNY/t"))

    assert (refused.value.missing, refused.value.unknown) == (("price",), ("cost",))


def wanted(method: Method) -> dict[str, str]:
    """Return the unit of each input, with some unit where the method leaves it open."""
    return method.wanted({n: A_UNIT for n, u in method.inputs.items() if u == VARIABLE})
