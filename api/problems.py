"""Refusals over HTTP, as RFC 9457 has them: one status per kind, a stable code, typed facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from api import i18n
from api.auth import UnknownKey
from ledger.core.errors import (
    Conflict,
    DomainError,
    Finding,
    Forbidden,
    InputRefused,
    NotFound,
    RuleBroken,
    every_error,
)

STATUS: Mapping[type[DomainError], int] = {
    UnknownKey: 401,
    NotFound: 404,
    Conflict: 409,
    Forbidden: 403,
    RuleBroken: 422,
}
INTERNAL = 500
FINDINGS_MAX = 100
MEDIA_TYPE = "application/problem+json"
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    status: {"description": kind.__doc__, "content": {MEDIA_TYPE: {}}}
    for kind, status in STATUS.items()
}


def status_of(error: DomainError) -> int:
    """Return the HTTP status of a refusal by its kind."""
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def problem(error: DomainError, locale: str) -> dict[str, Any]:
    """Write a refusal as a problem object."""
    facts = {name: value for name, value in error.facts().items() if name != "findings"}
    found = error.findings[:FINDINGS_MAX] if isinstance(error, InputRefused) else ()
    return {
        "type": f"/problems/{error.code}",
        "title": i18n.title(error.code, error.title, locale),
        "status": status_of(error),
        "code": error.code,
        **{name: _plain(value) for name, value in facts.items() if name not in RESERVED},
        **({"findings": [finding(each) for each in found]} if found else {}),
    }


def finding(found: Finding) -> dict[str, Any]:
    """Write a finding: what is wrong, and in which file, row and field."""
    facts = {name: _plain(value) for name, value in found.facts.items()}
    return {"code": found.code, "title": found.title, "file": found.file, "row": found.row,
            "field": found.field, "facts": facts}  # fmt: skip


RESERVED = frozenset({"type", "title", "status", "code", "instance"})


def install(app: FastAPI) -> None:
    """Answer every refusal with a problem object."""

    @app.exception_handler(DomainError)
    def refused(request: Request, error: DomainError) -> JSONResponse:
        return _answer(request, problem(error, locale_of(request)))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"])
        return _answer(request, _general("http.invalid", first["msg"], 422) | {"at": at})

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        return _answer(request, _general("http.refused", str(error.detail), error.status_code))

    @app.exception_handler(SQLAlchemyError)
    def unusable(request: Request, error: SQLAlchemyError) -> JSONResponse:
        return _answer(request, _general("http.internal", "The database did not answer", 503))


def unforeseen(request: Request) -> JSONResponse:
    """Answer what nobody foresaw, saying nothing of it: it is raised on, into the server's log."""
    return _answer(request, _general("http.internal", "Something went wrong", INTERNAL))


def explained(code: str, locale: str) -> dict[str, str]:
    """Say what a code means, or refuse one that nothing has."""
    kinds = {kind.code: kind for kind in every_error()}
    if code not in kinds:
        raise UnknownProblem(code)
    kind = kinds[code]
    return {"code": code, "title": i18n.title(code, kind.title, locale), "text": kind.__doc__ or ""}


@dataclass(eq=False)
class UnknownProblem(NotFound):
    """No refusal has this code."""

    code = "problems.unknown"
    title = "No refusal has this code"
    asked: str


def locale_of(request: Request) -> str:
    """Return the language a request asks for."""
    return i18n.preferred(request.headers.get("accept-language"))


def _general(code: str, title: str, status: int) -> dict[str, Any]:
    return {"type": f"/problems/{code}", "title": title, "status": status, "code": code}


def _answer(request: Request, said: dict[str, Any]) -> JSONResponse:
    translated = {"title": i18n.title(said["code"], said["title"], locale_of(request))}
    headers = {"WWW-Authenticate": "Bearer"} if said["status"] == STATUS[UnknownKey] else None
    return JSONResponse(
        said | translated | {"instance": request.url.path},
        said["status"], headers, media_type=MEDIA_TYPE,
    )  # fmt: skip


def _plain(value: object) -> object:
    return value if isinstance(value, int | str | None) else str(value)
