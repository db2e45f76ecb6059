"""Who sees the console: a session that a key opened, or this machine where both sides allow it."""

import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from api import session
from api.auth import Principal
from api.console.texts import words
from api.i18n import LOCALES, ZH, preferred
from ledger.core.book import Book
from ledger.core.errors import Forbidden
from ledger.core.refusals import Malformed
from ledger.store import Store

COOKIE = "gep_console"
FIELDS_MAX, FIELD_MAX = 20, 2_000
PAGE = re.compile(r"/gep(/[A-Za-z0-9._-]+)*", re.ASCII)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True),
    trim_blocks=True,
    lstrip_blocks=True,
)


def sessions(request: Request) -> dict[str, tuple[str, float]]:
    """Return this process's sessions: by token, the key and when they end; never written down."""
    kept: dict[str, tuple[str, float]] = request.app.state.sessions
    return kept


def principal(request: Request) -> Principal | None:
    """Return who opened the session of this browser, while the key is in force."""
    key, ends = sessions(request).get(request.cookies.get(COOKIE, ""), ("", 0.0))
    if not key or time.monotonic() >= ends:
        return None
    store: Store = request.app.state.store
    try:
        return session.principal(store, key)
    except Forbidden:
        return None


def may_see(request: Request, book: Book, action: str) -> bool:
    """Let in a session that may do so in the whole book, or this machine where both allow."""
    found = principal(request)
    if found is not None and found.holds(action, book):
        return True
    here = request.client is not None and request.client.host in LOOPBACK
    named = (request.url.hostname or "") in LOOPBACK
    return bool(request.app.state.local and here and named and book.command_line_allowed)


def pass_of(request: Request) -> str:
    """Return what a form of this session carries, which no other site can know."""
    token = request.cookies.get(COOKIE, "")
    return hashlib.sha256(f"form {token}".encode()).hexdigest() if token else ""


def is_own_form(request: Request, sent: Mapping[str, str]) -> bool:
    """Tell whether a form was made for the session that sends it."""
    own = pass_of(request)
    return bool(own) and hmac.compare_digest(own.encode(), sent.get("pass", "").encode())


def form_of(sent: bytes) -> dict[str, str]:
    """Read a form; of a field that is sent twice, the first. Refuses one of too many fields."""
    try:
        read = parse_qs(sent.decode("utf-8", "replace"), max_num_fields=FIELDS_MAX)
    except ValueError:
        raise Malformed("form", f"has more than {FIELDS_MAX} fields") from None
    return {name: values[0].strip()[:FIELD_MAX] for name, values in read.items()}


def locale_of(request: Request, lang: str | None) -> str:
    """Return the language that is asked for, or that the browser prefers."""
    if lang in LOCALES:
        return lang
    return preferred(request.headers.get("accept-language"), ZH)


def own_page(path: str) -> str:
    """Return a path if it is one of the pages of GEP, else none: nobody is led elsewhere."""
    return path if PAGE.fullmatch(path) else ""


def login_page(locale: str, wrong: str, status: int = 401, to: str = "") -> HTMLResponse:
    """Ask for a key, saying what was wrong before; then lead on to a page of ours."""
    text = words(locale)
    template = TEMPLATES.get_template("login.html")
    said = text[wrong] if wrong else ""
    return HTMLResponse(template.render(locale=locale, t=text, wrong=said, to=own_page(to)), status)
