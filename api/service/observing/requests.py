"""Every request has an id, a line in the log and its place in the metrics; every fault an answer that tells nothing."""

import re
import time
import uuid

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parkrisk.api.service.errors import fault_response
from parkrisk.api.service.observing.logs import about
from parkrisk.api.service.observing.metrics import Metrics

_log = structlog.stdlib.get_logger("parkrisk.access")
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


class Observed:
    """Middleware, outermost: request id, access line, metrics."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with about(request_id=_request_id(scope)):
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        start, status, method = time.perf_counter(), 0, scope["method"]

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - start
            route = _route(scope)
            self.metrics.answered(method, route, status, seconds)
            _log.info("answered", method=method, route=route, status=status, seconds=round(seconds, 4))


class Faults:
    """Middleware: a fault of the program is logged, and answered without a word about it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            _log.exception("fault while answering")
            if begun:  # the server must break off what it cannot finish
                raise
            await fault_response()(scope, receive, send)


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
    return given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex


def _route(scope: Scope) -> str:
    """Return the pattern of the route, never the path: what a caller writes there belongs to no log."""
    return getattr(scope.get("route"), "path", "none")
