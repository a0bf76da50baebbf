"""HTTP reference, from the OpenAPI document of the service: routes by tag, then the forms of bodies."""

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pages.marked import code, page, plain, said, table, toctree
from parkrisk.api.service.app import create_app
from parkrisk.api.service.settings import Settings

_METHODS = ("get", "post", "put", "patch", "delete")


def document() -> dict[str, Any]:
    """The OpenAPI document; making it opens no store."""
    return create_app(Settings(data_dir=Path(tempfile.gettempdir()))).openapi()


def routes(openapi: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every path with a method and what is said of it."""
    for path, methods in openapi["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield path, method.upper(), methods[method]


def _kind(schema: Mapping[str, Any]) -> str:
    """A type in few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](forms.md#{name.lower()})"
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(_kind(each) for each in schema[key]))
    if "enum" in schema:
        return ", ".join(code(value) for value in schema["enum"])
    if "const" in schema:
        return code(schema["const"])
    if schema.get("type") == "array":
        return f"array of {_kind(schema.get('items', {}))}"
    limits = [
        f"{word} {schema[key]}"
        for key, word in (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<"), ("maxLength", "length ≤"))
        if key in schema
    ]  # fmt: skip
    return plain(" ".join([str(schema.get("type", "any")), *limits]))


def _bodies(content: Mapping[str, Any]) -> str:
    return "<br>".join(f"{code(kind)}: {_kind(each.get('schema', {}))}" for kind, each in content.items())


def _route(path: str, method: str, about: Mapping[str, Any]) -> str:
    parts = [
        f"## {method} {plain(path)}",
        f"**{plain(about.get('summary', ''))}** {said(about.get('description', ''))}",
    ]
    parameters = [
        (
            code(each["name"]), plain(each["in"]) + (", **required**" if each.get("required") else ""),
            _kind(each["schema"]), code(each["schema"].get("default", "")), said(each.get("description", "")),
        )
        for each in about.get("parameters", ())
    ]  # fmt: skip
    if parameters:
        parts.append(table(("parameter", "in", "type", "default", "meaning"), parameters))
    if "requestBody" in about:
        parts.append("Body: " + _bodies(about["requestBody"]["content"]))
    answers = [
        (code(status), said(each.get("description", "see problem")), _bodies(each.get("content", {})))
        for status, each in about["responses"].items()
        if "$ref" not in each
    ]
    parts.append(table(("status", "answer", "content"), answers))
    return "\n\n".join(parts)


def _form(name: str, schema: Mapping[str, Any]) -> str:
    about = f"## {name}\n\n{said(schema.get('description', ''))}"
    if "properties" not in schema:
        return f"{about}\n\n{_kind(schema)}"
    required = schema.get("required", ())
    rows = [
        (
            code(field), "**required**" if field in required else "", _kind(each),
            code(each.get("default", "")), said(each.get("description", "")),
        )
        for field, each in schema["properties"].items()
    ]  # fmt: skip
    return f"{about}\n\n{table(('field', '', 'type', 'default', 'meaning'), rows)}"


def pages() -> dict[str, str]:
    """One page for each tag, one of forms."""
    openapi = document()
    by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]] = defaultdict(list)
    for path, method, what in routes(openapi):
        by_tag[what.get("tags", ["service"])[0]].append((path, method, what))
    made = {
        f"http/{tag.replace(' ', '-').lower()}": page(tag, *(_route(*each) for each in found))
        for tag, found in by_tag.items()
    }
    schemas = openapi["components"]["schemas"]
    made["http/forms"] = page("Forms of bodies 请求与应答格式", *(_form(*each) for each in schemas.items()))
    listed = [
        (method, f"[{plain(path)}]({tag.replace(' ', '-').lower()}.md)", plain(tag), plain(what.get("summary", "")))
        for tag, found in by_tag.items()
        for path, method, what in found
    ]
    about = "\n\n".join(map(plain, openapi["info"]["description"].split("\n\n")))
    made["http/index"] = page(
        "HTTP reference", about,
        "A walk through: [approval workflow](../../tutorials/workflow.md). Errors: [codes](../errors.md). The service itself: [service](../../service.md).",
        table(("method", "path", "tag", "does"), listed),
        toctree([*(name.removeprefix("http/") for name in made), ]),
    )  # fmt: skip
    return made
