"""How large a request may be, how often one may ask, how many may wait at once."""

import ipaddress
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parkrisk.api.service.refusals import Busy, TooManyRequests
from parkrisk.api.service.settings import Settings


class LimitBody:
    """Middleware that refuses a body larger than so many megabytes, whether or not its length was declared."""

    def __init__(self, app: ASGIApp, megabytes: float) -> None:
        self.app = app
        self.megabytes = megabytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        received = 0

        async def counted_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.megabytes * 1e6:
                # Of all exceptions, this kind alone goes through the reading of the body unchanged.
                raise HTTPException(413)
            return message

        await self.app(scope, counted_receive if scope["type"] == "http" else receive, send)


class Rates:
    """How often one key, and one address without a valid key, may ask."""

    def __init__(self, settings: Settings) -> None:
        self._windows = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._rates = {"key": parse(settings.rate_by_key), "address": parse(settings.rate_by_address)}

    def by_key(self, who: str) -> Mapping[str, str]:
        """Count a request of a caller; return the headers that tell what is left."""
        return self._count("key", who)

    def by_address(self, address: str) -> Mapping[str, str]:
        """Count a request without a valid key; an IPv6 network of 64 bits counts as one address."""
        return self._count("address", _one_caller(address))

    def _count(self, kind: str, who: str) -> Mapping[str, str]:
        rate: RateLimitItem = self._rates[kind]
        allowed = self._windows.hit(rate, kind, who)
        window = self._windows.get_window_stats(rate, kind, who)
        seconds = max(1, round(window.reset_time - time.time()))
        headers = {
            "RateLimit-Policy": f'"{kind}";q={rate.amount};w={rate.get_expiry()}',
            "RateLimit": f'"{kind}";r={window.remaining};t={seconds}',
        }
        if not allowed:
            raise TooManyRequests(seconds, headers)
        return headers


def _one_caller(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return address


class Places:
    """How many synchronous requests may wait for an engine at once."""

    def __init__(self, number: int) -> None:
        self._free = threading.BoundedSemaphore(number)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place; refuse when none is free."""
        if not self._free.acquire(blocking=False):
            raise Busy
        try:
            yield
        finally:
            self._free.release()
