"""Editions of GEP accounts: their steps, their statements, the dossier that the log names."""

import io
import json
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from accounting import dossier
from accounting.edition import Edition, Step
from api import cases, editions, problems, session
from api.caller import Visitor
from api.gep_caller import ZIP, GepReader, link, written
from api.parameters import Cursor, Limit
from api.render import FORMATS
from ledger import archives
from ledger.core.errors import NotFound
from ledger.proof.export import instant

router = APIRouter(prefix="/v1/gep/accounts", tags=["gep"], responses=problems.DOCUMENTED)
Name = Annotated[str, Path(max_length=120, description="The name of the edition.")]
Action = Literal["submit", "review", "approve", "publish", "return"]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class UnknownAccountStatement(NotFound):
    """An account has no such statement."""

    code = "gep.unknown-statement"
    title = "An account has no such statement"


class NotARevision(NotFound):
    """The edition replaces none, so there is nothing that it differs from."""

    code = "gep.not-a-revision"
    title = "The edition replaces no other"


class StepOut(BaseModel):
    """A step as the log has it; ``digest`` is that of the dossier, ``seq`` the record's."""

    step: int
    action: str
    state: str
    role: str
    person: UUID | None
    name: str | None
    reason: str
    digest: str
    override: str | None
    by: str | None
    seq: int | None
    at: str | None


class EditionOut(BaseModel):
    """An edition: where it stands, of what account, with all its steps."""

    id: str
    book: str
    state: str
    digest: str
    about: dict[str, str]
    replaces: str | None
    steps: list[StepOut]


class EditionPage(BaseModel):
    """A page of editions in the order they were drafted, and the link to the next."""

    items: list[EditionOut]
    next: str | None


class DraftIn(BaseModel):
    """A dossier that was kept becomes an edition of this name, perhaps a revision of another."""

    model_config = ConfigDict(extra="forbid")
    id: str = Field(pattern="^[a-z0-9][a-z0-9._-]{0,79}$")
    dossier: Digest
    reason: str = Field(min_length=1, max_length=2000)
    replaces: str | None = Field(default=None, max_length=120)


class StepIn(BaseModel):
    """Why a step is taken; ``after`` names the last one that was seen: refused if it is not."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=2000)
    after: int | None = Field(default=None, ge=1)
    dossier: Digest | None = Field(default=None, description="Of a submission: another dossier.")
    override: str | None = Field(default=None, min_length=1, max_length=2000)


@router.get("")
def list_editions(
    at: GepReader,
    cursor: Cursor = 0,
    limit: Limit = 50,
) -> EditionPage:
    """List the editions of a book, the oldest first. Any role of GEP."""
    with at.store.reading() as connection:
        found = editions.listed(connection, at.book, after=cursor, limit=limit + 1)
        items = [_out(connection, at, each) for each in found[:limit]]
    last = items[-1].steps[0].seq if items else 0
    return EditionPage(
        items=items, next=link("accounts", at, last, limit) if len(found) > limit else None
    )


@router.post("", status_code=201)
def draft(asked: DraftIn, at: GepReader, response: Response) -> EditionOut:
    """Make a run's dossier the draft of an edition (200 replayed). Needs ``gep.compiler``."""
    by = editions.who(at.book, at.principal.user_id, at.principal)
    taken = editions.draft(
        at.store, at.book, by, asked.id, asked.dossier, asked.reason, replaces=asked.replaces
    )
    response.status_code = 200 if taken.replayed else 201
    return _told(at, taken.edition)


@router.get("/{id}")
def get_edition(id: Name, at: GepReader) -> EditionOut:
    """Return an edition with all its steps. Any role of GEP."""
    with at.store.reading() as connection:
        return _out(connection, at, editions.find(connection, at.book, id))


@router.post("/{id}/{action}")
def take_step(id: Name, action: Action, asked: StepIn, at: GepReader) -> EditionOut:
    """Take a step: three different people compile, review and publish; each once is enough.

    ``submit`` needs ``gep.compiler``, ``review`` ``gep.reviewer``, ``approve`` and ``publish``
    ``gep.publisher``; ``return`` leads back to draft, by whoever has it before them. Publishing a
    revision supersedes what it replaces; 409 where somebody was faster.
    """
    by = editions.who(at.book, at.principal.user_id, at.principal)
    taken = editions.step(
        at.store, at.book, by, id, action, asked.reason,
        dossier=asked.dossier, override=asked.override, after=asked.after,
    )  # fmt: skip
    return _told(at, taken.edition)


