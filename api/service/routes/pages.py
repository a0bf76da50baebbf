"""Pages for a browser: the map, the interface described, and what stands for them where they are not built."""

import html
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from parkrisk.api.service.routes.answers import json_answer

#: Where ``make web`` puts the pages.
DIST = Path(__file__).parents[2] / "web" / "dist"

router = APIRouter(include_in_schema=False)

#: Names of what is built hold a digest of its content.
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"

_SHELL = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title></head><body><main>{body}</main></body></html>
"""
_NOT_BUILT = """<h1>parkrisk</h1>
<p lang="zh">服务正在运行；地图页面尚未构建。在源码目录运行 <code>make web</code>（需要 Node）后重新打开此页。</p>
<p lang="en">The service runs; the map page is not built. Run <code>make web</code> in the source folder (it needs
Node), then open this page again.</p>
<p><a href="/docs">接口说明 API</a> · <a href="/openapi.json">OpenAPI</a> · <a href="/v1/health">/v1/health</a></p>"""


@router.get("/")
async def map_page(request: Request) -> Response:
    """The map page; when it is not built, a plain page that says how."""
    return await _file(request, "index.html", _ASK_AGAIN) or _page("parkrisk", _NOT_BUILT)


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The interface to try out; when it is not built, a list of its operations."""
    return await _file(request, "docs/index.html", _ASK_AGAIN) or _page("parkrisk API", _listed(request.app.openapi()))


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The OpenAPI document."""
    return json_answer(request.app.openapi(), headers={"Cache-Control": _ASK_AGAIN})


@router.get("/assets/{name:path}")
async def asset(request: Request, name: str) -> Response:
    """What the pages are made of."""
    return await _found(request, f"assets/{name}", _FOR_EVER)


@router.get("/{name}")
async def icon(request: Request, name: str) -> Response:
    """A file that stands beside the map page."""
    return await _found(request, name, _ASK_AGAIN)


async def _found(request: Request, name: str, kept: str) -> Response:
    answer = await _file(request, name, kept)
    if answer is None:
        raise HTTPException(404)
    return answer


async def _file(request: Request, name: str, kept: str) -> Response | None:
    """Return a built file; None: there is none of that name, or nothing is built."""
    try:
        answer = await StaticFiles(directory=DIST, check_dir=False).get_response(name, request.scope)
    except (HTTPException, ValueError):
        return None
    answer.headers["Cache-Control"] = kept
    return answer


def _page(title: str, body: str) -> Response:
    return HTMLResponse(_SHELL.format(title=title, body=body), headers={"Cache-Control": _ASK_AGAIN})


def _listed(document: dict[str, Any]) -> str:
    rows = [
        f"<tr><td><code>{method.upper()}</code></td><td><code>{html.escape(path)}</code></td>"
        f"<td>{html.escape(operation.get('summary', ''))}</td></tr>"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    about = "".join(f"<p>{html.escape(part)}</p>" for part in document["info"]["description"].split("\n\n"))
    head = "<tr><th scope='col'>方法 Method</th><th scope='col'>路径 Path</th><th scope='col'>内容 What</th></tr>"
    version = html.escape(document["info"]["version"])
    return (
        f'<h1>parkrisk API {version}</h1>{about}<p><a href="/openapi.json">OpenAPI</a></p>'
        f"<table>{head}{''.join(rows)}</table>"
    )
