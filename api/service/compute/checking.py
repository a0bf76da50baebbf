"""The task that reads and checks an input."""

import dataclasses
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.service.uploads import accepted, unpacked
from parkrisk.models.errors import Problem
from parkrisk.risk.result import plain
from parkrisk.scenarios.park import Park, build, found_problems
from parkrisk.scenarios.reading.objects import as_object
from parkrisk.scenarios.reading.raw import RawInput
from parkrisk.scenarios.reading.sources import kind_of, read_source

__all__ = ["check"]


def check(arguments: Mapping[str, Any], desk: Desk) -> Outcome:  # noqa: ARG001 (every task has a desk)
    """Read an input and list its problems: ``document``, or ``upload`` (bytes) and its ``name``; ``kind``."""
    kind = arguments.get("kind") or kind_of(arguments["document"])
    raw, problems = _uploaded(arguments, kind) if "upload" in arguments else _read(arguments["document"], kind)
    document = as_object(raw)
    content: dict[str, Any] = {"document": document, "kind": kind, "problems": plain(problems)}
    content |= {"digest": "", "name": "", "rulebook": "", "units": 0}
    if any(problem.severity == "error" for problem in problems):
        return Outcome(content)
    found = build(read_source(document, kind))
    content |= {"digest": found.digest(), "name": found.name, "units": len(found.tables["units"])}
    if isinstance(found, Park):
        content["rulebook"] = found.rulebook
    return Outcome(content)


def _read(source: Path | Mapping[str, Any], kind: str) -> tuple[RawInput, tuple[Problem, ...]]:
    raw = read_source(source, kind)
    return raw, found_problems(raw)


def _uploaded(arguments: Mapping[str, Any], kind: str) -> tuple[RawInput, tuple[Problem, ...]]:
    """Read a file that was sent; its problems name no folder of this machine."""
    upload = accepted(arguments["name"], arguments["upload"], kind)
    with tempfile.TemporaryDirectory(prefix="parkrisk-") as folder:
        raw, problems = _read(unpacked(upload, kind, Path(folder)), kind)
    return raw, tuple(_without(folder, problem) for problem in problems)


def _without(folder: str, problem: Problem) -> Problem:
    texts = {name: value for name, value in vars(problem).items() if isinstance(value, str) and folder in value}
    shown = {name: value.replace(f"{folder}/", "").replace(folder, "") for name, value in texts.items()}
    return dataclasses.replace(problem, **shown)
