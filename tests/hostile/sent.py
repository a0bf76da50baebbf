"""How a case is sent to the service, and what is to come back."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from parkrisk.scenarios.reading.toml_text import parsed_toml
from tests.hostile.case import Case
from tests.minimal_park import PROJECTS, document

#: Codes of the service where a body is no JSON, or holds what JSON has no word for.
FORM = ("http.not_json", "http.invalid_request")

#: Where a file is refused before its tables are read: it is none of the forms by its first bytes, an archive without
#: park.toml, or larger than a body may be.
PACKED = ("upload_form", "upload_no_folder", "http.413")


def _packed(folder: Path) -> bytes:
    """Folder as an archive; not compressed, so that what is refused is its content."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.writestr(path.relative_to(folder).as_posix(), path.read_bytes())
    return file.getvalue()


def _project() -> dict[str, Any]:
    from parkrisk.scenarios.reading.sources import document as read

    return read(PROJECTS / "no-evidence", "project")


def _scenario(path: Path) -> str | None:
    """Scenario as JSON; None where TOML or JSON cannot hold it, or TOML of this form would fill the memory."""
    try:
        return json.dumps(parsed_toml(path.read_text()))
    except (ValueError, RecursionError, TypeError):
        return None


def requests(case: Case, path: Path) -> Iterator[tuple[str, dict[str, Any], tuple[str, ...]]]:
    """Yield path, body and codes of every request that sends a case; none for what cannot be sent."""
    if case.local:
        return
    if case.via in ("park", "project", "upload"):
        content = _packed(path) if path.is_dir() else path.read_bytes()
        yield (
            f"/v1/{'projects' if case.via == 'project' else 'parks'}",
            {"files": {"file": (path.name, content)}},
            case.codes and (*case.codes, *PACKED),
        )
    elif case.via == "json":
        text = path.read_bytes()
        head = {"Content-Type": "application/json"}
        yield "/v1/parks", {"content": text, "headers": head}, case.codes
        more = {"gate-decisions": {"project": _project()}, "whatifs": {"scenario": {"remove": ["T-101"]}}}
        more["sitings"] = {"project": _project(), "cells": 1}
        for name, rest in more.items() if case.right is None else ():
            body = b'{"park":' + text + b"," + json.dumps(rest)[1:].encode()
            yield f"/v1/{name}", {"content": body, "headers": head}, case.codes and (*case.codes, *FORM)
    elif case.via == "scenario":
        text = _scenario(path)
        if text is not None:
            body = f'{{"park": {json.dumps(document())}, "scenario": {text}}}'
            yield (
                "/v1/whatifs",
                {"content": body, "headers": {"Content-Type": "application/json"}},
                case.codes and (*case.codes, *FORM),
            )


def wrong(case: Case, answer: httpx.Response, codes: tuple[str, ...]) -> str:
    """What is not as it should be, "" if nothing."""
    if case.right is not None:
        return "" if answer.status_code == 201 else f"{answer.status_code}: {answer.text[:300]}"
    if not 400 <= answer.status_code < 500:
        return f"{answer.status_code}: {answer.text[:300]}"
    if answer.headers["content-type"] != "application/problem+json":
        return f"is {answer.headers['content-type']}"
    content = answer.json()
    found = {content["code"], *(each["code"] for each in content.get("problems", ()))}
    if codes and not found & set(codes):
        return f"none of {codes} among {sorted(found)}"
    if "/tmp/" in answer.text or "Traceback" in answer.text:
        return f"says too much: {answer.text[:300]}"
    return "" if content["title"] and content["title_zh"] else "not worded"
