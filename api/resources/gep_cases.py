"""GEP cases that ship or were uploaded, and runs of them: each run leaves a dossier."""

import json
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from accounting import case as shipped_case
from accounting import dossier
from api import auth, cases, editions, problems
from api.caller import BodyBytes
from api.cases import SEED_MAX, Wanted
from api.demo.example import FOLDER
from api.gep_caller import ZIP, GepReader, link
from api.parameters import Limit
from ledger import archives
from ledger.archives import Listed

router = APIRouter(prefix="/v1/gep", tags=["gep"], responses=problems.DOCUMENTED)
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 in hexadecimal.")]
Cursor = Annotated[str, Query(pattern=r"^(\d{1,16}-[0-9a-f]{64})?$")]
UPLOAD = {"requestBody": {"required": True, "content": {ZIP: {
    "schema": {"type": "string", "format": "binary"},
}}}}  # fmt: skip


class CaseOut(BaseModel):
    """A case: ``id`` is what a run names, the name of one that ships, else its digest."""

    id: str
    shipped: bool
    case: str
    title: str
    pack: str
    years: list[int]


class CasePage(BaseModel):
    """A page of cases, those that ship first, and the link to the next."""

    items: list[CaseOut]
    next: str | None


class RunIn(BaseModel):
    """A case, and how to run it: its own pack and latest year unless said; draws if wanted."""

    model_config = ConfigDict(extra="forbid")
    case: str = Field(min_length=1, max_length=120)
    pack: str | None = Field(default=None, max_length=120)
    edition: str | None = Field(default=None, max_length=120)
    year: int | None = None
    draws: int | None = Field(default=None, ge=1, le=cases.DRAWS_MAX)
    seed: int = Field(default=1, ge=0, le=SEED_MAX)


class RunOut(BaseModel):
    """A run: the digest of its dossier, and what account that is the evidence of."""

    dossier: str
    about: dict[str, str]


class RunPage(BaseModel):
    """A page of runs, the oldest first, and the link to the next."""

    items: list[RunOut]
    next: str | None


@router.get("/cases")
def list_cases(at: GepReader, cursor: Cursor = "", limit: Limit = 50) -> CasePage:
    """List cases: those that ship, on the first page, then those uploaded. Any role of GEP."""
    with at.store.reading() as connection:
        found = archives.listed(connection, at.book, cases.CASE, _after(cursor), limit + 1)
    items = [] if cursor else [_shipped(name) for name in cases.shipped()]
    items += [_case(each.digest, each.about) for each in found[:limit]]
    return CasePage(items=items, next=_next("cases", at, found, limit))


@router.post("/cases", status_code=201, openapi_extra=UPLOAD)
def upload_case(at: GepReader, sent: BodyBytes) -> CaseOut:
    """Keep a case: its folder as a ZIP archive, checked as it is read. Needs ``gep.compiler``.

    The same files again are the same case. Nothing is kept of a case with findings.
    """
    at.principal.require(auth.COMPILE, at.book)
    kept = cases.keep_case(at.store, at.book, at.principal.user_id, sent)
    return _case(kept.digest, kept.about)


@router.get("/cases/{id}")
def get_case(id: Annotated[str, Path(max_length=120)], at: GepReader) -> CaseOut:
    """Return what a case is about. Any role of GEP."""
    if id in cases.shipped():
        return _shipped(id)
    try:
        with at.store.reading() as connection:
            return _case(id, archives.about(connection, at.book, cases.CASE, id))
    except archives.UnknownArchive:
        raise cases.UnknownCase from None


@router.post("/runs", status_code=201)
def run_case(asked: RunIn, at: GepReader) -> RunOut:
    """Run a case and keep its dossier; the same run has the same digest. Needs ``gep.compiler``.

    One run at a time: 409 ``gep.busy`` where another takes longer than ten seconds.
    """
    at.principal.require(auth.COMPILE, at.book)
    wanted = Wanted(asked.pack, asked.edition, asked.year, asked.draws, asked.seed)
    made = cases.run(at.store, at.book, at.principal.user_id, asked.case, wanted)
    return RunOut(dossier=made.digest, about=dict(made.about))


@router.get("/runs")
def list_runs(at: GepReader, cursor: Cursor = "", limit: Limit = 50) -> RunPage:
    """List the dossiers that were kept, the oldest first. Any role of GEP."""
    with at.store.reading() as connection:
        found = archives.listed(connection, at.book, cases.DOSSIER, _after(cursor), limit + 1)
    items = [RunOut(dossier=each.digest, about=dict(each.about)) for each in found[:limit]]
    return RunPage(items=items, next=_next("runs", at, found, limit))


@router.get("/runs/{digest}")
def get_run(digest: Digest, at: GepReader) -> dict[str, Any]:
    """Return the account of a run as its dossier has it. Any role of GEP."""
    with at.store.reading() as connection:
        files = editions.files(connection, at.book, digest)
    account: dict[str, Any] = json.loads(files[dossier.ACCOUNT_FILE])
    return {"dossier": digest, "account": account}


@router.get("/runs/{digest}/dossier", response_class=Response)
def download_dossier(digest: Digest, at: GepReader) -> Response:
    """Return a dossier as a ZIP archive; ``gep case verify`` reads its folder. Any role of GEP."""
    with at.store.reading() as connection:
        kept = archives.find(connection, at.book, cases.DOSSIER, digest)
    named = f'attachment; filename="dossier-{digest[:16]}.zip"'
    return Response(kept.content, media_type=ZIP, headers={"Content-Disposition": named})


@cache
def _shipped(name: str) -> CaseOut:
    found = shipped_case.read(FOLDER / name)
    return CaseOut(
        id=name, shipped=True, case=found.id, title=found.title.zh,
        pack=f"{found.pack} {found.edition}", years=list(found.years),
    )  # fmt: skip


def _case(id: str, about: Any) -> CaseOut:
    years = [int(each) for each in about["years"].split()]
    named = {name: about[name] for name in ("case", "title", "pack")}
    return CaseOut(id=id, shipped=False, years=years, **named)


def _after(cursor: str) -> tuple[int, str] | None:
    time, _, digest = cursor.partition("-")
    return (int(time), digest) if cursor else None


def _next(path: str, at: GepReader, found: list[Listed], limit: int) -> str | None:
    if len(found) <= limit:
        return None
    last = found[limit - 1]
    return link(path, at, f"{last.kept_at_us}-{last.digest}", limit)
