"""JSON bodies: every one that the service takes is parsed here, by the strict reader."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from parkrisk.api.service.refusals import NotJson
from parkrisk.scenarios.reading.json_text import parsed_json

__all__ = ["JsonRoute", "parsed_body"]


def parsed_body(content: bytes) -> Any:
    """Parse JSON. NaN is let through: the check says in which row and column it stands.

    Raises
    ------
    NotJson
        It is none, or holds what has no one meaning, such as a key that stands twice.
    """
    try:
        return parsed_json(content, nan=True)
    except ValueError:
        raise NotJson from None


class _StrictRequest(Request):
    """A request whose JSON the strict reader parses; a large one does not hold up the others meanwhile."""

    _parsed: Any

    async def json(self) -> Any:
        if not hasattr(self, "_parsed"):
            self._parsed = await run_in_threadpool(parsed_body, await self.body())
        return self._parsed


class JsonRoute(APIRoute):
    """The class of every route with a JSON body: the framework alone would take the last of two equal keys."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give the request its reader."""
        handler = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handler(_StrictRequest(request.scope, request.receive))
            except HTTPException as error:  # what the framework makes of whatever goes wrong with a body
                if isinstance(error.__cause__, NotJson):
                    raise error.__cause__ from None
                raise

        return handled
