"""Refusals over HTTP, as RFC 9457 has them: one status per kind, a stable code, typed facts."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from api import i18n
from api.auth import UnknownKey
from api.posting_queue import Busy
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
INTERNAL, AWAY = 500, 503
FINDINGS_MAX = 500
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
    return {
        "type": f"/problems/{error.code}",
        "title": i18n.title(error.code, error.title, locale),
        "status": status_of(error),
        "code": error.code,
        **{name: _plain(value) for name, value in facts.items() if name not in RESERVED},
        **({"findings": told(error.findings, locale)} if isinstance(error, InputRefused) else {}),
    }


RESERVED = frozenset({"type", "title", "status", "code", "instance"})


def install(app: FastAPI) -> None:
    """Answer every refusal with a problem object."""

    @app.exception_handler(DomainError)
    def refused(request: Request, error: DomainError) -> JSONResponse:
        return _answer(request, problem(error, locale_of(request)))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = [{"at": _place(each), "title": each["msg"]} for each in error.errors()]
        said = _general("http.invalid", found[0]["title"], STATUS[RuleBroken])
        return _answer(request, said | {"at": found[0]["at"], "findings": found})

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        return _answer(request, _general("http.refused", str(error.detail), error.status_code))

    @app.exception_handler(SQLAlchemyError)
    def unusable(request: Request, error: SQLAlchemyError) -> JSONResponse:
        return _answer(request, _general("http.internal", "The database did not answer", AWAY))

    @app.exception_handler(Busy)
    def busy(request: Request, error: Busy) -> JSONResponse:
        answer = _answer(request, _general("http.busy", "Too much waits: come again", AWAY))
        answer.headers["retry-after"] = "1"
        return answer


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


def told(findings: Iterable[Finding], locale: str) -> list[dict[str, Any]]:
    """Write the first findings, each with its place: file, row (header = 1) and field."""
    return [
        {**asdict(each), "title": i18n.title(each.code, each.title, locale)}
        | {"facts": {name: _plain(value) for name, value in each.facts.items()}}
        for each in islice(findings, FINDINGS_MAX)
    ]


def _place(error: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in error["loc"])


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
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, int | str | None) else str(value)
