"""The task that reads and checks an input."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.map_pack import map_pack
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.service.compute.packing import as_json
from parkrisk.api.service.compute.unpacking import unpacked
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
    raw = _read(arguments)
    problems = found_problems(raw)
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


def _read(arguments: Mapping[str, Any]) -> RawInput:
    kind = arguments.get("kind") or ""
    if "upload" not in arguments:
        document = arguments["document"]
        return read_source(document, kind or kind_of(document))
    with tempfile.TemporaryDirectory() as folder:
        path = unpacked(arguments["upload"], str(arguments.get("name") or ""), Path(folder))
        return read_source(path, kind or kind_of(path))