@router.get("/{id}/account")
def get_account(id: Name, at: GepReader) -> dict[str, Any]:
    """Return the account of an edition as its dossier has it. Any role of GEP."""
    account: dict[str, Any] = json.loads(_files(at, id)[dossier.ACCOUNT_FILE])
    return account


@router.get("/{id}/statements")
def get_statements(id: Name, at: GepReader) -> dict[str, Any]:
    """Return the statements of an edition's account, by name. Any role of GEP."""
    return written(cases.statements(_files(at, id)))


@router.get("/{id}/statements/{name}")
def get_statement(
    id: Name,
    name: Annotated[str, Path(max_length=120)],
    at: GepReader,
    form: Annotated[str, Query(alias="format", pattern="^(json|csv|pdf|xlsx)$")] = "json",
    locale: Annotated[str, Query(pattern="^(zh-CN|en)$")] = "zh-CN",
) -> Response:
    """Write one statement of an edition's account. Any role of GEP."""
    found = cases.statements(_files(at, id))
    if name not in found:
        raise UnknownAccountStatement
    out = io.BytesIO()
    FORMATS[form](found[name], out, locale)
    return Response(out.getvalue(), media_type=MEDIA[form])


@router.get("/{id}/explain")
def explain(
    id: Name,
    at: GepReader,
    cell: Annotated[str, Query(max_length=400, description="REGION/TYPE/SERVICE/YEAR")],
) -> dict[str, Any]:
    """Explain a figure: its formula with its numbers, readings, parameters. Any role of GEP."""
    return cases.explained(_files(at, id), cell)


@router.get("/{id}/difference")
def get_difference(id: Name, at: GepReader) -> dict[str, Any]:
    """Return what a revision changed, line by line: data, method, parameter or boundary.

    Any role of GEP.
    """
    with at.store.reading() as connection:
        found = editions.find(connection, at.book, id)
        if found.replaces is None:
            raise NotARevision
        old = editions.find(connection, at.book, found.replaces)
        before, after = (editions.files(connection, at.book, x.digest) for x in (old, found))
    return {"replaces": old.id, "digest": old.digest, **written(cases.difference(before, after))}


@router.get("/{id}/dossier", response_class=Response)
def download_dossier(id: Name, at: GepReader) -> Response:
    """Return the dossier of an edition as a ZIP archive. Any role of GEP."""
    with at.store.reading() as connection:
        found = editions.find(connection, at.book, id)
        kept = archives.find(connection, at.book, editions.DOSSIER, found.digest)
    named = f'attachment; filename="{id}.zip"'
    return Response(kept.content, media_type=ZIP, headers={"Content-Disposition": named})


@router.get("/{id}/verification")
def verify(id: Name, at: GepReader, request: Request) -> dict[str, Any]:
    """Recompute every figure of an edition from its dossier alone. Any role of GEP."""
    found = cases.verify(_files(at, id))
    findings = problems.told(found.findings, problems.locale_of(request))
    return {
        "digest": found.digest,
        "figures": found.figures,
        "reports": found.reports,
        "findings": findings,
    }


def _files(at: Visitor, id: str) -> dict[str, bytes]:
    with at.store.reading() as connection:
        found = editions.find(connection, at.book, id)
        return editions.files(connection, at.book, found.digest)


def _told(at: Visitor, found: Edition) -> EditionOut:
    with at.store.reading() as connection:
        return _out(connection, at, found)


def _out(connection: Connection, at: Visitor, found: Edition) -> EditionOut:
    names = session.names(connection)
    return EditionOut(
        id=found.id, book=at.book.code, state=found.state, digest=found.digest,
        about=dict(found.about), replaces=found.replaces,
        steps=[_step(each, names) for each in found.steps],
    )  # fmt: skip


def _step(of: Step, names: dict[UUID, str]) -> StepOut:
    return StepOut(
        step=of.number, action=of.action, state=of.state, role=of.role, person=of.person,
        name=names.get(of.person) if of.person else None, reason=of.reason, digest=of.digest,
        override=of.override, by=of.by, seq=of.seq,
        at=None if of.booked_at_us is None else instant(of.booked_at_us),
    )  # fmt: skip
