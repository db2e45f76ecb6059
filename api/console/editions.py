"""Review and publication: editions with their history, and the next step, by a second person."""

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from accounting import edition
from accounting.edition import ACTIONS, TAKEN, Edition
from api import auth, cases, editions, session
from api.auth import Principal
from api.caller import BodyBytes
from api.console.access import form_of, is_own_form, principal
from api.console.frame import BookCode, Lang, answered, page
from ledger import archives
from ledger.core.book import Book
from ledger.core.errors import Forbidden
from ledger.core.refusals import Malformed
from ledger.proof.export import instant
from ledger.store import Store

router = APIRouter(prefix="/gep/editions", include_in_schema=False)
EDITIONS_SHOWN = 200


@dataclass(eq=False)
class ForeignForm(Forbidden):
    """A form that was not made for the session it came with."""

    code = "console.foreign-form"
    title = "This form was not made for your session: open the page again"


@router.get("")
def overview(request: Request, lang: Lang = None, book: BookCode = None) -> Response:
    """List the editions of a book, each with where it stands."""

    def show(at: Book, locale: str) -> Response:
        store: Store = request.app.state.store
        with store.reading() as connection:
            found = editions.listed(connection, at, limit=EDITIONS_SHOWN)
            kept = archives.listed(connection, at, cases.CASE, None, EDITIONS_SHOWN)
        by = principal(request)
        choices = [(name, name) for name in cases.shipped()]
        choices += [(each.digest, each.about["title"]) for each in kept]
        compiles = by is not None and by.holds(auth.COMPILE, at)
        return page(
            request, at, locale, "editions.html", editions=found, choices=choices, compiles=compiles
        )

    return answered(request, lang, book, show)


@router.get("/{id}")
def history(request: Request, id: str, lang: Lang = None, book: BookCode = None) -> Response:
    """Show an edition with every step that was taken, and the ones that its reader may take."""

    def show(at: Book, locale: str) -> Response:
        store: Store = request.app.state.store
        with store.reading() as connection:
            found = editions.find(connection, at, id)
            steps = _steps(connection, found)
        actions = _open_to(found, at, principal(request))
        return page(
            request, at, locale, "edition.html", edition=found, steps=steps, actions=actions
        )

    return answered(request, lang, book, show)


@router.post("")
def draft(request: Request, sent: BodyBytes, lang: Lang = None, book: BookCode = None) -> Response:
    """Run a case and make its dossier the draft of an edition. Needs ``gep.compiler``."""
    form = form_of(sent)

    def show(at: Book, locale: str) -> Response:
        by = _sender(request, form)
        who = editions.who(at, by.user_id, by)
        store: Store = request.app.state.store
        by.require(auth.COMPILE, at)
        edition.named(form.get("id", ""))
        made = cases.run(store, at, by.user_id, form.get("case", ""), cases.Wanted())
        reason = form.get("reason", "")
        editions.draft(store, at, who, form.get("id", ""), made.digest, reason)
        return _back(form.get("id", ""), at, locale)

    return answered(request, lang, book, show)


@router.post("/{id}/{action}")
def step(
    request: Request,
    id: str,
    action: str,
    sent: BodyBytes,
    lang: Lang = None,
    book: BookCode = None,
) -> Response:
    """Take a step in the name of whoever opened the session; the rules are those of REST."""
    form = form_of(sent)

    def show(at: Book, locale: str) -> Response:
        by = _sender(request, form)
        if action not in ACTIONS:
            raise Malformed("action", f"{action!r} is none")
        after = form.get("after", "")
        editions.step(
            request.app.state.store, at, editions.who(at, by.user_id, by), id, action,
            form.get("reason", ""), override=form.get("override") or None,
            after=int(after) if after.isascii() and after.isdigit() else None,
        )  # fmt: skip
        return _back(id, at, locale)

    return answered(request, lang, book, show)


def _sender(request: Request, form: dict[str, str]) -> Principal:
    """Return who opened the session that a form was made for, or refuse it."""
    found = principal(request)
    if found is None or not is_own_form(request, form):
        raise ForeignForm
    return found


def _back(id: str, at: Book, locale: str) -> Response:
    return RedirectResponse(f"/gep/editions/{quote(id)}?lang={locale}&book={quote(at.code)}", 303)


def _steps(connection: Connection, found: Edition) -> list[dict[str, str]]:
    names = session.names(connection)
    return [
        {
            "number": str(each.number),
            "action": each.action,
            "state": each.state,
            "person": (names.get(each.person) or str(each.person)) if each.person else "",
            "reason": each.reason,
            "override": each.override or "",
            "digest": each.digest,
            "at": "" if each.booked_at_us is None else _said(each.booked_at_us),
            "seq": str(each.seq or ""),
        }
        for each in found.steps
    ]


def _said(microseconds: int) -> str:
    """Write an instant to the second, as a person reads it."""
    return instant(microseconds)[:19].replace("T", " ") + " UTC"


def _open_to(found: Edition, at: Book, by: Principal | None) -> list[str]:
    """Name the steps that whoever opened the session may take now, by role."""
    if by is None:
        return []
    roles = editions.who(at, by.user_id, by).roles
    return [
        action
        for action in ACTIONS
        if (rule := TAKEN.get((action, found.state))) and roles.intersection(rule[1])
    ]
