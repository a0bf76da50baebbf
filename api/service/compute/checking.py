"""The task that reads and checks an input."""

import dataclasses
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.map_pack import map_pack
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.service.compute.packing import as_json
from parkrisk.api.service.uploads import accepted, unpacked
from parkrisk.models.errors import Problem
from parkrisk.risk.result import plain
from parkrisk.scenarios.park import found_problems
from parkrisk.scenarios.reading.objects import as_object
from parkrisk.scenarios.reading.raw import RawInput
from parkrisk.scenarios.reading.sources import kind_of, read_source

__all__ = ["check"]


def check(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """Read an input and list its problems: ``document``, or ``upload`` (bytes) and its ``name``; ``kind``.

    Gives the document whatever its problems; the digest, and for a park ``map.json``, if none of them is an error.
    """
    raw, problems = _uploaded(arguments) if "upload" in arguments else _given(arguments)
    document = as_object(raw)
    content: dict[str, Any] = {"document": plain(document), "kind": raw.kind, "problems": plain(problems)}
    content |= {"digest": "", "name": "", "rulebook": "", "units": 0}
    if any(problem.severity == "error" for problem in problems):
        return Outcome(content)
    if raw.kind == "project":
        project = desk.project(document)
        content |= {"digest": project.digest(), "name": project.name, "units": len(project.tables["units"])}
        return Outcome(content)
    park = desk.park(document)
    content |= {"digest": park.digest(), "name": park.name, "units": len(park.tables["units"])}
    content["rulebook"] = park.rulebook
    return Outcome(content, {"map.json": as_json(map_pack(park))})


def _given(arguments: Mapping[str, Any]) -> tuple[RawInput, tuple[Problem, ...]]:
    document = arguments["document"]
    raw = read_source(document, arguments.get("kind") or kind_of(document))
    return raw, found_problems(raw)


def _uploaded(arguments: Mapping[str, Any]) -> tuple[RawInput, tuple[Problem, ...]]:
    """Read a file that was sent; its problems name no folder of this machine."""
    kind = arguments.get("kind") or "park"
    upload = accepted(arguments["name"], arguments["upload"], kind)
    with tempfile.TemporaryDirectory(prefix="parkrisk-") as folder:
        raw = read_source(unpacked(upload, kind, Path(folder)), kind)
        return raw, tuple(_without(folder, problem) for problem in found_problems(raw))


def _without(folder: str, problem: Problem) -> Problem:
    texts = {name: value for name, value in vars(problem).items() if isinstance(value, str) and folder in value}
    shown = {name: value.replace(f"{folder}/", "").replace(folder, "") for name, value in texts.items()}
    return dataclasses.replace(problem, **shown)  # type: ignore[arg-type]
