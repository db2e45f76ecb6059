"""The frame of every page of GEP: who may see it, its navigation, and what was wrong, in words."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse

from api import auth, i18n
from api.console import books
from api.console.access import TEMPLATES, locale_of, login_page, may_see, pass_of, principal
from api.console.texts import words
from api.i18n import EN, ZH
from api.problems import status_of
from ledger.core.book import Book
from ledger.core.errors import DomainError, Finding, InputRefused, NotFound
from ledger.store import Store
from ledger.store.load import find_book

CARRIED = ("year", "part", "cell")
FINDINGS_SHOWN = 100
Lang = Annotated[str | None, Query()]
BookCode = Annotated[str | None, Query(max_length=120)]
Show = Callable[[Book, str], Response]


def answered(request: Request, lang: str | None, book: str | None, show: Show) -> Response:
    """Answer whoever reads GEP before the book; others with the login, a refusal in words."""
    locale = locale_of(request, lang)
    store: Store = request.app.state.store
    try:
        with store.reading() as connection:
            at = find_book(connection, book or books.first(connection))
    except NotFound:
        return login_page(locale, "no_book", 404)
    if not may_see(request, at, auth.GEP):
        return login_page(locale, "", to=request.url.path)
    try:
        return show(at, locale)
    except DomainError as refused:
        return refusal(request, at, locale, refused)


def refusal(request: Request, at: Book, locale: str, refused: DomainError) -> Response:
    """Say what was refused, with the status it has over REST; of input, what was found in it."""
    more: dict[str, Any] = {
        "code": refused.code,
        "said": i18n.title(refused.code, refused.title, locale),
        "facts": "" if isinstance(refused, InputRefused) else _facts(refused.facts(), locale),
        "findings": _findings(refused, locale),
    }
    return page(request, at, locale, "refused.html", status_of(refused), **more)


def _facts(facts: Mapping[str, object], locale: str) -> str:
    """Write the facts of a refusal in one line; a finding's own stand with the finding."""
    said = ((i18n.fact(name, locale), _plain(value)) for name, value in facts.items() if value)
    return "; ".join(f"{name}: {value}" for name, value in said)


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _findings(refused: DomainError, locale: str) -> list[str]:
    found = refused.findings if isinstance(refused, InputRefused) else ()
    return [_finding(each, locale) for each in islice(found, FINDINGS_SHOWN)]


def _finding(of: Finding, locale: str) -> str:
    place = ":".join(str(each) for each in (of.file, of.row, of.field) if each is not None)
    facts = _facts(of.facts, locale)
    said = i18n.title(of.code, of.title, locale) + (f" ({facts})" if facts else "")
    return f"{place} · {said}" if place else said


def page(
    request: Request, at: Book, locale: str, template: str, status: int = 200, **more: Any
) -> HTMLResponse:
    """Return a page with its navigation, in one language."""
    asked = request.query_params
    html = TEMPLATES.get_template(template).render(
        locale=locale,
        other=EN if locale == ZH else ZH,
        t=words(locale),
        book=at,
        who=principal(request),
        own=pass_of(request),
        here=request.url.path,
        carried={name: asked[name] for name in CARRIED if name in asked},
        **more,
    )
    return HTMLResponse(html, status)
