"""Errors over HTTP: one table from kind to status, all as problem+json (RFC 9457)."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from parkrisk.api.service.refusals import (
    BodyTooLarge,
    Busy,
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    Refusal,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMedia,
)
from parkrisk.models.errors import (
    InputProblems,
    MissingProperty,
    OutOfRange,
    ParkRiskError,
    RuleError,
    UnknownSubstance,
)

_log = logging.getLogger(__name__)

#: HTTP status → what is said in Chinese.
_TITLES_ZH: Mapping[int, str] = {
    400: "无法读取请求体",
    404: "没有此资源",
    405: "此资源不支持该方法",
    413: "请求体过大",
}

#: Most specific first; the root stands last.
STATUS_OF_ERROR: Mapping[type[ParkRiskError], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    PreconditionFailed: 412,
    BodyTooLarge: 413,
    UnsupportedMedia: 415,
    TooManyRequests: 429,
    Busy: 503,
    InputProblems: 422,
    UnknownSubstance: 422,
    MissingProperty: 422,
    OutOfRange: 422,
    RuleError: 422,
    ParkRiskError: 500,
}


def problem_response(status: int, code: str, message_zh: str, message_en: str, **more: Any) -> Response:
    """Build a problem+json answer."""
    body = {
        "type": f"urn:parkrisk:problem:{code}",
        "title": message_en,
        "title_zh": message_zh,
        "status": status,
        "code": code,
        **more,
    }
    # What was found in the input may hold half a surrogate pair, which UTF-8 cannot.
    content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")
    return Response(content, status_code=status, media_type="application/problem+json")


def _park_risk_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ParkRiskError):
        raise error
    status = next(status for kind, status in STATUS_OF_ERROR.items() if isinstance(error, kind))
    more = {"problems": [problem.__dict__ for problem in error.problems]} if isinstance(error, InputProblems) else {}
    response = problem_response(status, error.code, error.message_zh, error.message_en, **more)
    if isinstance(error, Refusal):
        response.headers.update(error.headers)
    return response


def _invalid_request(_request: Request, error: Exception) -> Response:
    """Say where the request is wrong without repeating its values, which may not be JSON (NaN)."""
    if not isinstance(error, RequestValidationError):
        raise error
    places = [{"where": ".".join(map(str, item["loc"])), "what": item["msg"]} for item in error.errors()]
    return problem_response(
        422, "http.invalid_request", "请求格式不正确", "the request does not have the right form", errors=places
    )


def _http_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    title_zh = _TITLES_ZH.get(error.status_code, "请求不能完成")
    response = problem_response(error.status_code, f"http.{error.status_code}", title_zh, str(error.detail))
    response.headers.update(error.headers or {})
    return response


def _fault(_request: Request, error: Exception) -> Response:
    _log.error("fault while answering", exc_info=error)
    return problem_response(500, "parkrisk.fault", "程序内部错误，详见日志", "a fault of the program; see its log")


def install_error_handlers(app: FastAPI) -> None:
    """Give every kind of error its answer."""
    app.add_exception_handler(ParkRiskError, _park_risk_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _fault)
