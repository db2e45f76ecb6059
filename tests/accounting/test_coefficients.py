"""Coefficients: each with a unit, a possible value and a source; what is not known is refused."""

import tomllib
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

import accounting
from accounting import figures, units
from accounting.coefficients import Coefficient, NoCoefficient, coefficient, coefficients
from accounting.method import TAGS, Measured
from accounting.methods import METHODS
from accounting.quantity import quantities

BY_CODE = {method.code: method for method in METHODS}
ROWS = [row for table in coefficients().values() for row in table.values()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.parameter.name}-{row.of}")
def test_each_coefficient_is_possible_and_says_where_it_is_from(row: Coefficient) -> None:
    """In the dictionary, in a unit that converts, within range, tagged; a price says its year."""
    quantity = quantities()[row.parameter.name]
    change = units.conversion(units.parse(row.parameter.unit), units.parse(quantity.unit))
    value = figures.read(row.parameter.value).times(change.factor).value

    assert quantity.lowest <= value <= quantity.highest
    assert row.parameter.source.document
    assert row.parameter.source.tag in TAGS
    assert row.parameter.price_year or not row.parameter.name.endswith("_price")
    assert any(row.parameter.name in method.inputs for method in METHODS)


def test_no_coefficient_is_given_twice() -> None:
    """The same coefficient of the same type in two tables would hide one of them."""
    text = (Path(accounting.__file__).parent / "coefficients.toml").read_text(encoding="utf-8")
    written = sum(len(table["rows"]) for table in tomllib.loads(text)["table"])

    assert len(ROWS) == written


def test_built_up_land_has_no_storm_runoff_coefficient() -> None:
    """A script takes 0 for it, which gives built-up land the most retention; here it is refused."""
    with pytest.raises(NoCoefficient) as refused:
        coefficient("storm_runoff_coefficient", "built-up")

    assert refused.value.facts()["of"] == "built-up"
    assert coefficient("storm_runoff_coefficient", "steppe").value == "0.0478"


@pytest.mark.parametrize(
    ("region", "storage"),
    [("qinghai-tibet", 762.04 * 22.699), ("east-plain", 137.55 * 180.30 * 3.19)],
)
def test_a_lake_of_100_km2_by_its_region(region: str, storage: float) -> None:
    """e^6.636 · 100^0.678 万m3 are 1.73 亿m3 in Qinghai-Tibet; in the east, turned over, 7.91."""
    names = ("lake_intercept", "lake_exponent", "lake_turnover")
    given = {name: coefficient(name, region) for name in names}
    result = BY_CODE["flood-mitigation/lake"].compute(
        lake_area=Measured(np.array([100.0]), "km2"),
        **{n: Measured(np.array(float(p.decimal)), p.unit) for n, p in given.items()},
    )

    assert result.values[0] / 1e4 == pytest.approx(storage, rel=1e-4)


def test_a_turnover_that_nobody_gave_is_refused() -> None:
    """Of three lake regions only intercept and exponent are recalled."""
    assert coefficient("lake_intercept", "northeast").source.tag == "K"
    with pytest.raises(NoCoefficient):
        coefficient("lake_turnover", "northeast")


def test_the_dictionary_says_each_quantity_once() -> None:
    """Twice, the later would silently win."""
    text = resources.files("accounting").joinpath("quantities.toml").read_text("utf-8")
    stated = [each["code"] for each in tomllib.loads(text)["quantity"]]

    assert len(stated) == len(set(stated))
