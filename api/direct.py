"""The one route under load, reached without what only the other routes need."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

Handler = Callable[[Request], Awaitable[Response]]


class Direct:
    """Gives what is posted to one path to its handler, and everything else to the application.

    Refusals are answered by the same handlers, of the same application; what nobody foresees goes
    up as from any other route.
    """

    def __init__(self, app: ASGIApp, path: str, handler: Handler) -> None:
        self.app, self.handler = app, handler
        self.path, _, _ = compile_path(path)
        self.answering: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        posting = scope["type"] == "http" and scope["method"] == "POST"
        found = self.path.match(scope["path"]) if posting else None
        if found is None:
            await self.app(scope, receive, send)
            return
        scope["path_params"] = found.groupdict()
        if self.answering is None:
            handlers: dict[Any, ExceptionHandler] = dict(scope["app"].exception_handlers)
            self.answering = ExceptionMiddleware(self._answer, handlers)
        await self.answering(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self.handler(Request(scope, receive, send))
        await response(scope, receive, send)
