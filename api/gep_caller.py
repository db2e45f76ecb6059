"""Who asks for GEP accounts: a caller before the book that their log stands in."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Query

from api import auth
from api.caller import Caller, Visitor, caller, visitor
from api.render.json import plain
from ledger.statements.statement import Statement

ZIP = "application/zip"


def reader(
    found: Annotated[Caller, Depends(caller)],
    book: Annotated[
        str, Query(max_length=120, description="In whose log editions stand.")
    ] = "main",
) -> Visitor:
    """Return the caller before the book, or refuse whoever may not read GEP there."""
    at = visitor(book, found)
    at.principal.require(auth.GEP, at.book)
    return at


def link(path: str, at: Visitor, cursor: object, limit: int, more: str = "") -> str:
    """Return the link to the next page of a list."""
    return f"/v1/gep/{path}?book={at.book.code}&cursor={cursor}&limit={limit}{more}"


def written(statements: Mapping[str, Statement]) -> dict[str, Any]:
    """Write statements as JSON by name: columns, rows by key, totals, notes."""
    return {name: _written(each) for name, each in statements.items()}


def _written(of: Statement) -> dict[str, Any]:
    keys = [each.key for each in of.columns]

    def rows(among: Any) -> list[dict[str, Any]]:
        return [dict(zip(keys, map(plain, row), strict=True)) for row in among]

    return {
        "title": {"zh": of.title.zh, "en": of.title.en},
        "columns": [
            {"key": each.key, "zh": each.label.zh, "en": each.label.en, "unit": each.unit}
            for each in of.columns
        ],
        "rows": rows(of.rows),
        "totals": rows(of.totals),
        "notes": [{"zh": each.zh, "en": each.en} for each in of.notes],
    }


GepReader = Annotated[Visitor, Depends(reader)]
