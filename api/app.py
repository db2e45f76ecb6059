"""The application: REST under /v1, the console at /, and what an operator watches."""

from functools import cache

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.caller import Visitors
from api.console import editions, page
from api.console import gep as gep_pages
from api.console.shelf import Shelf
from api.direct import Direct
from api.parameters import only_known
from api.resources import (
    accounts,
    checkpoints,
    foreign_digests,
    gep,
    gep_accounts,
    gep_cases,
    gep_packs,
    holdings,
    holds,
    issuances,
    market_events,
    orders,
    parties,
    periods,
    quotes,
    statements,
    surrenders,
    trades,
    transactions,
    transits,
)
from ledger.core.errors import DomainError
from ledger.market.watch import Watch
from ledger.store import Store
from ledger.store.postgresql import may_rewrite_the_log

RESOURCES = tuple(
    each.router
    for each in (
        accounts, transactions, holds, periods, statements, checkpoints, parties, gep,
        gep_cases, gep_accounts, gep_packs, foreign_digests, transits, issuances, surrenders,
        holdings, orders, trades, quotes, market_events,
    )
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        b"img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"cache-control", b"no-store"),
)


class Guard:
    """Around every answer: it is counted, and says what a browser may do with it."""

    def __init__(self, app: ASGIApp, requests: Counter) -> None:
        self.app = app
        self.counted = cache(requests.labels)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                method = scope["method"] if scope["method"] in METHODS else "other"
                self.counted(method, message["status"]).inc()
                stated = list(message["headers"])
                names = {name for name, _ in stated}
                stated.extend([each for each in HEADERS if each[0] not in names])
                message["headers"] = stated
            await send(message)

        try:
            await self.app(scope, receive, guarded)
        except Exception:
            if not started:
                answer = problems.unforeseen(Request(scope))
                await answer(scope, receive, guarded)
            raise  # into the server's log


def create_app(store: Store, *, local: bool = False) -> FastAPI:
    """Build the application on a store; ``local`` says that it listens to this machine only."""
    app = FastAPI(
        title="GEP Ledger", version="0.1.0", docs_url=None, redoc_url=None,
        description="Every route but the health checks and the console needs an API key.",
        telemetry={"tracing": False, "metrics": False, "logs": False},
        dependencies=[Depends(only_known)],
    )  # fmt: skip
    app.state.store, app.state.local, app.state.sessions = store, local, {}
    app.state.queues, app.state.visitors, app.state.shelf = {}, Visitors(store), Shelf()
    app.state.watch = Watch()
    problems.install(app)
    app.add_middleware(Direct, path=transactions.PATH, handler=transactions.post)
    _watch(app, store)
    for router in RESOURCES:
        app.include_router(router)
    for pages in (page.router, gep_pages.router, editions.router):
        app.include_router(pages)
    return app


def _watch(app: FastAPI, store: Store) -> None:
    registry = CollectorRegistry()
    requests = Counter("gep_requests", "Requests answered", ("method", "status"), registry=registry)

    app.add_middleware(Guard, requests=requests)

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
