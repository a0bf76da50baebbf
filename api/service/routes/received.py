"""A park or a project as a caller sends it: a JSON document, the name of an example, or a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from parkrisk.api import examples
from parkrisk.api.service import uploads
from parkrisk.api.service.refusals import NotFound, NotJson, UnsupportedMedia
from parkrisk.api.service.routes.answers import sha256
from parkrisk.api.service.routes.json_bodies import parsed_body
from parkrisk.api.service.service import Service
from parkrisk.models.errors import InputProblems, Problem

__all__ = ["Checked", "Sent", "SentDep", "body_of", "checked", "document_of"]

_JSON, _MULTIPART = "application/json", "multipart/form-data"
_EXAMPLE = "example"


@dataclass(frozen=True)
class Sent:
    """The body of a request: JSON, or a file with its name and the length that it declares."""

    content: bytes
    name: str = ""
    is_file: bool = False
    declared: int | None = None

    @property
    def digest(self) -> str:
        """Digest of what was sent."""
        return sha256(self.name.encode("utf-8", "backslashreplace"), self.content)


async def sent(request: Request) -> Sent:
    """Take the body; nothing of it is understood here."""
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type == _MULTIPART:
        async with request.form(max_files=1, max_fields=0) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise HTTPException(400, "the form needs one file in its field 'file'")
            length = file.headers.get("content-length", "")
            declared = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None
            return Sent(await file.read(), file.filename or "", True, declared)
    if media_type != _JSON and not media_type.endswith("+json"):
        raise UnsupportedMedia(f"请求体应为 {_JSON} 或 {_MULTIPART}", f"the body should be {_JSON} or {_MULTIPART}")
    return Sent(await request.body())


SentDep = Annotated[Sent, Depends(sent)]


def document_of(content: bytes) -> dict[str, Any]:
    """Parse a JSON object."""
    document = parsed_body(content)
    if not isinstance(document, dict):
        raise NotJson
    return document


def _example(name: object, kind: str) -> dict[str, Any]:
    from parkrisk.scenarios.reading.sources import document

    folders = examples.parks() if kind == "park" else examples.projects()
    if not isinstance(name, str) or name not in folders:
        names = ", ".join(folders)
        raise NotFound(f"示例，现有：{names}", f"example; there are {names}")
    return document(folders[name], kind)


def _arguments(found: Sent, kind: str) -> tuple[dict[str, Any], str]:
    """Arguments of the check, and what the source is called."""
    if found.is_file:
        upload = uploads.accepted(found.name, found.content, kind, found.declared)
        return {"upload": upload.content, "name": upload.name, "kind": kind}, upload.name
    document = document_of(found.content)
    if document.keys() == {_EXAMPLE}:
        return {"document": _example(document[_EXAMPLE], kind), "kind": kind}, f"{_EXAMPLE}: {document[_EXAMPLE]}"
    return {"document": document, "kind": kind}, ""


@dataclass(frozen=True)
class Checked:
    """An input that was read: its document and what there is to say of it.

    ``digest``, ``name``, ``rulebook``, ``units`` and ``map`` are empty where it has errors.
    """

    document: Mapping[str, Any]
    problems: tuple[Problem, ...]
    digest: str
    name: str
    rulebook: str
    units: int
    map: bytes
    source_name: str
    source_sha256: str

    def accepted(self) -> "Checked":
        """Return the same; refuse it with every problem if one is an error."""
        if any(problem.severity == "error" for problem in self.problems):
            raise InputProblems(self.problems)
        return self

    def listed(self) -> list[dict[str, Any]]:
        """Problems as the answers have them."""
        return [dict(vars(problem)) for problem in self.problems]


def checked(service: Service, found: Sent, kind: str) -> Checked:
    """Read and check what was sent, in a process of its own.

    Parameters
    ----------
    service : Service
    found : Sent
    kind : "park" or "project"

    Raises
    ------
    InputProblems
        If the file cannot be read at all; problems of its content are in the answer.
    """
    arguments, name = _arguments(found, kind)
    with service.places.one():
        outcome = service.engines.run("check", arguments, seconds=service.settings.wait_seconds)
    content = outcome.content
    return Checked(
        document=content["document"],
        problems=tuple(Problem(**each) for each in content["problems"]),
        digest=content["digest"],
        name=content["name"],
        rulebook=content["rulebook"],
        units=content["units"],
        map=outcome.files.get("map.json", b""),
        source_name=name,
        source_sha256=sha256(found.content),
    )


def body_of(kind: str, *, faulty: bool = False) -> dict[str, Any]:
    """Describe the body for the OpenAPI document; ``faulty``: whatever it holds is answered."""
    example = "zhoushan" if kind == "park" else "zhoushan/ammonia-store"
    document: dict[str, Any] = {
        "type": "object",
        "required": [kind],
        "description": f"`{kind}` holds what {kind}.toml holds; every other key is a table as an array of rows. "
        f"The whole form: `GET /v1/schema/{kind}`.",
        "properties": {kind: {"type": "object"}},
    }
    if faulty:
        document = {name: document[name] for name in ("type", "description")}
    named = {
        "type": "object",
        "required": [_EXAMPLE],
        "additionalProperties": False,
        "properties": {_EXAMPLE: {"type": "string", "examples": [example]}},
    }
    file = {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {
                "type": "string",
                "format": "binary",
                "description": "Workbook (.xlsx), GeoPackage (.gpkg) or folder (.zip).",
            }
        },
    }
    return {
        "requestBody": {
            "required": True,
            "content": {
                _JSON: {"schema": {"anyOf": [named, document]}, "example": {_EXAMPLE: example}},
                _MULTIPART: {"schema": file},
            },
        }
    }
