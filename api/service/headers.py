"""Headers of every answer."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parkrisk.api.service.observing.logs import request_id

#: Nothing but what a policy names, and no frame around it.
_NOTHING: Mapping[str, str] = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
#: The map page brings all it needs from here.
_POLICY: Mapping[str, str] = {
    **_NOTHING,
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
}
#: The page of the interface sets styles on its elements, and has inline drawings and markup.
_POLICY_OF_DOCS: Mapping[str, str] = {
    **_NOTHING,
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
}
#: A drawing of a report that is opened by itself holds its own styles and images.
_POLICY_OF_ANSWERS: Mapping[str, str] = {**_NOTHING, "style-src": "'unsafe-inline'", "img-src": "data:"}

_ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=()",
}


def _policy(directives: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in directives.items())


class SecurityHeaders:
    """Middleware that gives every answer its headers; those of the route itself stay.

    A dependency adds headers of its own to ``request.state.headers``.
    """

    def __init__(self, app: ASGIApp, *, behind_tls: bool) -> None:
        self.app = app
        self._always = {**_ALWAYS, **({"Strict-Transport-Security": "max-age=31536000"} if behind_tls else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        more: dict[str, str] = {}
        scope.setdefault("state", {})["headers"] = more

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**self._of(scope["path"]), **more}.items():
                    headers.setdefault(name, value)
                if _is_answer(scope["path"]):
                    headers.add_vary_header("Authorization")
            await send(message)

        await self.app(scope, receive, with_headers)

    def _of(self, path: str) -> dict[str, str]:
        headers = {**self._always, "X-Request-ID": request_id()}
        headers["Content-Security-Policy"] = _policy(_policy_of(path))
        if _is_answer(path):
            headers["Cache-Control"] = "no-store"
        return headers


def _is_answer(path: str) -> bool:
    """Whether what stands there depends on who asks."""
    return path.startswith("/v1/") or path == "/metrics"


def _policy_of(path: str) -> Mapping[str, str]:
    if _is_answer(path):
        return _POLICY_OF_ANSWERS
    return _POLICY_OF_DOCS if path.startswith("/docs") else _POLICY
