"""The frame of every page of GEP: who may see it, its navigation, and what was wrong, in words."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse

from api import auth, i18n
from api.console import books
from api.console.access import TEMPLATES, locale_of, login_page, may_see, pass_of, principal
from api.console.texts import words
from api.i18n import EN, ZH
from ledger.core.book import Book
from ledger.core.errors import DomainError, Forbidden, NotFound
from ledger.store import Store
from ledger.store.load import find_book

CARRIED = ("year", "part", "cell")
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
    """Say what was refused, by its title and facts, with the status it has over REST too."""
    status = (
        404 if isinstance(refused, NotFound) else 403 if isinstance(refused, Forbidden) else 409
    )
    said = i18n.title(refused.code, refused.title, locale)
    facts = "; ".join(f"{name}: {value}" for name, value in refused.facts().items() if value)
    more = {"code": refused.code, "said": said, "facts": facts}
    return page(request, at, locale, "refused.html", status, **more)


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
