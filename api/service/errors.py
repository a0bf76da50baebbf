"""Errors over HTTP: one table from kind to status, all as problem+json (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException
from starlette.responses import Response

from parkrisk.api.service.observing.logs import request_id
from parkrisk.api.service.refusals import Refusal, Unauthenticated
from parkrisk.models.errors import InputProblems, ParkRiskError

_log = structlog.stdlib.get_logger(__name__)

PROBLEM = "application/problem+json"

#: Code of a kind of error → status; a kind that is not here has the status of the kind it derives from.
STATUS_OF_CODE: Mapping[str, int] = {
    "store.bad_cursor": 422,
    "http.unauthenticated": 401,
    "http.forbidden": 403,
    "http.not_found": 404,
    "store.not_found": 404,
    "http.conflict": 409,
    "http.idempotency_key_in_progress": 409,
    "store.conflict": 409,
    "compute.cancelled": 409,
    "compute.result_changed": 409,
    "http.precondition_failed": 412,
    "http.unsupported_media": 415,
    "http.not_json": 400,
    "http.bad_parameter": 422,
    "ogc.bad_parameter": 400,
    "http.beyond_limits": 422,
    "http.idempotency_key_reused": 422,
    "store.idempotency_key_reused": 422,
    "store.unstorable_text": 422,
    "park.invalid_input": 422,
    "models.unknown_substance": 422,
    "models.missing_property": 422,
    "models.out_of_range": 422,
    "rules.invalid": 422,
    "webhook.address_refused": 422,
    "compute.too_large": 422,
    "compute.too_slow": 422,
    "http.too_many_requests": 429,
    "http.busy": 503,
    "http.not_ready": 503,
    "compute.busy": 503,
    "compute.lost": 503,
    "compute.fault": 500,
    "store.unreachable": 503,
    "parkrisk.error": 500,
}

#: HTTP status → title in Chinese and English, where the framework refuses.
_TITLES: Mapping[int, tuple[str, str]] = {
    400: ("无法读取请求体", "the body cannot be read"),
    404: ("没有此资源", "there is nothing here"),
    405: ("此资源不支持该方法", "this resource does not answer the method"),
    413: ("请求体过大", "the body is too large"),
    415: ("不支持此媒体类型", "the media type is not supported"),
}
_FAULT = ("程序内部错误，详见日志", "a fault of the program; see its log")


def _problem(status: int, code: str, message_zh: str, message_en: str, **more: Any) -> dict[str, Any]:
    return {
        "type": f"urn:parkrisk:problem:{code}",
        "title": message_en,
        "title_zh": message_zh,
        "status": status,
        "code": code,
        **more,
    }


def problem_of(error: ParkRiskError) -> dict[str, Any]:
    """Give an error as the content of a problem."""
    more = {"problems": [problem.__dict__ for problem in error.problems]} if isinstance(error, InputProblems) else {}
    return _problem(status_of(error), error.code, error.message_zh, error.message_en, **more)


def problem_response(status: int, code: str, message_zh: str, message_en: str, **more: Any) -> Response:
    """Build a problem+json answer."""
    return _answered(_problem(status, code, message_zh, message_en, **more))


def _answered(problem: Mapping[str, Any]) -> Response:
    status = problem["status"]
    # What was found in the input may hold half a surrogate pair, which UTF-8 cannot.
    text = json.dumps({**problem, "request_id": request_id()}, ensure_ascii=False, allow_nan=False)
    headers = {"Retry-After": "2"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return Response(text.encode("utf-8", "backslashreplace"), status_code=status, media_type=PROBLEM, headers=headers)


def fault_response() -> Response:
    """Answer of a fault of the program: it tells nothing."""
    return problem_response(500, "parkrisk.fault", *_FAULT)


def status_of(error: ParkRiskError) -> int:
    """Status of an error, by its kind or the nearest it derives from."""
    # An error of an engine has the code of its kind, though this process may not know that kind.
    codes = (error.code, *(getattr(kind, "code", "") for kind in type(error).__mro__))
    return next(STATUS_OF_CODE[code] for code in codes if code in STATUS_OF_CODE)


def error_response(error: ParkRiskError) -> Response:
    """Answer of an error that parkrisk raises on purpose."""
    response = _answered(problem_of(error))
    if response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("fault while answering", exc_info=error)
    if isinstance(error, Refusal):
        response.headers.update(error.headers)
    return response


async def _park_risk_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ParkRiskError):
        raise error
    return error_response(error)


async def _invalid_request(_request: Request, error: Exception) -> Response:
    """Say where the request is wrong without repeating its values, which may not be JSON (NaN)."""
    if not isinstance(error, RequestValidationError):
        raise error
    places = [{"where": ".".join(map(str, item["loc"])), "what": item["msg"]} for item in error.errors()]
    return problem_response(
        422, "http.invalid_request", "请求格式不正确", "the request does not have the right form", errors=places
    )


async def _http_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        return error_response(Unauthenticated())
    titles = _TITLES.get(error.status_code, ("请求不能完成", "the request cannot be answered"))
    response = problem_response(error.status_code, f"http.{error.status_code}", *titles)
    response.headers.update(error.headers or {})
    return response


async def _database_error(_request: Request, error: Exception) -> Response:
    """Say that the store does not answer; only the log knows which statement it was."""
    _log.error("the database does not answer", exc_info=error)
    return problem_response(503, "store.unreachable", "数据库暂时不可用", "the database does not answer now")


def install_error_handlers(app: FastAPI) -> None:
    """Give every kind of error its answer; what is left is answered where every request is observed."""
    app.add_exception_handler(ParkRiskError, _park_risk_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    # PostgreSQL that takes no writing, such as a standby, is an InternalError.
    for kind in (OperationalError, InterfaceError, InternalError, PoolExhausted):
        app.add_exception_handler(kind, _database_error)
