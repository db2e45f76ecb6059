"""The pages of an account: its parts as the report has them, and each figure explained."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from accounting import explain
from accounting.case import Case, read
from api import cases
from api.console.frame import BookCode, Lang, answered, page
from api.console.shelf import Shelf
from api.console.texts import words
from api.demo.example import FOLDER
from api.render.printed import Block
from api.report import evidence, explained, lines, report, sections, summary
from api.report.block import Section
from api.report.material import Material
from ledger import archives
from ledger.core.book import Book
from ledger.core.errors import NotFound
from ledger.store import Store

router = APIRouter(prefix="/gep", include_in_schema=False)
Part = Callable[[Material, str], Section | None]
PARTS: Mapping[str, tuple[Part, ...]] = MappingProxyType(
    {
        "account": (summary.summary, sections.totals),
        "services": (lines.section,),
        "regions": (sections.by_region,),
        "types": (sections.by_type,),
        "years": (sections.over_years,),
        "growth": (sections.growth,),
        "uncertainty": (sections.uncertainty,),
        "evidence": (evidence.evidence, evidence.doubts, evidence.gaps, evidence.inputs),
    }
)
CASES_SHOWN = 200


class UnknownPart(NotFound):
    """A page of an account that there is not."""

    code = "console.unknown-part"
    title = "An account has no such page"


@router.get("")
def overview(request: Request, lang: Lang = None, book: BookCode = None) -> Response:
    """List the cases that ship, and those kept beside the book."""

    def show(at: Book, locale: str) -> Response:
        store: Store = request.app.state.store
        with store.reading() as connection:
            kept = archives.listed(connection, at, cases.CASE, None, CASES_SHOWN)
        shipped = [(name, _shipped(request, name)) for name in cases.shipped()]
        return page(request, at, locale, "cases.html", shipped=shipped, kept=kept)

    return answered(request, lang, book, show)


@router.get("/cases/{case}")
def account(
    request: Request,
    case: str,
    lang: Lang = None,
    book: BookCode = None,
    year: Annotated[int | None, Query(ge=0, le=9999)] = None,
    part: Annotated[str, Query(max_length=20)] = "account",
) -> Response:
    """Show a part of an account: the whole, by service, region or type, over the years."""

    def show(at: Book, locale: str) -> Response:
        if part not in PARTS:
            raise UnknownPart
        found = _shelf(request).material(request.app.state.store, at, case, year)
        drawn = _drawn(request, at, case, found, part, locale)
        return page(
            request, at, locale, "account.html", case=case, part=part, parts=list(PARTS),
            title=found.account.title.in_(locale), year=found.account.year,
            years=sorted(found.case.years), sections=drawn, root=found.account.tree.roots()[0],
        )  # fmt: skip

    return answered(request, lang, book, show)


@router.get("/cases/{case}/report.pdf")
def printed_report(
    request: Request,
    case: str,
    lang: Lang = None,
    book: BookCode = None,
    year: Annotated[int | None, Query(ge=0, le=9999)] = None,
) -> Response:
    """Return the report of an account as PDF, with its uncertainty."""

    def show(at: Book, locale: str) -> Response:
        kept = _shelf(request)
        found = kept.material(request.app.state.store, at, case, year)
        bands = kept.bands(at, case, found)

        def make() -> bytes:
            with cases.computing():
                return report.pdf(replace(found, drawn=bands), locale)

        made = kept.parts.get((at.uuid, case, found.account.year, "pdf", locale), make)
        return Response(made, media_type="application/pdf")

    return answered(request, lang, book, show)


@router.get("/cases/{case}/explain")
def explanation(
    request: Request,
    case: str,
    cell: Annotated[str, Query(max_length=300)],
    lang: Lang = None,
    book: BookCode = None,
) -> Response:
    """Show what one figure of an account is computed from, with its numbers."""

    def show(at: Book, locale: str) -> Response:
        whole = _shelf(request).material(request.app.state.store, at, case, None)
        with cases.computing():
            of = explain.of(whole.case, whole.account.pack, cell)
        section = Section(_named(of, whole, locale), explained.blocks(of, whole, locale))
        return page(
            request, at, locale, "account.html", case=case, part="explain", parts=list(PARTS),
            title=whole.account.title.in_(locale), year=of.year, years=sorted(whole.case.years),
            sections=[_marked(section)], root=of.region,
        )  # fmt: skip

    return answered(request, lang, book, show)


def _shipped(request: Request, name: str) -> Case:
    found: Case = _shelf(request).parts.get(("shipped", name), lambda: read(FOLDER / name))
    return found


def _shelf(request: Request) -> Shelf:
    kept: Shelf = request.app.state.shelf
    return kept


def _drawn(
    request: Request, at: Book, case: str, found: Material, part: str, locale: str
) -> list[Block]:
    """Return the sections of a part, their charts drawn; what there is not is said."""
    kept = _shelf(request)

    def make() -> list[Block]:
        of = replace(found, drawn=kept.bands(at, case, found)) if part == "uncertainty" else found
        made = [each(of, locale) for each in PARTS[part]]
        return [_marked(each) for each in made if each] or [_empty(part, locale)]

    drawn: list[Block] = kept.parts.get((at.uuid, case, found.account.year, part, locale), make)
    return drawn


def _marked(section: Section) -> Block:
    """Let the charts of a section through as they were drawn: from numbers and escaped names."""
    blocks = [
        each | {"svg": Markup(each["svg"])} if "svg" in each else each  # noqa: S704
        for each in section.blocks
    ]
    return {"title": section.title, "blocks": blocks}


def _empty(part: str, locale: str) -> Block:
    text = words(locale)
    said: dict[str, Any] = {"kind": "text", "text": text[f"none_{part}"]}
    return {"title": text[f"part_{part}"], "blocks": [said]}


def _named(of: explain.Explanation, whole: Material, locale: str) -> str:
    """Name a figure by its service, region, type and year."""
    place = whole.account.regions[of.region].in_(locale)
    kind = whole.account.types.get(of.ecosystem_type)
    parts = (of.name.in_(locale), place, kind.in_(locale) if kind else "", str(of.year))
    return " · ".join(each for each in parts if each)
