"""How large a request may be."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Largest request body: a park of ten thousand units with its people is about half of this. [bytes]
LARGEST_BODY = 32 * 1024 * 1024


class LimitBody:
    """Middleware that refuses a body larger than ``LARGEST_BODY``, whether or not its length was declared."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        received = 0

        async def counted_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST_BODY:
                # Of all exceptions, this kind alone goes through the reading of the body unchanged.
                raise HTTPException(413, f"the body may not exceed {LARGEST_BODY} bytes")
            return message

        await self.app(scope, counted_receive if scope["type"] == "http" else receive, send)
