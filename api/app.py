"""The application: REST under /v1, the console at /, and what an operator watches."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from api import problems
from api.console import page
from api.resources import accounts, gep, statements, transactions
from ledger.core.errors import DomainError
from ledger.store import Store
from ledger.store.postgresql import may_rewrite_the_log

RESOURCES = (accounts.router, transactions.router, statements.router, gep.router)
HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
)


def create_app(store: Store, *, local: bool = False) -> FastAPI:
    """Build the application on a store; ``local`` says that it listens to this machine only."""
    app = FastAPI(
        title="GEP Ledger", version="0.1.0", docs_url=None, redoc_url=None,
        description="Every route but the health checks and the console needs an API key.",
    )  # fmt: skip
    app.state.store, app.state.local, app.state.sessions = store, local, {}
    problems.install(app)
    _watch(app, store)
    for router in RESOURCES:
        app.include_router(router)
    app.include_router(page.router)
    return app


def _watch(app: FastAPI, store: Store) -> None:
    registry = CollectorRegistry()
    requests = Counter("gep_requests", "Requests answered", ("method", "status"), registry=registry)

    @app.middleware("http")
    async def guard(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        requests.labels(request.method, response.status_code).inc()
        for name, value in HEADERS:
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.get("/healthz", tags=["operation"])
    def healthz() -> dict[str, str]:
        """Say that the process answers. Open to anybody."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["operation"])
    def readyz() -> JSONResponse:
        """Say whether the database is migrated and its log closed to change. Open to anybody."""
        wrong = _not_ready(store)
        return JSONResponse({"status": wrong or "ready"}, 503 if wrong else 200)

    @app.get("/metrics", tags=["operation"])
    def metrics() -> Response:
        """Count requests for Prometheus; no books are in it. Open to anybody."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/problems/{code}", tags=["operation"])
    def explain(code: str, request: Request) -> dict[str, str]:
        """Explain the code of a refusal. Open to anybody."""
        return problems.explained(code, problems.locale_of(request))


def _not_ready(store: Store) -> str:
    try:
        with store.reading() as connection:
            if store.engine.dialect.name == "postgresql" and may_rewrite_the_log(connection):
                return "the runtime role may rewrite the log"
    except DomainError as error:
        return error.title
    except SQLAlchemyError:
        return "the database does not answer"
    return ""
