"""Both languages are whole: every refusal has a Chinese title, and nothing stale is left."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import accounting
from accounting.methods import METHODS
from api import i18n
from api.demo.example import Example, every
from api.demo.stage import FigureDiffers, agree
from ledger.core.amount import CNY, Amount
from ledger.core.errors import every_error

PACKAGES = ("ledger", "accounting", "api")
OF_HTTP = {"http.busy", "http.internal", "http.invalid", "http.refused"}


def codes() -> set[str]:
    """Return the code of every refusal there is, wherever it is defined."""
    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            importlib.import_module(module.name)
    return {kind.code for kind in every_error()} | OF_HTTP


def test_every_refusal_has_a_chinese_title_and_no_title_is_stale() -> None:
    """The catalogue is exactly the codes."""
    assert set(i18n.titles()) == codes()
    assert all(any("一" <= char <= "鿿" for char in title) for title in i18n.titles().values())


CODE = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*", re.ASCII)
SUFFIXES = (".toml", ".json", ".csv", ".xlsx", ".soil", ".seea")


def test_every_finding_has_a_chinese_title() -> None:
    """Of a case, a pack, a dossier, a table: a code in the source is one that a bureau can read."""
    said = {
        each.value
        for path in Path(accounting.__file__).parent.rglob("*.py")
        for each in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }
    found = {each for each in said if CODE.fullmatch(each) and not each.endswith(SUFFIXES)}

    assert found - set(i18n.titles()) - set(i18n.findings()) == set()
    assert not set(i18n.titles()) & set(i18n.findings())
    assert all(any("一" <= char <= "鿿" for char in said) for said in i18n.findings().values())


WORDS = re.compile(r"\b(the|of|in|at|by|from|where|one|least|most|below|over|as|less)\b")


def test_every_formula_is_said_in_chinese() -> None:
    """A formula that has words beside its symbols has them in Chinese; none is stale."""
    said = {(each.formula.__doc__ or "").strip().partition("\n")[0].rstrip(".") for each in METHODS}
    told = {each: i18n.formula(each, i18n.ZH) for each in said}

    assert [each for each in told.values() if WORDS.search(each)] == []
    assert {each for each in said if told[each] != each} == set(i18n.formulas())
    assert i18n.formula("Q = S · h; of X1 2012, apportioned by area", "zh-CN") == (
        "Q = S · h；取自X1 2012，按area分摊"
    )


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [
        ("zh-CN,en;q=0.5", "zh-CN"), ("en;q=0.9,zh;q=0.1", "en"), ("zh;q=0.1,en;q=0.9", "en"),
        ("fr", "en"), ("", "en"), (None, "en"), ("en;q=x,zh-TW", "zh-CN"),
    ],
)  # fmt: skip
def test_the_language_a_caller_prefers(accepted: str | None, locale: str) -> None:
    """By weight, then by order; what is not known is passed over."""
    assert i18n.preferred(accepted) == locale


def test_a_figure_that_does_not_come_out_is_refused() -> None:
    """The demonstration does not print a published figure that it did not reach."""
    example: Example = every()[0]
    agree(example, "total", Amount.exactly("1.00", CNY), "1")
    with pytest.raises(FigureDiffers):
        agree(example, "total", Amount.exactly("1.00", CNY), "1.01")
