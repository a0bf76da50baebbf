"""How large a request may be."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parkrisk.api.errors import problem_response

#: Largest request body: a park of ten thousand units with its people is about half of this. [bytes]
LARGEST_BODY = 32 * 1024 * 1024


class _TooLarge(Exception):
    """The body grew past the limit while it was read."""


class LimitBody:
    """Middleware that refuses a body larger than ``LARGEST_BODY``, whether or not its length was declared."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        received = 0
        started = False

        async def counted_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST_BODY:
                raise _TooLarge
            return message

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, counted_receive, watched_send)
        except _TooLarge:
            if not started:
                response = problem_response(
                    413,
                    "http.too_large",
                    f"请求体不得超过 {LARGEST_BODY // 2**20} MiB",
                    f"the body may not exceed {LARGEST_BODY // 2**20} MiB",
                )
                await response(scope, receive, send)
