"""The OpenAPI document: what the routes say of themselves, and that every error is a problem (RFC 9457)."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from parkrisk.api.service.errors import PROBLEM
from parkrisk.api.service.linked import link

_ABOUT = """Requests carry `Authorization: Bearer KEY` (an API key, or a token of the identity provider), or HTTP Basic
with the key as password. Every error is `application/problem+json` with `title` in English and `title_zh` in Chinese.

请求须带 `Authorization: Bearer 密钥`（API 密钥或身份提供方的令牌），或以密钥为口令的 HTTP Basic。
所有错误均为 `application/problem+json`，`title` 为英文，`title_zh` 为中文。"""

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "title_zh", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:parkrisk:problem:http.not_found"]},
        "title": {"type": "string", "description": "What is wrong, in English."},
        "title_zh": {"type": "string", "description": "What is wrong, in Chinese. 错误说明"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "description": "Stable name of the kind of error.", "examples": ["http.not_found"]},
        "request_id": {"type": "string", "description": "As in the log of the service."},
        "problems": {
            "type": "array",
            "description": "Every fault of an input: table, row, column, what was found and what would be right.",
            "items": {"type": "object"},
        },
        "errors": {
            "type": "array",
            "description": "Where the form of a request is wrong.",
            "items": {
                "type": "object",
                "properties": {"where": {"type": "string"}, "what": {"type": "string"}},
                "required": ["where", "what"],
            },
        },
    },
}
_METHODS = ("get", "post", "put", "patch", "delete")


def describe(app: FastAPI) -> None:
    """Have the application describe itself so."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=app.title, version=app.version, summary=app.summary, description=_ABOUT, routes=app.routes
    )
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {"Problem": {"description": "What went wrong. 错误", "content": content}}
    for path in found["paths"].values():
        for method in _METHODS:
            if method in path:
                responses = path[method]["responses"]
                if "HTTPValidationError" in str(responses.get("422")):
                    del responses["422"]
                responses |= {status: {"$ref": "#/components/responses/Problem"} for status in ("4XX", "5XX")}
    link(found)
    return found
