"""What formulas rest on: the page keeps up, and nothing recalled is called more than that."""

import re
from pathlib import Path

import pytest

from accounting import evidence
from accounting.methods import METHODS

ROOT = Path(__file__).parents[2]
TEXT = (".py", ".toml", ".md", ".html", ".csv", ".js")
CLAIM = re.compile(
    r"\bconformant\b|\bconforms? (?:to|with)\b|符合.{0,12}(?:标准|规范|指南)", re.IGNORECASE
)

DENIAL = re.compile(
    r"不得称为符合|\b(?:no|none|not|never)\b[^;.]*\bcalled conformant\b", re.IGNORECASE
)


def claims(text: str) -> list[str]:
    """Return the lines that claim that something conforms to a standard, not those that deny it."""
    return [line for line in text.splitlines() if CLAIM.search(DENIAL.sub("", line))]


def test_the_page_of_methods_is_up_to_date() -> None:
    """docs/methods.md is what `python -m accounting.evidence` writes."""
    assert (ROOT / "docs" / "methods.md").read_text(encoding="utf-8") == evidence.page()


def test_each_recalled_formula_is_printed_as_recalled() -> None:
    """Every method has its row, and its tag in words at the end of it."""
    formulas = evidence.page().partition("## Coefficients")[0].splitlines()
    rows = {row.split("`")[1]: row for row in formulas if row.startswith("| `")}
    recalled = {method.code for method in METHODS if method.source.tag == "K"}

    assert rows.keys() == {method.code for method in METHODS}
    assert recalled == {
        c for c, row in rows.items() if row.endswith("K: recalled: to be confirmed |")
    }
    assert recalled


def test_nothing_is_called_conformant() -> None:
    """While no standard's text was read, no file of the product says that it conforms to one."""
    files = [
        path
        for folder in ("accounting", "api", "docs", "examples")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in TEXT
    ]
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in (*files, ROOT / "README.md", ROOT / "CHANGELOG.md")
        for line in claims(path.read_text(encoding="utf-8"))
    ]

    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "A conformant method.",
        "This pack conforms to GB/T 46869-2025.",
        "本方法符合国家标准。",
        "符合《核算规范》",
    ],
)
def test_a_claim_would_be_seen(line: str) -> None:
    """The words that would be a claim are found, in both languages."""
    assert claims(line) == [line]


@pytest.mark.parametrize(
    "line",
    ["none may be called conformant to it.", "据此核算的结果不得称为符合该标准。"],
)
def test_a_denial_is_no_claim(line: str) -> None:
    """What the report says of a reconstruction."""
    assert claims(line) == []
    assert claims(f"A conformant method; {line}") != []


@pytest.mark.parametrize("method", METHODS, ids=lambda each: each.code)
def test_no_standard_is_cited_as_read(method: object) -> None:
    """A formula of a Chinese standard is tagged K until its clause was read."""
    source = next(each.source for each in METHODS if each is method)
    standard = re.match(r"GB/T|DB\d|HY/T|LY/T|发改", source.document)

    assert not standard or source.tag == "K"
