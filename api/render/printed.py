"""A statement as a page or a report prints it: in one language, codes by their names, as text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounting.account import Account
from accounting.dossier_workbook import WORDS
from accounting.pack import CLASSES
from accounting.reading import ALL_TYPES
from api.render.text import number
from ledger.statements.statement import Cell, Column, Row, Statement

Block = dict[str, Any]
Names = Mapping[str, Mapping[str, str]]
HIDDEN = frozenset({"service", "total", "input", "region"})
TAGS_ZH: Mapping[str, str] = {
    "R": "已读原文", "R*": "据转述", "K": "凭记忆录入，待核实", "C": "由已读数字计算",
    "assumed": "假定",
}  # fmt: skip
UNIT_WORDS: Mapping[str, str] = {
    "1e8 CNY": "亿元", "1e4 CNY": "万元", "CNY": "元", "person": "人", "visit": "人次",
    "head": "头", "dust": "粉尘", "soil": "土壤",
}  # fmt: skip
ENGLISH_UNITS: Mapping[str, str] = {
    "1e8 CNY": "100 million CNY", "1e4 CNY/person": "10,000 CNY per person",
    "1e4 CNY": "10,000 CNY",
}  # fmt: skip
TYPED_UNITS: Mapping[str, str] = {
    "亿": "100 million ", "万": "10,000 ", "元": "CNY", "人次": "visit", "人": "person",
}  # fmt: skip
"""What a Chinese bureau types in a unit, as it is read in English."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column as it is printed."""

    key: str
    label: str
    unit: str
    align: str


@dataclass(frozen=True, slots=True)
class Printed:
    """A statement in one language, every cell as text."""

    title: str
    columns: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


def printed(
    statement: Statement, locale: str, names: Names | None = None, hidden: frozenset[str] = HIDDEN
) -> Printed:
    """Print a statement, leaving out keys, names in the other language, and empty columns."""
    other = "name_en" if locale.startswith("zh") else "name_zh"
    rows, columns = tuple(statement.rows), statement.columns
    if not any(column.key == "name_zh" for column in columns):
        other = ""
    kept = [
        (at, column)
        for at, column in enumerate(columns)
        if column.key not in {*hidden, other}
        and (not rows or any(row[at] is not None for row in (*rows, *statement.totals)))
    ]

    def said(row: Row) -> tuple[str, ...]:
        return tuple(cell(row[at], column, locale, names or {}) for at, column in kept)

    return Printed(
        statement.title.in_(locale),
        tuple(_heading(column, locale) for _, column in kept),
        tuple(map(said, rows)),
        tuple(map(said, statement.totals)),
        tuple(note.in_(locale) for note in statement.notes),
    )


def names_of(account: Account, locale: str) -> Names:
    """Return what the codes of an account are called, by the column they stand in."""
    zh = locale.startswith("zh")
    return {
        "region": {code: name.in_(locale) for code, name in account.regions.items()},
        "ecosystem_type": {**words(locale), **{c: n.in_(locale) for c, n in account.types.items()}},
        "class": {code: name.in_(locale) for code, name in CLASSES.items()},
        "group": {code: name.in_(locale) for code, name in account.pack.groups.items()},
        "status": words(locale),
        "check": words(locale),
        "rests_on": TAGS_ZH if zh else {},
        "not_estimated": {line.service: line.name.in_(locale) for line in account.lines},
    }


def words(locale: str) -> Mapping[str, str]:
    """Return the words of readings and checks in a language."""
    return WORDS if locale.startswith("zh") else {ALL_TYPES: "all types"}


def unit(text: str | None, locale: str) -> str:
    """Return a unit as it is read in a language: 元 for CNY, display scales in words."""
    if not text or text.startswith("@"):
        return ""
    text = text.replace("m2", "m²").replace("m3", "m³")
    if locale.startswith("zh"):
        for code, word in UNIT_WORDS.items():
            text = text.replace(code, word)
        return text
    for word, said in TYPED_UNITS.items():
        text = text.replace(word, said)
    return ENGLISH_UNITS.get(text, text)


def cell(value: Cell, column: Column, locale: str, names: Names) -> str:
    """Return one cell as text."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return number(value or abs(value), locale)
    text = str(value)
    if column.key in ("unit", "price_unit"):
        return unit(text, locale)
    called = names.get(column.key, {})
    parts = [called.get(part, part) for part in text.split(", ")]
    joined: Callable[[list[str]], str] = ("、" if locale.startswith("zh") else ", ").join
    return called[text] if text in called else joined(parts) if called else text


def _heading(column: Column, locale: str) -> Heading:
    label = column.label.in_(locale)
    if column.key in {"name_zh", "name_en"}:
        label = "名称" if locale.startswith("zh") else "Name"
    return Heading(column.key, label, unit(column.unit, locale), column.align)


def table(of: Printed, widths: Sequence[float] | None = None, strong: Sequence[int] = ()) -> Block:
    """Return a table with its totals and notes; widths are shares of the page, 0 as needed.

    Rows whose number is in ``strong`` sum up those below them.
    """
    return {
        "kind": "table",
        "columns": [
            {"label": each.label, "unit": each.unit, "right": each.align == "right"}
            for each in of.columns
        ],
        "widths": list(widths or ()),
        "rows": of.rows,
        "strong": list(strong),
        "totals": of.totals,
        "notes": of.notes,
    }
