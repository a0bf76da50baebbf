"""HEAD and OPTIONS, and which methods a path has: what HTTP asks of every resource."""

import re
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Methods:
    """Middleware: HEAD is answered as GET without its body; OPTIONS, and 405, tell what is allowed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["method"] == "HEAD":
            await self._head(scope, receive, send)
        elif scope["method"] == "OPTIONS" and (allowed := _allowed(scope)):
            await Response(status_code=204, headers={"Allow": allowed})(scope, receive, send)
        else:
            await self._other(scope, receive, send)

    async def _head(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        # A copy: the server must still know that it answers HEAD.
        as_get = {**scope, "method": "GET"}
        try:
            await self.app(as_get, receive, without_body)
        finally:
            scope["route"] = as_get.get("route")

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_allow(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 405 and (allowed := _allowed(scope)):
                kept = [(name, value) for name, value in message["headers"] if name.lower() != b"allow"]
                message = {**message, "headers": [*kept, (b"allow", allowed.encode())]}
            await send(message)

        await self.app(scope, receive, with_allow)


def _allowed(scope: Scope) -> str:
    """List the methods of a path, "" when no route has it; the framework names those of one route only."""
    paths: dict[str, dict[str, Any]] = scope["app"].openapi()["paths"]
    for wild in ("[^/]+", ".+"):
        found: set[str] = set()
        for pattern, methods in paths.items():
            if re.fullmatch(re.sub(r"\\\{.*?\\\}", lambda _: wild, re.escape(pattern)), scope["path"]):  # noqa: B023
                found |= {method.upper() for method in methods}
        if found:
            return ", ".join(sorted(found | ({"OPTIONS", "HEAD"} if "GET" in found else {"OPTIONS"})))
    return ""
