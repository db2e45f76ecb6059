"""The console's one page, in Chinese and English; a key opens it, or being on this machine."""

import secrets
import time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from markupsafe import Markup
from sqlalchemy import Connection

from accounting import tables as gep_tables
from api import auth, editions, session
from api.caller import BodyBytes
from api.charts import classes, drawing, services
from api.console import books
from api.console.access import (
    COOKIE,
    TEMPLATES,
    form_of,
    locale_of,
    login_page,
    may_see,
    own_page,
    sessions,
)
from api.console.texts import BASES, UNITS, words
from api.fonts import font_file
from api.i18n import EN, ZH
from api.render.text import number
from api.resources import gep
from ledger.balances import known_seq
from ledger.core.book import Book
from ledger.core.errors import Forbidden, NotFound
from ledger.core.label import Label
from ledger.proof.verify import Report
from ledger.statements import trial_balance
from ledger.statements.statement import Cell, Column, Statement
from ledger.store import Store
from ledger.store.load import find_book
from ledger.verification import verify_book

router = APIRouter(include_in_schema=False)
COOKIE_S, SESSIONS_MAX = 8 * 3600, 1_000
VERIFIED_AT_ONCE = 10_000
CASE = "garze-2010"
HIDDEN = frozenset({"region", "ecosystem_type", "class", "service", "source", "total"})
CHARTS = MappingProxyType({"by_class": classes.chart, "by_service": services.chart})
YEAR_S = 31_536_000


@router.get("/")
def console(
    request: Request,
    lang: Annotated[str | None, Query()] = None,
    book: Annotated[str | None, Query(max_length=120)] = None,
) -> Response:
    """Show GEP, trades, transfers and the trial balance to whoever may see the book.

    Where no book is named, the first that was opened.
    """
    locale = locale_of(request, lang)
    store: Store = request.app.state.store
    try:
        with store.reading() as connection:
            found = find_book(connection, book or books.first(connection))
            if not may_see(request, found, auth.READ):
                return login_page(locale, "")
            return HTMLResponse(_page(store, connection, found, locale))
    except NotFound:
        return login_page(locale, "no_book", 404)


@router.get("/login")
def ask(
    request: Request,
    lang: Annotated[str | None, Query()] = None,
    to: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Ask for a key, to act where this machine alone may only look."""
    return login_page(locale_of(request, lang), "", 200, to)


@router.post("/login")
def login(
    request: Request, sent: BodyBytes, lang: Annotated[str | None, Query()] = None
) -> Response:
    """Exchange a key for a session of this browser."""
    locale = locale_of(request, lang)
    form = form_of(sent)
    key, to = (form.get(name, "") for name in ("key", "to"))
    try:
        session.principal(request.app.state.store, key)
    except Forbidden:
        return login_page(locale, "wrong_key", 403, to)
    token = secrets.token_urlsafe(32)
    kept = sessions(request)
    while len(kept) >= SESSIONS_MAX:
        kept.pop(next(iter(kept)))
    kept[token] = (key, time.monotonic() + COOKIE_S)
    answer = RedirectResponse(f"{own_page(to) or '/'}?lang={locale}", 303)
    answer.set_cookie(
        COOKIE, token, max_age=COOKIE_S, httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


@router.post("/logout")
def logout(request: Request) -> Response:
    """End the session of this browser."""
    sessions(request).pop(request.cookies.get(COOKIE, ""), None)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/font.ttc")
def font() -> FileResponse:
    """Serve the font with Chinese glyphs."""
    cached = {"Cache-Control": f"public, max-age={YEAR_S}, immutable"}
    return FileResponse(font_file(), media_type="font/collection", headers=cached)


@router.get("/console.css")
def stylesheet() -> FileResponse:
    """Serve the style of the page."""
    return FileResponse(Path(__file__).parent / "console.css", media_type="text/css")


def _page(store: Store, connection: Connection, book: Book, locale: str) -> str:
    made = gep.account(CASE)
    other = "name_en" if locale == ZH else "name_zh"
    return TEMPLATES.get_template("console.html").render(
        locale=locale,
        other=EN if locale == ZH else ZH,
        t=words(locale),
        book=book,
        report=_report(store, connection, book),
        gep_title=made.title.in_(locale),
        chart_by_class=Markup(_chart("by_class", locale)),  # noqa: S704 (drawn here, from numbers)
        chart_by_service=Markup(_chart("by_service", locale)),  # noqa: S704
        totals=_table(gep_tables.totals(made), locale, HIDDEN | {other}),
        account=_table(gep_tables.monetary(made), locale, HIDDEN | {other}),
        trades=list(books.shown(connection, book, books.TRADE, locale)),
        transfers=list(books.shown(connection, book, books.TRANSFER, locale)),
        trial=_table(trial_balance(connection, book), locale, frozenset()),
    )


@lru_cache(maxsize=8)
def _chart(name: str, locale: str) -> str:
    return drawing.svg(CHARTS[name](gep.account(CASE), locale))


def _report(store: Store, connection: Connection, book: Book) -> Report | None:
    """Verify a book that is small enough for a page; a larger one is left to ``gep verify``."""
    if known_seq(connection, book, store.clock()) > VERIFIED_AT_ONCE:
        return None
    return verify_book(store, book.code, also=(editions.findings,))


def _table(statement: Statement, locale: str, hidden: frozenset[str]) -> dict[str, Any]:
    kept = [(at, each) for at, each in enumerate(statement.columns) if each.key not in hidden]
    return {
        "columns": [
            {"label": each.label.in_(locale), "align": each.align, "unit": _unit(each, locale)}
            for _, each in kept
        ],
        "rows": [[_cell(row[at], each, locale) for at, each in kept] for row in statement.rows],
        "totals": [[_cell(row[at], each, locale) for at, each in kept] for row in statement.totals],
        "notes": [note.in_(locale) for note in statement.notes],
    }


def _unit(column: Column, locale: str) -> str:
    unit = column.unit or ""
    return "" if unit.startswith("@") else UNITS.get(unit, Label(unit, unit)).in_(locale)


def _cell(cell: Cell, column: Column, locale: str) -> str:
    if isinstance(cell, Decimal):
        return number(cell, locale)
    said = "" if cell is None else str(cell)
    return BASES[said].in_(locale) if column.key == "basis" else said
