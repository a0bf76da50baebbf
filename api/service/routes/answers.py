"""What every route answers with: JSON without NaN, pages, validators (ETag), answers kept under an idempotency key."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Header, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from parkrisk.api.service.identity.caller import Caller
from parkrisk.api.service.refusals import PreconditionFailed, Refusal
from parkrisk.api.service.store import idempotency
from parkrisk.api.service.store.database import Store

JSON = "application/json"
GEOJSON = "application/geo+json"


class BadQuery(Refusal):
    """A parameter of the address cannot be used."""

    code = "http.bad_parameter"


class KeyUsedOtherwise(Refusal):
    """The idempotency key belongs to another request."""

    code = "http.idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("该 Idempotency-Key 已用于另一请求", "this Idempotency-Key was used with another request")


class StillAnswering(Refusal):
    """The first request with the idempotency key has no answer yet."""

    code = "http.idempotency_key_in_progress"

    def __init__(self) -> None:
        super().__init__(
            "使用该 Idempotency-Key 的请求仍在处理", "the request with this Idempotency-Key is not done yet"
        )


def json_bytes(content: Any) -> bytes:
    """JSON as UTF-8, NaN refused."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def canonical(content: Any) -> bytes:
    """JSON with sorted keys: the same content is the same bytes."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def sha256(*parts: bytes) -> str:
    """SHA-256 of parts that follow each other, each with its length before it."""
    state = hashlib.sha256()
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON."""
    return Response(json_bytes(content), status, headers=dict(headers or {}), media_type=JSON)


def spliced(content: bytes, **fields: Any) -> bytes:
    """Put fields before those of a JSON object without reading it."""
    first = json_bytes(fields)[:-1]
    rest = content.lstrip()[1:].lstrip()
    return first + (b"" if rest.startswith(b"}") else b",") + rest


# ---- validators -----------------------------------------------------------------------------------------------------


def etag(*parts: str) -> str:
    """Strong validator of what is made of these parts alone."""
    return f'"{sha256(*(part.encode() for part in parts))[:32]}"'


def _names(header: str, tag: str) -> bool:
    """Whether a list of validators names this one, by weak comparison."""
    return header.strip() == "*" or tag in re.findall(r'(?:W/)?("[^"]*")', header)


def tagged(
    request: Request, tag: str, make: Callable[[], bytes], media_type: str, *, name: str = "", inline: bool = True
) -> Response:
    """Answer with content that has a validator; 304 without making it where the caller has it.

    Parameters
    ----------
    request : Request
    tag : str
        See `etag`.
    make : callable
        Gives the content.
    media_type : str
    name : str
        File name to save under.
    inline : bool
        Whether a browser shows it, rather than saving it.
    """
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if _names(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    if name:
        headers["Content-Disposition"] = (
            f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}"
        )
    return Response(make(), headers=headers, media_type=media_type)


def tagged_json(request: Request, content: Any, tag: str | None = None) -> Response:
    """JSON with its validator, by default that of the content itself."""
    body = json_bytes(content)
    return tagged(request, tag or f'"{sha256(body)[:32]}"', lambda: body, JSON)


def check_match(request: Request, tag: str) -> None:
    """Refuse a change that was meant for another state (If-Match)."""
    wanted = request.headers.get("if-match")
    if wanted is not None and not _names(wanted, tag):
        raise PreconditionFailed


# ---- pages ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for: ``limit`` items behind the position ``after`` (empty: from the start)."""

    limit: int
    after: tuple[str | int, ...]


def page(
    limit: Annotated[int, Query(ge=1, le=1000, description="Items at most.")] = 100,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")] = None,
) -> Page:
    """Read the parameters of a page."""
    if cursor is None:
        return Page(limit, ())
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        position = None
    if not (isinstance(position, list) and position and all(type(part) in (str, int) for part in position)):
        raise BadQuery("cursor 不是本服务给出的", "the cursor was not given by this service")
    return Page(limit, tuple(position))


PageDep = Annotated[Page, Depends(page)]


def cursor_of(position: Sequence[str | int]) -> str:
    """Text that stands for a position in a list."""
    return base64.urlsafe_b64encode(canonical(list(position))).rstrip(b"=").decode()


def page_answer(request: Request, items: Sequence[Any], following: Sequence[str | int] | None, **more: Any) -> Response:
    """Answer with a page; ``following`` is the position of its last item where there are more behind it."""
    cursor = None if following is None else cursor_of(following)
    headers = {}
    if cursor is not None:
        headers["Link"] = f'<{request.url.include_query_params(cursor=cursor)}>; rel="next"'
    return json_answer({"items": list(items), "next": cursor, **more}, headers=headers)


# ---- Prefer (RFC 7240) ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prefer:
    """How a caller wants to wait: ``job``: not at all; ``wait``: up to so many seconds."""

    job: bool = False
    wait: float | None = None


def prefer(prefer: Annotated[str | None, Header(description="`respond-async`, `wait=SECONDS`")] = None) -> Prefer:
    """Read the header; what is not understood is passed over, as the RFC asks."""
    parts = [part.strip().lower() for part in re.split("[,;]", prefer or "")]
    waits = [int(part[5:]) for part in parts if re.fullmatch(r"wait=\d{1,6}", part)]
    return Prefer("respond-async" in parts, float(waits[0]) if waits else None)


PreferDep = Annotated[Prefer, Depends(prefer)]


# ---- idempotency keys -----------------------------------------------------------------------------------------------

KeyDep = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key with the same request gives the same answer, however often it is sent.",
    ),
]


@dataclass(frozen=True)
class Once:
    """One request under an idempotency key, or under none.

    ``earlier`` is the answer that the key already has; it is to be returned as it is.
    Otherwise the answer goes through `keep`, in the transaction that writes what was made.
    """

    tenant: str
    route: str
    key: str | None
    earlier: Response | None = None

    def keep(self, connection: Connection, response: Response) -> Response:
        """Remember the answer under the key; gives the answer."""
        if self.key is not None:
            headers = {name: value for name, value in response.headers.items() if name != "content-length"}
            idempotency.finish(
                connection, self.tenant, self.key, self.route, response.status_code, headers, bytes(response.body)
            )
        return response


@contextmanager
def once(store: Store, caller: Caller, key: str | None, route: str, asked: str) -> Iterator[Once]:
    """Claim an idempotency key for a request; a request that fails gives it back.

    Parameters
    ----------
    store : Store
    caller : Caller
    key : str or None
        None: nothing is remembered.
    route : str
        Such as "POST /v1/parks".
    asked : str
        Digest of the request.

    Raises
    ------
    KeyUsedOtherwise, StillAnswering
    """
    if key is None:
        yield Once(caller.tenant, route, None)
        return
    with store.begin() as connection:
        kept = idempotency.claim(connection, caller.tenant, key, route, asked)
    if kept is not None:
        if kept.request_digest != asked:
            raise KeyUsedOtherwise
        if kept.status is None:
            raise StillAnswering
        yield Once(caller.tenant, route, key, Response(kept.content, kept.status, headers=dict(kept.headers)))
        return
    try:
        yield Once(caller.tenant, route, key)
    except BaseException:
        with store.begin() as connection:
            idempotency.release(connection, caller.tenant, key, route)
        raise
